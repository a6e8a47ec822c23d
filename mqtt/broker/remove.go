package broker

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// remove gives up what is wanted and not in flight, one step of it. What there is too much of goes from the normal lane,
// and from the priority lane only when nothing is left there that may go. It reports whether anything went.
func (b *Broker) remove(ctx context.Context, s *session, wanted *mqtt.Removal) (progress bool) {
	everywhere := wanted.Before != 0 || !wanted.Expired.IsZero()
	for _, l := range s.bothLanes() {
		step := *wanted
		progress = b.removeFrom(ctx, s, l, &step) || progress
		if !everywhere && (progress || s.isReading()) || ctx.Err() != nil {
			break
		}
	}
	return progress
}

// removeFrom is remove for one lane: first what is in memory, then one step of what is on disk only.
func (b *Broker) removeFrom(ctx context.Context, s *session, l *lane, wanted *mqtt.Removal) (progress bool) {
	wanted.Session, wanted.Lane = s.id, l.id
	over := s.removeFromWindow(l, wanted)
	s.giveUp(wanted.Reason, over...)
	type outcome struct {
		mqtt.Removed
		error
	}
	done := make(chan outcome, 1)
	b.order.Lock() // behind everything that has a position
	began := s.beginRemoval(l, wanted)
	if began {
		b.store.Remove(*wanted, func(removed mqtt.Removed, err error) { done <- outcome{removed, err} })
	}
	b.order.Unlock()
	if !began {
		return len(over) > 0
	}
	var got outcome
	select {
	case got = <-done:
	case <-ctx.Done():
		return false
	}
	if got.error != nil {
		b.logger.Warn("a queue cannot be shortened", "client", s.id, "error", got.error)
	}
	moved := s.endRemoval(l, wanted, got.Removed, got.error)
	if !moved && got.Left && got.Messages == 0 && s.mayRead(l) {
		// What may have been sent before the start is protected on disk; in memory it is known.
		return s.refill(ctx, l) || len(over) > 0
	}
	return moved || len(over) > 0
}

// removeFromWindow ends deliveries in memory that were not handed out.
func (s *session) removeFromWindow(l *lane, wanted *mqtt.Removal) (over []*delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return nil
	}
	for _, d := range l.window[l.handed:] {
		if wanted.Choose != nil && (d.row.Position < wanted.From || wanted.Messages <= 0 && wanted.Bytes <= 0) {
			continue
		}
		if !d.out && d.state == mqtt.DeliveryNew && d.lender == nil && takes(wanted, d.row) {
			over = append(over, d)
		}
		if wanted.Choose != nil {
			wanted.From = d.row.Position + 1
		}
	}
	for _, d := range over {
		s.finishLocked(d)
	}
	return over
}

// takes reports whether a removal takes a delivery, and counts it.
func takes(wanted *mqtt.Removal, row *mqtt.Queued) bool {
	switch {
	case !wanted.Expired.IsZero():
		return row.Message.Expired(wanted.Expired)
	case wanted.Before != 0:
		return row.MessageID < wanted.Before
	case wanted.Messages <= 0 && wanted.Bytes <= 0:
		return false
	case wanted.Choose != nil && !wanted.Choose(row.Message.Topic, row.MessageID):
		return false
	}
	wanted.Messages--
	wanted.Bytes -= int64(row.Size)
	return true
}

func (s *session) mayRead(l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.wantsRead(s.keepLocked())
}

// beginRemoval names the part that is on disk only, and keeps others from reading it; false: there is nothing to be done
// there now. The order is held: all that has a position is on its way to the disk.
func (s *session) beginRemoval(l *lane, wanted *mqtt.Removal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	enough := wanted.Expired.IsZero() && wanted.Before == 0 && wanted.Messages <= 0 && wanted.Bytes <= 0
	l.splice(s.keepLocked())
	for !wanted.Expired.IsZero() && len(l.tail) > 0 {
		l.evict() // what expires may be anywhere
	}
	if enough || s.gone || !l.spilled || l.reading || l.cursor >= l.border() {
		if !l.reading {
			l.removed(wanted, time.Time{})
		}
		return false
	}
	from := l.cursor
	if wanted.Choose != nil {
		if from = max(from, wanted.From); from >= l.border() {
			return false
		}
	}
	l.reading = true
	wanted.From, wanted.Below, wanted.Suspects = from, l.border(), l.suspects
	return true
}

// removed notes that nothing is left of what is too old or expired; next is when something on disk expires.
func (l *lane) removed(wanted *mqtt.Removal, next time.Time) {
	if wanted.Before != 0 {
		l.aged = max(l.aged, wanted.Before)
	}
	if !wanted.Expired.IsZero() {
		l.sawExpiry(next)
	}
}

// endRemoval takes over what a step did; it reports whether it went on.
func (s *session) endRemoval(l *lane, wanted *mqtt.Removal, removed mqtt.Removed, err error) (moved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.reading = false
	if err != nil || s.gone {
		return false
	}
	l.messages -= removed.Messages
	l.size -= removed.Bytes
	s.broker.totals.add(-removed.Messages, -removed.Bytes)
	s.removedLocked(wanted.Reason, removed.Messages, removed.Bytes)
	if wanted.Choose != nil {
		if wanted.From = removed.Next; !removed.More && !wantedIsMet(wanted, &removed) {
			wanted.From = wanted.Below
		}
		return removed.Messages > 0
	}
	if !removed.Left {
		moved = l.cursor < wanted.Below
		l.cursor = max(l.cursor, wanted.Below)
		l.splice(s.keepLocked())
	}
	if !removed.More {
		l.removed(wanted, removed.NextExpiry)
	}
	return moved || removed.Messages > 0
}

// wantedIsMet: the step ended because enough is gone.
func wantedIsMet(wanted *mqtt.Removal, removed *mqtt.Removed) bool {
	return removed.Messages >= wanted.Messages && removed.Bytes >= wanted.Bytes
}
