package broker

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// session is what the broker knows of one client identifier: subscriptions, what is queued, which QoS 2 messages it
// sent. A clean start makes a new one.
type session struct {
	broker *Broker
	id     string
	// durable sessions are in the store; others end with their connection.
	durable bool
	// queueQoS0 is that of SessionOptions.
	queueQoS0 atomic.Bool
	// group is whose queue it is; nil for the session of a client.
	group *group
	// keep bounds the window in memory, see keepLocked.
	keep   bounds
	online atomic.Bool
	// received and sent count messages since the start.
	received, sent atomic.Uint64

	mu sync.Mutex // guards everything that follows
	// gone: it was removed or replaced; nothing is stored for it any more.
	gone bool
	// internal sessions belong to this process: a bridge's, the drivers'.
	internal bool
	options  SessionOptions
	// stored: there is a row, for a durable session or for the will of another.
	stored bool
	// restored: it comes from before the start, and its client was not seen since.
	restored      bool
	expiry        uint32
	disconnected  time.Time
	fresh         bool
	subscriptions map[string]mqtt.Subscription // nil before the first
	// subscriptionBytes is their memory.
	subscriptionBytes int64

	// groups are those that it is a member of.
	groups []*group

	inbound    map[uint16]*origin // nil before the first
	lane       lane
	two        *twoLanes // nil for one lane
	parking    *parking  // nil when nothing is parked
	promptness promptness
	link       *link
	conn       *conn
	will       *mqtt.Will
	// willAt and endsAt are when the will is due and when the session ends; zero while connected, and for never.
	willAt, endsAt time.Time
	alarm          *alarm // of the broker's alarms, whose lock guards it; nil for none
	client         mqtt.Client

	losses mqtt.Losses
	// passes are those of the options, hold is that of HoldQueue.
	passes []*pass
	hold   int64
}

func (b *Broker) newSession(id string, durable bool) *session {
	s := &session{
		broker: b, id: id, durable: durable, keep: bounds{b.limits.Window, b.limits.WindowBytes},
		client: mqtt.Client{ID: id},
	}
	if !durable {
		s.keep = bounds{1 << 62, 1 << 62} // bounded by dropping, see enqueue
	}
	return s
}

// awayShare is the part of what it may keep in memory that a session keeps whose client is away: thousands may be.
const awayShare = 32

// isAwayLocked: nobody is there to take what is queued, and all of it is on disk or on its way.
func (s *session) isAwayLocked() bool { return s.durable && s.link == nil && s.group == nil }

// keepLocked bounds the window and the tail of each lane.
func (s *session) keepLocked() bounds {
	if s.isAwayLocked() {
		return bounds{max(1, s.keep.messages/awayShare), max(1, s.keep.bytes/awayShare)}
	}
	return s.keep
}

// stateLocked is the session as it is stored.
func (s *session) stateLocked() *mqtt.SessionState {
	state := &mqtt.SessionState{
		ID: s.id, Expiry: s.expiry, Disconnected: s.disconnected, Fresh: s.fresh, Will: s.will,
		Username: s.client.Username, Listener: s.client.Listener,
	}
	if s.two != nil {
		state.Placing = s.two.storePlacing()
	}
	return state
}

// link is one attachment: a network connection's, or a bridge's.
type link struct {
	session *session
	// wake says that there may be something to take, or that the link is over: another one took its place, or Detach was
	// called. It does not block.
	wake func()
	// inflight is how many deliveries the receiver takes without an answer.
	inflight int
	// receiving: the receiver has asked for a delivery; the session's lock guards it.
	receiving bool
	// zero is what came at QoS 0; the session's lock guards it, and replay.
	zero   ring
	replay []retainedCopy
}

// attach makes a link and ends an earlier one. What is unsettled comes again. inflight and wake are for link.
func (s *session) attach(inflight int, wake func()) *link {
	l := &link{
		session: s, wake: wake, inflight: inflight,
		zero: ring{bounds: bounds{s.broker.limits.QueueQoS0, s.broker.limits.QueueQoS0Bytes}},
	}
	s.mu.Lock()
	earlier := s.link
	s.link = l
	s.promptness.watched = nil
	for lane := range s.lanesLocked() {
		lane.rewind()
	}
	s.disconnected, s.willAt, s.endsAt = time.Time{}, time.Time{}, time.Time{}
	s.mu.Unlock()
	s.online.Store(true)
	if earlier != nil {
		earlier.wake()
	}
	l.wake()
	return l
}

// detach ends the link unless another one did.
func (s *session) detach(l *link) {
	s.mu.Lock()
	mine := s.link == l
	var back []*delivery
	if mine {
		s.link = nil
		s.online.Store(false)
		back = s.takeBackLocked(func(d *delivery) bool { return !d.out })
		if s.isAwayLocked() {
			for lane := range s.lanesLocked() {
				lane.shed(s.keepLocked())
			}
		}
	}
	s.mu.Unlock()
	if mine {
		l.wake()
	}
	s.broker.returned(s, back)
}

// wakeLink has the receiver look; for the queue of a group that is a member.
func (s *session) wakeLink() {
	if s.group != nil {
		s.group.signal()
		return
	}
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	if l != nil {
		l.wake()
	}
}

// filters are the subscriptions in force, sorted by filter.
func (s *session) filters() []mqtt.Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.filtersLocked()
}

func (s *session) filtersLocked() []mqtt.Subscription {
	result := make([]mqtt.Subscription, 0, len(s.subscriptions))
	for _, filter := range slices.Sorted(maps.Keys(s.subscriptions)) {
		result = append(result, s.subscriptions[filter])
	}
	return result
}

// queue counts what is unsettled.
func (s *session) queue() mqtt.Queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := mqtt.Queue{Dropped: s.losses.Dropped(), Refused: s.losses[mqtt.Refused], GivenUp: s.losses}
	for l := range s.lanesLocked() {
		q.Messages += l.messages
		q.Bytes += l.size
		q.Added.Join(l.added)
		q.Done.Join(l.done)
	}
	if s.two != nil {
		q.Priority = s.two.priority.messages
	}
	if s.parking != nil {
		q.Parked, q.ParkedBytes = s.parking.messages, s.parking.size
	}
	return q
}
