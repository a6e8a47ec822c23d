package broker

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// alarms are the times at which something may be due for a session: its will, its end. Whether it really is, the session
// knows. A session has one at most, so that clients which come and go leave nothing behind.
type alarms struct {
	mu   sync.Mutex // guards due, and the alarms of all sessions
	due  alarmHeap
	wake chan struct{}
}

type alarm struct {
	at      time.Time
	session *session
	index   int // in the heap
}

type alarmHeap []*alarm

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *alarmHeap) Push(x any) {
	one := x.(*alarm) //nolint:forcetypeassert // heap.Push of an alarm
	one.index = len(*h)
	*h = append(*h, one)
}

func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return x
}

// set has a session looked at, at the latest at that time.
func (a *alarms) set(at time.Time, s *session) {
	a.mu.Lock()
	switch {
	case s.alarm == nil:
		s.alarm = &alarm{at: at, session: s}
		heap.Push(&a.due, s.alarm)
	case at.Before(s.alarm.at):
		s.alarm.at = at
		heap.Fix(&a.due, s.alarm.index)
	default: // then it is set anew
		a.mu.Unlock()
		return
	}
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// drop forgets a session.
func (a *alarms) drop(s *session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.alarm != nil {
		heap.Remove(&a.due, s.alarm.index)
		s.alarm = nil
	}
}

// take gives the sessions that are due, and how long it is to the next one.
func (a *alarms) take(now time.Time) (due []*session, wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.due) > 0 && !a.due[0].at.After(now) {
		s := heap.Pop(&a.due).(*alarm).session //nolint:forcetypeassert // the heap has nothing else
		s.alarm = nil
		due = append(due, s)
	}
	if len(a.due) == 0 {
		return due, time.Hour
	}
	return due, a.due[0].at.Sub(now)
}

// Run does what is due without a client: wills, the end of sessions, shortening of queues that are too long or too old,
// the audit, retained readings, $SYS. It ends with ctx, and belongs beside Serve for as long as the broker is used.
func (b *Broker) Run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	defer b.store.give()
	defer b.writeLosses()
	defer b.refreshRetained(context.WithoutCancel(ctx))
	defer b.revoking.Wait()
	b.publishSys(ctx)
	for ticks := 0; ; {
		due, wait := b.alarms.take(b.now())
		for _, s := range due {
			b.checkDue(ctx, s)
		}
		if len(due) > 0 {
			b.sendOwedWills(ctx)
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		case <-b.alarms.wake:
		case <-b.trim:
			b.trimQueues(ctx)
		case <-ticker.C:
			ticks++
			b.tick(ctx, ticks)
			b.sendOwedWills(ctx)
		}
		timer.Stop()
	}
}

// checkDue publishes a will and ends a session whose time has come, if the client is not back.
func (b *Broker) checkDue(ctx context.Context, s *session) {
	defer b.turns.take(s.id)()
	if b.lookup(s.id) != s {
		return
	}
	now := b.now()
	s.mu.Lock()
	absent := s.link == nil
	willDue := absent && !s.willAt.IsZero() && !s.willAt.After(now)
	ends := absent && !s.endsAt.IsZero() && !s.endsAt.After(now)
	if willDue {
		s.willAt = time.Time{}
	}
	if absent && !ends {
		s.setAlarmLocked()
	}
	s.mu.Unlock()
	switch {
	case ends:
		if !s.endedWithConnection() { // not one that was only kept for its will
			b.expired.Add(1)
		}
		b.end(ctx, s)
		b.logger.Debug("session expired", "client", s.id)
	case willDue:
		b.publishWill(ctx, s)
	}
}

// setAlarmLocked is for what is due next without the client.
func (s *session) setAlarmLocked() {
	for _, at := range []time.Time{s.willAt, s.endsAt} {
		if !at.IsZero() {
			s.broker.alarms.set(at, s)
		}
	}
}

// end removes a session for good, and publishes the will that it still has [MQTT-3.1.2-8]. The caller has the turn of the
// identifier, or is the connection of the session.
func (b *Broker) end(ctx context.Context, s *session) {
	defer b.unlist(s)
	will, lost := b.forgetSession(s)
	unit := &mqtt.Unit{Class: mqtt.Now}
	if s.isStored() {
		unit.SessionRemove, unit.GivenUp = s.id, lost
	}
	switch {
	case will != nil:
		b.sendWill(ctx, s, will, unit)
	case unit.SessionRemove != "":
		b.commitSoon(unit)
	}
}

func (s *session) isStored() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored
}

// forgetSession takes what a session has out of memory, and returns its will, and what it loses for the audit. It is still
// in the list. What other members of its groups can take is theirs, in units before the one that removes the session.
func (b *Broker) forgetSession(s *session) (will *mqtt.Will, lost []mqtt.GivenUp) {
	s.mu.Lock()
	s.online.Store(false) // groups choose others
	will, s.will = s.will, nil
	filters := s.filtersLocked()
	for _, sub := range filters {
		s.dropSubscriptionLocked(sub.Filter)
	}
	s.mu.Unlock()
	back, messages, bytes := b.dropSession(s)
	unplaced, unplacedBytes := b.returned(s, back)
	for _, sub := range filters {
		b.order.Lock()
		b.removeSubscription(s, sub.Filter)
		b.order.Unlock()
	}
	return will, s.ended(messages+unplaced, bytes+unplacedBytes)
}

// unlist takes a session that has ended out of the list. Until then a client that comes back finds the connection that is
// ending it, and waits: what ends the old session has to be in the order before what begins the new one.
func (b *Broker) unlist(s *session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sessions[s.id] == s {
		delete(b.sessions, s.id)
	}
	delete(b.overfull, s)
}

// dropSession takes the messages of a session out of memory: back is what goes to its groups, messages and bytes the rest.
func (b *Broker) dropSession(s *session) (back []*delivery, messages, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	back = s.takeBackLocked(func(*delivery) bool { return true })
	s.gone = true
	b.alarms.drop(s)
	messages, bytes = s.queuedLocked()
	if s.parking != nil {
		parked := s.parking
		s.parking = nil
		defer func() { messages, bytes = messages+parked.messages, bytes+parked.size }() // not in the totals
	}
	if s.durable {
		b.totals.add(-messages, -bytes)
	}
	s.lane = lane{next: s.lane.next}
	if s.two != nil {
		s.two = newTwo(s.two.priority.next)
		s.two.placing.setRules(b.parseRules(""))
	}
	return back, messages, bytes
}

// ended counts what went with a durable session, and makes its line in the audit.
func (s *session) ended(messages, bytes int64) []mqtt.GivenUp {
	if !s.durable || messages == 0 {
		return nil
	}
	s.mu.Lock()
	s.removedLocked(mqtt.SessionEnded, messages, bytes)
	s.mu.Unlock()
	now := time.Now()
	return []mqtt.GivenUp{{
		Session: s.id, Reason: mqtt.SessionEnded, Messages: uint64(messages), Bytes: uint64(bytes), First: now, Last: now,
	}}
}
