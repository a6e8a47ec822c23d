package client

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
)

// maxArrivals is how many bytes may wait for Receive: beyond, QoS 0 is dropped.
const maxArrivals = 8 << 20

// arrival is a PUBLISH, or without a message a PUBREL, that waits for Receive or Release.
type arrival struct {
	message *mqtt.Message
	id      uint16
	slot    inflight.Slot
}

func (a *arrival) size() int {
	const fixed = 64 // even an empty message needs memory
	if a.message == nil {
		return fixed
	}
	return fixed + a.message.Size()
}

// arrivals are in order between the reader, who must not wait for Receive, and the taker, who does.
type arrivals struct {
	wake chan struct{}
	room chan struct{}

	mu      sync.Mutex // guards everything that follows
	queue   []arrival
	bytes   int
	dropped uint64
}

func newArrivals() *arrivals {
	return &arrivals{wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// add puts an arrival at the end. When there is no room, QoS 0 is dropped and counted. With patient set it waits: this is
// for brokers that send far more at once than the receive maximum, or were never told one (3.1.1). Receive does not
// depend on the reader, so this ends.
func (q *arrivals) add(ctx context.Context, a arrival, patient bool) error {
	for !q.tryAdd(a, patient) {
		select {
		case <-q.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	signal(q.wake)
	return nil
}

func (q *arrivals) tryAdd(a arrival, patient bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.bytes >= maxArrivals {
		if patient {
			return false
		}
		if a.message != nil && a.message.QoS == mqtt.AtMostOnce {
			q.dropped++
			return true
		}
	}
	q.queue = append(q.queue, a)
	q.bytes += a.size()
	return true
}

func (q *arrivals) next() (arrival, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		return arrival{}, false
	}
	a := q.queue[0]
	q.queue[0] = arrival{} // the memory of the message goes with it
	q.queue = q.queue[1:]
	q.bytes -= a.size()
	signal(q.room)
	return a, true
}

// Dropped counts messages at QoS 0 that came faster than Receive took them.
func (c *Client) Dropped() uint64 {
	c.arrivals.mu.Lock()
	defer c.arrivals.mu.Unlock()
	return c.arrivals.dropped
}

// take hands arrivals to Receive and Release, in order.
func (c *Client) take(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.arrivals.wake:
		}
		for {
			a, ok := c.arrivals.next()
			if !ok || ctx.Err() != nil {
				break
			}
			if err := c.deliver(ctx, a); err != nil {
				return err
			}
		}
	}
}

func (c *Client) deliver(ctx context.Context, a arrival) error {
	if a.message == nil {
		c.options.Release(a.id, func(err error) {
			if err != nil {
				c.end(fmt.Errorf("release packet identifier %d: %w", a.id, err))
				return
			}
			a.slot.Settle(mqtt.Success)
		})
		return nil
	}
	settle := c.settle(a)
	if err := c.options.Receive(ctx, a.message, a.id, settle); err != nil {
		settle(err)
	}
	return nil
}

// settle lets the acknowledgement leave. Whoever cannot take a message now gets it again on the next connection;
// a reason code is for ever, and up to 3.1.1, which has no word for it, counts as taken.
func (c *Client) settle(a arrival) mqtt.Settle {
	return func(err error) {
		code := mqtt.Success
		if err != nil {
			if code = refusal(err); code == mqtt.Success && a.id != 0 {
				c.end(fmt.Errorf("take over a message: %w", err))
				return
			}
		}
		if a.id != 0 {
			a.slot.Settle(code)
		}
	}
}

// refusal is the code with which a message is refused for ever; Success when the error is about now only. Reasons that
// PUBACK cannot say become "implementation specific error".
func refusal(err error) mqtt.ReasonCode {
	code, ok := errors.AsType[mqtt.ReasonCode](err)
	switch {
	case !ok || !code.Failed() || code == mqtt.QuotaExceeded || code == mqtt.ServerBusy || code == mqtt.ServerUnavailable:
		return mqtt.Success
	case code == mqtt.NotAuthorized || code == mqtt.TopicNameInvalid || code == mqtt.PayloadFormatInvalid:
		return code
	default:
		return mqtt.ImplementationSpecificError
	}
}
