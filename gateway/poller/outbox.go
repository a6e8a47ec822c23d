package poller

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

const (
	// publishLimit is how long one message may wait for the disk.
	publishLimit = 10 * time.Second
	// finishLimit is how long the end of a poller may wait for the last messages.
	finishLimit = 2 * time.Second
	stateRetry  = 5 * time.Second
	// streamLimit is how many telegrams of one group may be on the way: they come when they like.
	streamLimit = int32(256)
	maxQueued   = int32(4096)
)

// outbox brings messages to the publisher from a goroutine of its own, so that a slow disk does not stop the polling. A
// group adds a cycle only while it has less than its limit on the way, and the queue has room for maxQueued of all groups.
//
//	take -> add (limit?) -> queue -> Publish -> settle -> room for one more cycle
type outbox struct {
	publisher mqtt.Publisher
	logger    *slog.Logger
	status    *status
	queue     chan cycle
	stopping  chan struct{}
	wake      chan struct{} // one signal: a state waits
	failing   bool          // belongs to the goroutine of run

	mu     sync.Mutex // guards states
	states map[string]*mqtt.Message
}

// cycle is the messages of one poll.
type cycle struct {
	group    *group
	messages []*mqtt.Message
}

func newOutbox(publisher mqtt.Publisher, logger *slog.Logger, s *status, groups []*group) *outbox {
	capacity := streamLimit
	for _, g := range groups {
		capacity += g.limit
	}
	return &outbox{
		publisher: publisher, logger: logger, status: s,
		queue: make(chan cycle, min(capacity, maxQueued)), stopping: make(chan struct{}), wake: make(chan struct{}, 1),
		states: map[string]*mqtt.Message{},
	}
}

// add hands a cycle over, or gives it up when the group has too much on the way.
func (o *outbox) add(g *group, messages []*mqtt.Message) {
	if g.unsettled.Load() >= g.limit {
		o.lose(g, len(messages))
		return
	}
	g.unsettled.Add(1)
	select {
	case o.queue <- cycle{g, messages}:
	default:
		g.unsettled.Add(-1)
		o.lose(g, len(messages))
	}
}

// lose counts what was given up. Points of the group that are published on change say their value again.
func (o *outbox) lose(g *group, messages int) {
	g.lost.Store(true)
	o.status.drop(messages)
}

// setState publishes the newest state of a device; an older one that waits is replaced.
func (o *outbox) setState(device string, m *mqtt.Message) {
	o.mu.Lock()
	o.states[device] = m
	o.mu.Unlock()
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run publishes until finish was called and everything is gone, or ctx ends.
func (o *outbox) run(ctx context.Context) {
	retry := time.NewTicker(stateRetry)
	defer retry.Stop()
	for {
		select {
		case c := <-o.queue:
			o.publish(ctx, c)
		case <-o.wake:
			o.publishStates(ctx)
		case <-retry.C:
			o.publishStates(ctx)
		case <-o.stopping:
			o.drain(ctx)
			return
		}
	}
}

// finish makes run end when the queue is empty. Nothing may be added any more.
func (o *outbox) finish() { close(o.stopping) }

func (o *outbox) drain(ctx context.Context) {
	for {
		select {
		case c := <-o.queue:
			o.publish(ctx, c)
		default:
			o.publishStates(ctx)
			return
		}
	}
}

func (o *outbox) publish(ctx context.Context, c cycle) {
	left := new(atomic.Int64)
	left.Store(int64(len(c.messages)))
	settle := func(err error) {
		if err != nil {
			o.lose(c.group, 1)
		}
		if left.Add(-1) == 0 {
			c.group.unsettled.Add(-1)
		}
	}
	for _, m := range c.messages {
		if err := o.send(ctx, m, settle); err != nil {
			settle(err)
		}
	}
}

func (o *outbox) send(ctx context.Context, m *mqtt.Message, settle mqtt.Settle) error {
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	err := o.publisher.Publish(ctx, m, mqtt.Origin{}, settle)
	switch {
	case err != nil && !o.failing:
		o.failing = true
		o.logger.Warn("readings cannot be published; live values go on", "error", err)
	case err == nil && o.failing:
		o.failing = false
		o.logger.Info("readings are published again")
	}
	return err
}

// publishStates publishes what waits. What fails waits for the retry, unless there is a newer state by then.
func (o *outbox) publishStates(ctx context.Context) {
	o.mu.Lock()
	waiting := o.states
	o.states = map[string]*mqtt.Message{}
	o.mu.Unlock()
	for device, m := range waiting {
		settle := func(err error) {
			if err != nil {
				o.keepState(device, m)
			}
		}
		if err := o.send(ctx, m, settle); err != nil {
			settle(err)
		}
	}
}

func (o *outbox) keepState(device string, m *mqtt.Message) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, newer := o.states[device]; !newer {
		o.states[device] = m
	}
}
