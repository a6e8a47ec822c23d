package broker

import (
	"context"
	"fmt"
	"slices"

	"github.com/tidegate/tidegate/mqtt"
)

// subscribe puts subscriptions in force; done comes when they are on disk. What is retained is sent after that, so that
// a client sees its SUBACK first: only then, and only for a durable session, it waits.
func (b *Broker) subscribe(ctx context.Context, s *session, subs []mqtt.Subscription, done mqtt.Settle) {
	if err := b.admitSubscriptions(ctx, s, subs); err != nil {
		done(err)
		return
	}
	fresh := make([]bool, len(subs))
	stored := make(chan error, 1)
	b.order.Lock()
	s.mu.Lock()
	for i, sub := range subs {
		_, known := s.subscriptions[sub.Filter]
		fresh[i] = !known
		s.putSubscriptionLocked(sub)
	}
	durable := s.durable && !s.gone
	s.mu.Unlock()
	var queues []*session
	var waiting []*delivery
	for _, sub := range subs {
		queue, moved := b.addSubscription(s, sub)
		if queue != nil {
			queues = append(queues, queue)
		}
		waiting = append(waiting, moved...)
	}
	if durable {
		unit := &mqtt.Unit{Class: mqtt.Now, SubscriptionsOf: s.id, Subscribe: subs}
		for _, q := range queues {
			unit.Groups = append(unit.Groups, q.stateLocked())
		}
		setStored(queues, true)
		answer := func(err error) {
			done(err)
			stored <- err
		}
		b.store.Commit(unit, func(err error) {
			if err == nil {
				answer(nil)
				return
			}
			// Not here: the order may be held.
			b.revoking.Go(func() {
				setStored(queues, false)
				b.revoke(s, subs, fresh)
				answer(err)
			})
		})
	}
	b.giveBack(waiting)
	b.order.Unlock()
	if !durable {
		done(nil)
		stored <- nil
	}
	copies := make([][]retainedCopy, len(subs))
	for i, sub := range subs {
		copies[i] = b.findRetained(s, sub, fresh[i])
	}
	if !slices.ContainsFunc(copies, func(c []retainedCopy) bool { return len(c) > 0 }) {
		return
	}
	select {
	case <-ctx.Done():
	case err := <-stored:
		if err == nil {
			for i, sub := range subs {
				b.sendRetained(s, sub.Filter, copies[i])
			}
		}
	}
}

// admitSubscriptions asks for room where there are new ones; a client that repeats what it has can always come back, and
// the few of our own are needed.
func (b *Broker) admitSubscriptions(ctx context.Context, s *session, subs []mqtt.Subscription) error {
	size := 0
	s.mu.Lock()
	for _, sub := range subs {
		if _, known := s.subscriptions[sub.Filter]; !known {
			size += len(sub.Filter) + 64
		}
	}
	s.mu.Unlock()
	if size == 0 || !s.durable || s.isInternal() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, b.limits.AdmitTimeout)
	defer cancel()
	if err := b.store.Admit(ctx, size); err != nil {
		return fmt.Errorf("store the subscriptions: %w", err)
	}
	return nil
}

// revoke takes back new subscriptions that could not be stored; replaced ones stay as they are in memory.
func (b *Broker) revoke(s *session, subs []mqtt.Subscription, fresh []bool) {
	for i, sub := range subs {
		if !fresh[i] {
			continue
		}
		s.mu.Lock()
		s.dropSubscriptionLocked(sub.Filter)
		s.mu.Unlock()
		b.order.Lock()
		b.removeSubscription(s, sub.Filter)
		b.order.Unlock()
	}
}

// unsubscribe ends subscriptions; existed says which there were. done comes when that is on disk.
func (b *Broker) unsubscribe(s *session, filters []string, done func(existed []bool, err error)) {
	existed := make([]bool, len(filters))
	b.order.Lock()
	s.mu.Lock()
	for i, filter := range filters {
		existed[i] = s.dropSubscriptionLocked(filter)
	}
	durable := s.durable && !s.gone
	s.mu.Unlock()
	for _, filter := range filters {
		b.removeSubscription(s, filter)
	}
	if durable {
		unit := &mqtt.Unit{Class: mqtt.Now, SubscriptionsOf: s.id, Unsubscribe: filters}
		b.store.Commit(unit, func(err error) { done(existed, err) })
	}
	b.order.Unlock()
	if !durable {
		done(existed, nil)
	}
}
