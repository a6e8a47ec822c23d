package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

const (
	// passedAtOnce is how many messages wait for a watcher; of more the newest are kept.
	passedAtOnce = 20
	// endWatchLimit is how long the end of a watch may take.
	endWatchLimit = 10 * time.Second
)

// messageWatch takes messages as fast as the broker has them, so that the broker never waits nor gives up.
type messageWatch struct {
	end   func()
	woken chan struct{} // capacity 1

	mu      sync.Mutex // guards what follows
	waiting []gateway.BrokerMessage
	dropped uint64
}

// Follow opens a session of its own, at QoS 0, that ends with the watch. What is retained stays in the tree.
func (m *messages) Follow(ctx context.Context, filter string) (gateway.MessageWatch, error) {
	if err := mqtt.ValidateFilter(filter); err != nil {
		return nil, gateway.FieldErrorf("filter", "%w", err)
	}
	if group, _ := mqtt.SplitShare(filter); group != "" {
		return nil, gateway.FieldErrorf("filter", "a shared subscription would take messages away from its members")
	}
	select {
	case m.places <- struct{}{}:
	default:
		return nil, gateway.Errorf(gateway.Unavailable, "%d pages follow messages already: close one", maxWatches)
	}
	return m.startWatch(ctx, filter)
}

// startWatch has a place, which is given back at the end.
func (m *messages) startWatch(ctx context.Context, filter string) (gateway.MessageWatch, error) {
	id := fmt.Sprintf("%s/%d", pageSession, m.watches.Add(1))
	session, err := m.broker.Session(ctx, id, broker.SessionOptions{Transient: true})
	if err != nil {
		<-m.places
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &messageWatch{woken: make(chan struct{}, 1)}
	var taking sync.WaitGroup
	w.end = sync.OnceFunc(func() {
		cancel()
		taking.Wait()
		ending, done := context.WithTimeout(context.WithoutCancel(ctx), endWatchLimit)
		defer done()
		_ = m.broker.RemoveSession(ending, id) // nothing of it is on disk that could fail
		<-m.places
	})
	link := session.Attach() // before the subscription, so that nothing of it comes while the session is away
	err = session.Subscribe(ctx, mqtt.Subscription{Filter: filter, RetainAsPublished: true, RetainHandling: mqtt.NoRetained})
	if err != nil {
		w.end()
		return nil, fmt.Errorf("follow %q: %w", filter, err)
	}
	taking.Go(func() { w.take(ctx, link) })
	return w, nil
}

// take ends with ctx, or when somebody ended the session.
func (w *messageWatch) take(ctx context.Context, link mqtt.Link) {
	defer link.Detach()
	for {
		d, err := link.Receive(ctx)
		if err != nil {
			return
		}
		w.put(d)
		d.Settle(nil)
	}
}

func (w *messageWatch) put(d mqtt.Delivery) {
	m := shownMessage(d.Message(), d.Retain(), gateway.MaxPassedPayload)
	m.Time = time.Now().UTC()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == passedAtOnce {
		copy(w.waiting, w.waiting[1:])
		w.waiting = w.waiting[:passedAtOnce-1]
		w.dropped++
	}
	w.waiting = append(w.waiting, m)
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// Next waits for messages.
func (w *messageWatch) Next(ctx context.Context) (gateway.PassedMessages, error) {
	select {
	case <-w.woken:
	case <-ctx.Done():
		return gateway.PassedMessages{}, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	passed := gateway.PassedMessages{Messages: w.waiting, Dropped: w.dropped}
	w.waiting, w.dropped = nil, 0
	return passed, nil
}

// Close ends the watch and its session.
func (w *messageWatch) Close() { w.end() }
