package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

const (
	// stampSize is what a payload begins with: when it was sent, by which publisher, and in which of its places.
	stampSize = 16
	// crowdAhead is how many messages of a publisher may be on their way, at every quality: a broker that is asked for more
	// than a receiver takes would have to drop at QoS 0.
	crowdAhead = 100
)

// crowd is publishers and subscribers of a pattern.
type crowd struct {
	pattern pattern
	qos     mqtt.QoS
	size    int
	during  time.Duration
	// pace is the time between two messages of a publisher; 0 is as fast as it goes.
	pace time.Duration
}

// places are the messages of one publisher that are on their way.
type places struct {
	free chan uint32
	// missing receivers of the message in each place.
	missing [crowdAhead]atomic.Int32
}

func newPlaces() *places {
	p := &places{free: make(chan uint32, crowdAhead)}
	for i := range uint32(crowdAhead) {
		p.free <- i
	}
	return p
}

// receiver notes how long messages took, in microseconds. Only its connection's goroutine uses it.
type receiver struct {
	*benchConn
	took []float64
}

// run gives deliveries per second, and how long each took.
func (c crowd) run(ctx context.Context, url string) (perSecond float64, took []float64, err error) {
	ahead := make([]*places, c.pattern.publishers)
	for i := range ahead {
		ahead[i] = newPlaces()
	}
	receivers, err := c.listen(ctx, url, ahead)
	began := time.Now()
	if err == nil {
		err = c.publishAll(ctx, url, ahead)
	}
	seconds := time.Since(began).Seconds()
	for _, r := range receivers {
		err = errors.Join(err, r.close())
		took = append(took, r.took...)
	}
	return float64(len(took)) / seconds, took, err
}

func (c crowd) publishAll(ctx context.Context, url string, ahead []*places) error {
	errs := make([]error, len(ahead))
	var publishing sync.WaitGroup
	for i, p := range ahead {
		publishing.Go(func() { errs[i] = c.publish(ctx, url, uint32(i), p) })
	}
	publishing.Wait()
	return errors.Join(errs...)
}

// listen connects the receivers. After an error it gives those that are connected.
func (c crowd) listen(ctx context.Context, url string, ahead []*places) (receivers []*receiver, err error) {
	for i := range c.pattern.subscribers {
		filter := "bench/#"
		if c.pattern.pairs {
			filter = fmt.Sprintf("bench/%d", i)
		}
		r := &receiver{}
		r.benchConn, err = dialBench(ctx, client.Options{
			URL: url, ClientID: fmt.Sprintf("receiver-%d", i), CleanStart: true, ReceiveMaximum: 1000,
			Receive: func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
				settle(nil)
				r.note(m.Payload, ahead)
				return nil
			},
		})
		if err != nil {
			return receivers, err
		}
		receivers = append(receivers, r)
		if _, err := r.Subscribe(ctx, mqtt.Subscription{Filter: filter, QoS: c.qos}); err != nil {
			return receivers, err
		}
	}
	return receivers, nil
}

func (r *receiver) note(stamp []byte, ahead []*places) {
	sent := time.Unix(0, int64(binary.LittleEndian.Uint64(stamp)))
	r.took = append(r.took, microsSince(sent))
	from, place := binary.LittleEndian.Uint32(stamp[8:]), binary.LittleEndian.Uint32(stamp[12:])
	if p := ahead[from]; p.missing[place].Add(-1) == 0 {
		p.free <- place
	}
}

// publish returns when all of its messages have arrived.
func (c crowd) publish(ctx context.Context, url string, number uint32, p *places) (failed error) {
	conn, err := dialBench(ctx, client.Options{URL: url, ClientID: fmt.Sprintf("publisher-%d", number), CleanStart: true})
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, conn.close()) }()
	var refused atomic.Pointer[error]
	settled := func(err error) {
		if err != nil {
			refused.CompareAndSwap(nil, &err)
		}
	}
	topic := fmt.Sprintf("bench/%d", number)
	for began, n := time.Now(), 0; time.Since(began) < c.during; n++ {
		if wait := time.Until(began.Add(time.Duration(n) * c.pace)); wait > 0 {
			<-time.After(wait)
		}
		place, err := c.place(ctx, p)
		if err != nil {
			return err
		}
		m := &mqtt.Message{Topic: topic, Payload: c.stamped(number, place), QoS: c.qos}
		if err := conn.Publish(ctx, m, settled); err != nil {
			return err
		}
		if err := refused.Load(); err != nil {
			return *err
		}
	}
	for range crowdAhead {
		if _, err := c.place(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// place waits for one that is free.
func (c crowd) place(ctx context.Context, p *places) (uint32, error) {
	select {
	case place := <-p.free:
		p.missing[place].Store(int32(c.pattern.copies()))
		return place, nil
	default:
	}
	late := time.NewTimer(onlinePatience)
	defer late.Stop()
	select {
	case place := <-p.free:
		p.missing[place].Store(int32(c.pattern.copies()))
		return place, nil
	case <-late.C:
		return 0, fmt.Errorf("a message did not arrive within %s", onlinePatience)
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (c crowd) stamped(number, place uint32) []byte {
	payload := make([]byte, c.size)
	binary.LittleEndian.PutUint64(payload, uint64(time.Now().UnixNano()))
	binary.LittleEndian.PutUint32(payload[8:], number)
	binary.LittleEndian.PutUint32(payload[12:], place)
	return payload
}
