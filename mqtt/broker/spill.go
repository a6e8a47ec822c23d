package broker

import (
	"context"
	"math"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// next takes the next delivery for a link, of the session's own or of one of its groups. ended: the link is over. read:
// what comes next is on disk, see fetch.
func (s *session) next(l *link) (d *delivery, read, ended bool) {
	d, read, groups, ended := s.nextOwn(l)
	if d != nil || read || ended || len(groups) == 0 {
		return d, read, ended
	}
	for _, g := range groups {
		s.broker.dispatch(g)
	}
	d, _, _, ended = s.nextOwn(l)
	return d, d == nil && s.groupToRead() != nil, ended
}

// groupToRead is a group whose next messages are on disk, when the session has room for them; nil for none.
func (s *session) groupToRead() *group {
	for _, g := range s.memberOf() {
		if g.queue.Load().laneToRead() != nil && s.hasRoom() {
			return g
		}
	}
	return nil
}

// fetch reads what comes next for the receiver. It blocks for the disk, so it runs on the receiver's goroutine. It reports
// whether there is progress.
func (s *session) fetch(ctx context.Context) bool {
	if l := s.laneToRead(); l != nil {
		return s.refill(ctx, l)
	}
	g := s.groupToRead()
	if g == nil {
		return false
	}
	q := g.queue.Load()
	return q.refill(ctx, &q.lane)
}

// nextInMemory is next after a read that brought nothing: the other lane may have something.
func (s *session) nextInMemory(l *link) (d *delivery, ended bool) {
	s.mu.Lock()
	alone := s.two == nil
	if !alone {
		s.two.unread = true
	}
	s.mu.Unlock()
	if alone {
		return nil, false
	}
	d, _, ended = s.next(l)
	return d, ended
}

// nextOwn takes the next delivery that the session has.
func (s *session) nextOwn(l *link) (d *delivery, read bool, groups []*group, ended bool) {
	var over []*delivery
	s.mu.Lock()
	if s.link != l {
		s.mu.Unlock()
		return nil, false, nil, true
	}
	s.beginReceivingLocked(l)
	d, read = s.takeLocked(func(late *delivery) {
		s.finishLocked(late)
		over = append(over, late)
	})
	groups = s.groups
	s.mu.Unlock()
	s.expire(over)
	return d, read, groups, false
}

// expire gives up what expired before it was sent; what is lent is given up by its group.
func (s *session) expire(over []*delivery) {
	own := over[:0]
	for _, d := range over {
		if d.lender == nil {
			own = append(own, d)
		} else if q := d.lender.session; q.finish(d.lender) {
			q.giveUp(mqtt.Expired, d.lender)
		}
	}
	s.giveUp(mqtt.Expired, own...)
}

// readPause is how long a session waits after a failed read of its backlog.
const readPause = time.Second

// refill reads the next part of the backlog of a lane into its window. It blocks for the disk, so it runs on the goroutine of the
// receiver, never under a lock. It reports whether there is progress.
func (s *session) refill(ctx context.Context, l *lane) bool {
	return s.read(ctx, l, math.MaxInt, math.MaxInt)
}

// read is refill with bounds of its own.
func (s *session) read(ctx context.Context, l *lane, most, mostBytes int) bool {
	s.mu.Lock()
	if l.reading || !l.spilled {
		s.mu.Unlock()
		return false
	}
	l.reading = true
	from, border := l.cursor, l.border()
	// Rows are committed in the order of their positions, so a read shows a beginning; it is all there is only when
	// nothing was on its way to the disk before.
	complete := l.unwritten == 0
	keep := s.keepLocked()
	limit := min(most, max(1, keep.messages-len(l.window)))
	bytes := min(mostBytes, max(1, keep.bytes-l.bytes))
	s.mu.Unlock()

	rows, err := s.broker.store.Backlog(ctx, s.id, l.id, from, limit, bytes)
	if err != nil && ctx.Err() == nil {
		s.broker.logger.Warn("backlog cannot be read", "client", s.id, "error", err)
		pause(ctx, readPause)
	}

	if err != nil {
		defer s.wakeLink() // it is tried again
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	l.reading = false
	if err != nil {
		return false
	}
	l.appendRows(s, rows)
	if complete && len(rows) == 0 {
		l.cursor = max(l.cursor, border)
	}
	l.splice(s.keepLocked())
	if s.isAwayLocked() { // its client left meanwhile
		l.shed(s.keepLocked())
	}
	return l.cursor > from || !l.spilled
}

// appendRows adds what was read; what the tail has already is left to the tail.
func (l *lane) appendRows(s *session, rows []*mqtt.Queued) {
	for _, row := range rows {
		if row.Position >= l.border() {
			// Rows are committed in the order of their positions: before this one nothing is left to come.
			l.cursor = l.border()
			return
		}
		if row.Message == nil {
			s.damagedLocked(l, row)
			continue
		}
		d := &delivery{session: s, row: row, state: row.State, committed: true}
		if l.suspects > 0 {
			l.suspects--
			if d.state == mqtt.DeliveryNew {
				d.state = mqtt.DeliverySent
			}
		}
		l.window = append(l.window, d)
		l.bytes += row.Size
		l.cursor = row.Position + 1
	}
}

// damagedLocked counts a delivery that the store has given up.
func (s *session) damagedLocked(l *lane, row *mqtt.Queued) {
	l.cursor = row.Position + 1
	l.suspects = max(0, l.suspects-1)
	l.messages--
	l.size -= int64(row.Size)
	s.broker.totals.add(-1, -int64(row.Size))
	s.removedLocked(mqtt.Damaged, 1, int64(row.Size))
}

// pause waits, but not longer than ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
