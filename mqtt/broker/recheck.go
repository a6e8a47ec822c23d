package broker

import (
	"context"
	"errors"

	"github.com/tidegate/tidegate/mqtt"
)

// Recheck puts a change of who may do what in force, when Access already answers by it: connections end, subscriptions
// that are not allowed any more end also for clients that are away, so that nothing more is queued for them, and sessions
// are forgotten, as the change says. It returns when that is done and on disk. Sessions of this process are never
// concerned. What was queued while it was allowed is still delivered.
//
// A client that is connecting or subscribing at this moment is asked again: it notices that rules has moved on.
func (b *Broker) Recheck(ctx context.Context, change mqtt.AccessChange) error {
	b.rules.Add(1)
	concerned := b.concerned(change.Concerns)
	if change.Disconnect.Failed() {
		if err := disconnectAll(ctx, concerned, change.Disconnect); err != nil {
			return err
		}
	}
	var failures []error
	for _, s := range concerned {
		failures = append(failures, b.recheck(ctx, s, change.Forget))
	}
	return errors.Join(failures...)
}

// concerned are the sessions of network clients that a change is about.
func (b *Broker) concerned(is func(mqtt.Client) bool) (sessions []*session) {
	for _, s := range b.all() {
		s.mu.Lock()
		client, internal := s.client, s.internal
		s.mu.Unlock()
		if !internal && is(client) {
			sessions = append(sessions, s)
		}
	}
	return sessions
}

// disconnectAll tells all clients first, then waits for the slow ones.
func disconnectAll(ctx context.Context, sessions []*session, code mqtt.ReasonCode) error {
	var ending []*conn
	for _, s := range sessions {
		s.mu.Lock()
		c := s.conn
		s.mu.Unlock()
		if c != nil {
			c.stop(code)
			ending = append(ending, c)
		}
	}
	for _, c := range ending {
		select {
		case <-c.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// recheck is for one session. One that another has replaced meanwhile was asked by the new rules.
func (b *Broker) recheck(ctx context.Context, s *session, forget bool) error {
	if b.lookup(s.id) != s {
		return nil
	}
	if forget {
		return b.RemoveSession(ctx, s.id)
	}
	defer b.turns.take(s.id)()
	return b.dropForbidden(ctx, s)
}

// dropForbidden ends the subscriptions that the client of a session may not have any more, with what is retained and still
// on its way to them. It returns when that is on disk.
func (b *Broker) dropForbidden(ctx context.Context, s *session) error {
	s.mu.Lock()
	client := s.client
	s.mu.Unlock()
	var forbidden []string
	for _, sub := range s.filters() {
		if !b.access.MaySubscribe(client, sub.Filter) {
			forbidden = append(forbidden, sub.Filter)
		}
	}
	if len(forbidden) == 0 {
		return nil
	}
	done := make(chan error, 1)
	b.unsubscribe(s, forbidden, func(_ []bool, err error) { done <- err })
	for _, filter := range forbidden {
		s.replay(filter, nil)
	}
	return wait(ctx, done, "end subscriptions")
}
