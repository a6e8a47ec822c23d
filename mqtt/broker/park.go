package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// Parking bounds what a session keeps of what its receiver refused for good; the zero value keeps nothing, and what is
// refused is given up.
type Parking struct{ Messages, Bytes int64 }

// parking counts what a session has parked: rows of a lane of their own that nobody is handed out.
type parking struct {
	bounds Parking
	// handling is held by who sends again or gives up, over waits for the disk. It comes before all other locks.
	handling sync.Mutex
	// What follows is the session's lock's.
	next           uint64
	messages, size int64
}

// parkLocked sets the bounds of what is parked.
func (s *session) parkLocked(bounds Parking) {
	if s.parking == nil {
		s.parking = &parking{}
	}
	s.parking.bounds = bounds
}

// park keeps a delivery that is finished, out of the way of the others: in the unit that ends it.
func (s *session) park(d *delivery, reason string) {
	b := s.broker
	over := d // whose row ends
	if d.lender != nil {
		over = d.lender
		over.session.finish(over)
	}
	b.order.Lock()
	defer b.order.Unlock()
	s.mu.Lock()
	p := s.parking
	if s.gone {
		s.mu.Unlock()
		return
	}
	row := &mqtt.Queued{
		Session: s.id, Lane: mqtt.ParkedLane, Position: p.next, MessageID: d.row.MessageID, Message: d.row.Message,
		QoS: d.row.QoS, Retain: d.row.Retain, Subscriptions: d.row.Subscriptions, Size: d.row.Size,
	}
	p.next++
	p.messages++
	p.size += int64(row.Size)
	full := p.isFullLocked()
	s.mu.Unlock()
	b.store.Commit(&mqtt.Unit{
		Class: mqtt.Soon, MessageID: row.MessageID, Message: row.Message, Deliveries: []*mqtt.Queued{row},
		Finished: []*mqtt.Queued{over.row}, Parked: &mqtt.ParkedNote{At: time.Now(), Reason: reason},
	}, func(err error) { s.parked(row, over.row, err) })
	if full {
		b.markOverfull(s)
	}
}

// parked is told how the unit ended that parks a delivery. A disk that takes nothing more makes it a loss.
func (s *session) parked(row, over *mqtt.Queued, err error) {
	if err == nil {
		return
	}
	s.unparked(1, int64(row.Size))
	s.mu.Lock()
	s.removedLocked(mqtt.Refused, 1, int64(row.Size))
	s.mu.Unlock()
	now := time.Now()
	s.broker.store.Commit(&mqtt.Unit{Class: mqtt.Soon, Finished: []*mqtt.Queued{over}, GivenUp: []mqtt.GivenUp{{
		Session: s.id, Reason: mqtt.Refused, Topic: row.Message.Topic, Messages: 1, Bytes: uint64(row.Size), First: now, Last: now,
	}}}, nil)
}

func (p *parking) isFullLocked() bool {
	return p.messages > p.bounds.Messages || p.size > p.bounds.Bytes
}

// errNotParked is for a session that keeps nothing of what is refused.
var errNotParked = errors.New("nothing is parked here")

// parkedPage bounds what is read from disk at a time.
const (
	parkedPage      = 100
	parkedPageBytes = 4 << 20
)

// SendParked queues again what a session has parked, at the end of its lane: all of it, or what is at these positions. Each
// message gets its new place in the same unit that takes it out of the old one. It returns how many those were, when that
// is on disk.
func (b *Broker) SendParked(ctx context.Context, id string, positions []uint64) (sent int64, err error) {
	err = b.handleParked(ctx, id, positions, func(s *session, row *mqtt.Queued) error {
		if err := b.store.Admit(ctx, row.Size); err != nil {
			return fmt.Errorf("wait for the disk: %w", err)
		}
		if err := b.sendAgain(ctx, s, row); err != nil {
			return err
		}
		sent++
		return nil
	})
	return sent, err
}

func (b *Broker) sendAgain(ctx context.Context, s *session, row *mqtt.Queued) error {
	t := &target{session: s, qos: row.QoS, asPublished: row.Retain, identifiers: row.Subscriptions, old: true}
	done := make(chan error, 1)
	b.order.Lock()
	unit := &mqtt.Unit{Class: mqtt.Now, MessageID: b.nextMessageID, Message: row.Message, Finished: []*mqtt.Queued{row}}
	b.nextMessageID++
	d, l, gone := s.enqueue(t, row.Message, unit.MessageID)
	if gone {
		b.order.Unlock()
		return errNotParked
	}
	unit.Deliveries = []*mqtt.Queued{d.row}
	b.store.Commit(unit, func(err error) {
		d.settled(err)
		done <- err
	})
	b.order.Unlock()
	if l != nil {
		l.wake()
	}
	err := wait(ctx, done, "queue a parked message again")
	if err == nil {
		s.unparked(1, int64(row.Size))
	}
	return err
}

// DiscardParked gives up what a session has parked: all of it, or what is at these positions. It returns how many those
// were, when that is on disk.
func (b *Broker) DiscardParked(ctx context.Context, id string, positions []uint64) (discarded int64, err error) {
	err = b.handleParked(ctx, id, positions, func(s *session, row *mqtt.Queued) error {
		now := time.Now()
		unit := &mqtt.Unit{Class: mqtt.Now, Finished: []*mqtt.Queued{row}, GivenUp: []mqtt.GivenUp{{
			Session: id, Reason: mqtt.Purged, Messages: 1, Bytes: uint64(row.Size), First: now, Last: now,
		}}}
		if row.Message != nil {
			unit.GivenUp[0].Topic = row.Message.Topic
		}
		if err := b.commitAndWait(ctx, unit); err != nil {
			return err
		}
		s.unparked(1, int64(row.Size))
		s.mu.Lock()
		s.removedLocked(mqtt.Purged, 1, int64(row.Size))
		s.mu.Unlock()
		discarded++
		return nil
	})
	return discarded, err
}

// handleParked calls do for what is parked now, oldest first, until it returns an error.
func (b *Broker) handleParked(ctx context.Context, id string, positions []uint64, do func(*session, *mqtt.Queued) error) error {
	s := b.lookup(id)
	if s == nil {
		return errNotParked
	}
	s.mu.Lock()
	p := s.parking
	s.mu.Unlock()
	if p == nil {
		return errNotParked
	}
	p.handling.Lock()
	defer p.handling.Unlock()
	// Behind everything that was parked before.
	if err := b.commitAndWait(ctx, &mqtt.Unit{Class: mqtt.Now}); err != nil {
		return err
	}
	s.mu.Lock()
	below := p.next
	s.mu.Unlock()
	for from := uint64(0); ; {
		rows, err := b.store.Backlog(ctx, id, mqtt.ParkedLane, from, parkedPage, parkedPageBytes)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			from = row.Position + 1
			if row.Position >= below {
				return nil
			}
			if row.Message == nil {
				s.damagedParked(row)
				continue
			}
			if positions != nil && !slices.Contains(positions, row.Position) {
				continue
			}
			if err := do(s, row); err != nil {
				return err
			}
		}
	}
}

// unparked counts what is not parked any more.
func (s *session) unparked(messages, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parking != nil { // else it went with its session
		s.parking.messages -= messages
		s.parking.size -= bytes
	}
}

// damagedParked counts what the store has given up.
func (s *session) damagedParked(row *mqtt.Queued) {
	s.unparked(1, int64(row.Size))
	s.mu.Lock()
	s.removedLocked(mqtt.Damaged, 1, int64(row.Size))
	s.mu.Unlock()
}

// trimParked gives up the oldest of what is parked beyond its bounds. Who handles it at the moment goes first.
func (b *Broker) trimParked(ctx context.Context, s *session) {
	s.mu.Lock()
	p := s.parking
	s.mu.Unlock()
	if p == nil || !p.handling.TryLock() {
		return
	}
	defer p.handling.Unlock()
	done := make(chan mqtt.Removed, 1)
	b.order.Lock() // behind everything that has a position
	s.mu.Lock()
	wanted := mqtt.Removal{
		Session: s.id, Lane: mqtt.ParkedLane, Below: p.next, Reason: mqtt.Refused,
		Messages: max(0, p.messages-p.bounds.Messages), Bytes: max(0, p.size-p.bounds.Bytes),
	}
	full := p.isFullLocked() && !s.gone
	s.mu.Unlock()
	if full {
		b.store.Remove(wanted, func(removed mqtt.Removed, err error) {
			if err != nil {
				b.logger.Warn("what is parked cannot be shortened", "client", s.id, "error", err)
			}
			done <- removed
		})
	}
	b.order.Unlock()
	if !full {
		return
	}
	select {
	case removed := <-done:
		s.unparked(removed.Messages, removed.Bytes)
		s.mu.Lock()
		s.removedLocked(mqtt.Refused, removed.Messages, removed.Bytes)
		s.mu.Unlock()
	case <-ctx.Done():
	}
}
