package broker

import (
	"bytes"
	"context"
	"sync"

	"github.com/tidegate/tidegate/mqtt"
)

// refreshTicks is how many seconds lie between two writings of retained readings: what a crash may cost of them.
const refreshTicks = 30

// refreshes are the topics whose retained readings are newer than what is on disk, at most as many as are retained.
type refreshes struct {
	mu     sync.Mutex // guards topics
	topics map[string]struct{}
}

func (r *refreshes) add(topic string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.topics == nil {
		r.topics = map[string]struct{}{}
	}
	r.topics[topic] = struct{}{}
}

func (r *refreshes) take() map[string]struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	topics := r.topics
	r.topics = nil
	return topics
}

// retainReading retains a reading in memory, whatever the disk does. It is written later, when it says something new.
func (b *Broker) retainReading(m *mqtt.Message) {
	if limit, full := b.retained.room(m, &b.limits); full {
		b.refused(limit, m.Topic)
		return
	}
	old := b.retained.get(m.Topic)
	b.retained.put(m)
	if old == nil || !bytes.Equal(payloadOnDisk(old), m.AfterRestart) {
		b.refreshes.add(m.Topic)
	}
}

func payloadOnDisk(m *mqtt.Message) []byte {
	if m.IsRetainedReading() {
		return m.AfterRestart
	}
	return m.Payload
}

// refreshRetained hands the newest readings to the store. What it does not take waits for the next time.
func (b *Broker) refreshRetained(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, b.limits.AdmitTimeout)
	defer cancel()
	var failed error
	for topic := range b.refreshes.take() {
		if failed == nil {
			failed = b.refresh(ctx, topic)
		}
		if failed != nil {
			b.refreshes.add(topic)
		}
	}
}

func (b *Broker) refresh(ctx context.Context, topic string) error {
	m := b.retained.get(topic)
	if m == nil {
		return nil
	}
	if err := b.store.Admit(ctx, m.Size()); err != nil {
		return err
	}
	b.order.Lock()
	defer b.order.Unlock()
	// What somebody else has published or removed meanwhile is on its way by itself.
	if m = b.retained.get(topic); m == nil || !m.IsRetainedReading() {
		return nil
	}
	kept := *m
	kept.Payload, kept.AfterRestart = m.AfterRestart, nil
	b.store.Commit(&mqtt.Unit{Class: mqtt.Soon, Retained: []*mqtt.Message{&kept}}, func(err error) {
		if err != nil {
			b.refreshes.add(topic)
		}
	})
	return nil
}
