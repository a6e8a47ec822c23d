package broker

import (
	"iter"
	"math"

	"github.com/tidegate/tidegate/mqtt"
)

// twoLanes is what a session has beside its normal lane when it may have two.
type twoLanes struct {
	priority lane
	placing  placing
	live     liveStream
	// owed is how much the normal lane is behind its share; see favourLocked.
	owed int
	// unread: a read of the disk has just brought nothing, so what is in memory is taken.
	unread bool
}

// mostFavours is how many messages in a row the priority lane may send while the normal one waits: one of nine at least is
// a normal one, however much is urgent.
const mostFavours = 8

// lanesLocked are the normal lane and, where there is one, the priority lane.
func (s *session) lanesLocked() iter.Seq[*lane] {
	return func(yield func(*lane) bool) {
		if yield(&s.lane) && s.two != nil {
			yield(&s.two.priority)
		}
	}
}

// laneOfLocked is the lane of a delivery.
func (s *session) laneOfLocked(d *delivery) *lane {
	if d.row.Lane == mqtt.PriorityLane {
		return &s.two.priority
	}
	return &s.lane
}

// queuedLocked counts what is unsettled in all lanes.
func (s *session) queuedLocked() (messages, size int64) {
	messages, size = s.lane.messages, s.lane.size
	if s.two != nil {
		messages += s.two.priority.messages
		size += s.two.priority.size
	}
	return messages, size
}

// inflightLocked is how many were handed out on the present link and are not settled.
func (s *session) inflightLocked() (n int) {
	for l := range s.lanesLocked() {
		n += l.handed
	}
	return n
}

// spilledLocked: something of the session is on disk only.
func (s *session) spilledLocked() bool {
	return s.lane.spilled || s.two != nil && s.two.priority.spilled
}

// takeLocked takes the next delivery; nil when there is none at present. read: what comes next is on disk.
func (s *session) takeLocked(expired func(*delivery)) (d *delivery, read bool) {
	if s.two == nil {
		s.lane.splice(s.keepLocked())
		d = s.lane.take(math.MaxUint64, s.broker.now, expired)
		return d, d == nil && s.lane.wantsRead(s.keepLocked())
	}
	unread := s.two.unread
	s.two.unread = false
	for _, l := range s.turnLocked() {
		l.splice(s.keepLocked())
		if d = l.take(s.limitLocked(l), s.broker.now, expired); d != nil {
			s.favourLocked(l)
			d.historical = s.isHistoricalLocked(d)
			return d, false
		}
		if !unread && l.wantsRead(s.keepLocked()) {
			return nil, true
		}
	}
	return nil, false
}

// turnLocked are both lanes, the one first whose turn it is.
func (s *session) turnLocked() [mqtt.Lanes]*lane {
	if priority, _ := s.sharesLocked(); s.two.owed >= priority {
		return [mqtt.Lanes]*lane{&s.lane, &s.two.priority}
	}
	return [mqtt.Lanes]*lane{&s.two.priority, &s.lane}
}

// favourLocked keeps the account of whose turn it is: each lane pays with the share of the other one. The priority lane
// saves nothing up while it has nothing to send, and neither does the normal one.
func (s *session) favourLocked(l *lane) {
	priority, normal := s.sharesLocked()
	switch {
	case l == &s.lane:
		s.two.owed = max(0, s.two.owed-priority)
	case len(s.lane.window) == s.lane.handed && !s.lane.spilled:
		s.two.owed = 0
	default:
		s.two.owed += normal
	}
}

// limitLocked is the position at which a lane has to wait for the other one: what was queued by earlier rules goes first,
// so that no topic overtakes itself.
func (s *session) limitLocked(l *lane) uint64 {
	other := &s.lane
	if l == other {
		other = &s.two.priority
	}
	limit := uint64(math.MaxUint64)
	if from := &s.two.placing.from; other.first() < from[other.id] {
		limit = from[l.id]
	}
	if ended := &s.two.live.ended; l == &s.lane && other.first() < ended[other.id] {
		limit = min(limit, ended[l.id])
	}
	return limit
}

// first is the position of the oldest unfinished delivery, or a smaller one.
func (l *lane) first() uint64 {
	switch {
	case len(l.window) > 0:
		return l.window[0].row.Position
	case l.spilled:
		return l.cursor
	}
	return l.next
}

// laneToReadLocked is the lane of which a part should be read from disk now, in its turn; nil for none.
func (s *session) laneToReadLocked() *lane {
	if s.two == nil {
		if s.lane.wantsRead(s.keepLocked()) {
			return &s.lane
		}
		return nil
	}
	for _, l := range s.turnLocked() {
		if l.wantsRead(s.keepLocked()) {
			return l
		}
	}
	return nil
}

// laneToRead is laneToReadLocked for who does not have the lock.
func (s *session) laneToRead() *lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.laneToReadLocked()
}
