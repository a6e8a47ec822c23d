package broker

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/tidegate/tidegate/mqtt"
)

// group is a shared subscription at one filter (MQTT 5, 4.8.2). It has a queue of its own: a session without a client,
// whose identifier is the filter, stored from the first durable member on. A message is bound to a member when one is
// here that has room, so that none waits for somebody who is away; loan.go says how.
type group struct {
	share      string
	membership atomic.Pointer[membership]
	// queue is replaced once at most, when the first durable member joins; the order guards the change.
	queue atomic.Pointer[session]
	// turn counts at QoS 0; last is the member that was bound last, and the order guards it.
	turn atomic.Uint32
	last int
}

// membership is not changed: a new one takes its place.
type membership struct {
	members []subscriber
	qos     mqtt.QoS
}

func (g *group) members() []subscriber {
	if m := g.membership.Load(); m != nil {
		return m.members
	}
	return nil
}

func (g *group) setMembers(members []subscriber) {
	m := &membership{members: members}
	for i := range members {
		m.qos = max(m.qos, members[i].QoS)
	}
	g.membership.Store(m)
}

// target is the queue, or at QoS 0 a member at once.
func (g *group) target(qos mqtt.QoS) (t target, found bool) {
	m := g.membership.Load()
	if min(qos, m.qos) > mqtt.AtMostOnce {
		return target{session: g.queue.Load(), qos: m.qos, share: g.share}, true
	}
	if member := g.pick(m.members); member != nil {
		return newTarget(member, g.share), true
	}
	return target{}, false
}

// pick takes turns among the members that are connected, and among the absent durable ones when none is: some queue QoS 0
// too.
func (g *group) pick(members []subscriber) *subscriber {
	turn := int(g.turn.Add(1))
	if m := choose(members, turn, func(s *session) bool { return s.online.Load() }); m != nil {
		return m
	}
	return choose(members, turn, func(s *session) bool { return s.durable })
}

// choose takes turns among the members that fit.
func choose(members []subscriber, turn int, fits func(*session) bool) *subscriber {
	count := 0
	for i := range members {
		if fits(members[i].session) {
			count++
		}
	}
	if count == 0 {
		return nil
	}
	skip := turn % count
	for i := range members {
		if !fits(members[i].session) {
			continue
		}
		if skip == 0 {
			return &members[i]
		}
		skip--
	}
	return nil // somebody left meanwhile
}

// hungry is the next member in turn that can take a message now, and its place; nil when there is none. The order is held.
func (g *group) hungry() (member *subscriber, at int) {
	members := g.members()
	for i := range members {
		at = (g.last + 1 + i) % len(members)
		if members[at].session.hasRoom() {
			return &members[at], at
		}
	}
	return nil, 0
}

// signal has a member that has room look for what waits: it gives the others their part.
func (g *group) signal() {
	members := g.members()
	for i := range members {
		if s := members[i].session; s.hasRoom() {
			s.wakeLink()
			return
		}
	}
}

// newGroup makes a group with its queue; after a start that may be there already. The order is held.
func (b *Broker) newGroup(share string, durable bool) *group {
	g := &group{share: share}
	q := b.lookup(share)
	if q == nil {
		q = b.newQueue(g, durable)
	}
	q.group = g
	g.queue.Store(q)
	return g
}

// newQueue makes the session that is the queue of a group. The order is held.
func (b *Broker) newQueue(g *group, durable bool) *session {
	q := b.newSession(g.share, durable)
	q.group, q.internal, q.expiry = g, true, mqtt.NeverExpires
	q.lane.next = b.nextMessageID
	b.mu.Lock()
	b.sessions[q.id] = q
	b.mu.Unlock()
	return q
}

// addSubscription puts a subscription into the tree. unstored is the queue of its group when that has to be stored together
// with the subscription, waiting what goes into it after that: it was in the queue that this one replaces. The order is
// held.
func (b *Broker) addSubscription(s *session, sub mqtt.Subscription) (unstored *session, waiting []*delivery) {
	g := b.topics.add(s, sub)
	if g == nil {
		return nil, nil
	}
	s.mu.Lock()
	if !slices.Contains(s.groups, g) {
		s.groups = slices.Concat(s.groups, []*group{g}) // a new slice: its receiver may hold the old one
	}
	s.mu.Unlock()
	q := g.queue.Load()
	if !s.durable || q.isStored() {
		return nil, nil
	}
	if !q.durable {
		old := q
		q = b.newQueue(g, true)
		g.queue.Store(q)
		waiting = old.retire()
	}
	return q, waiting
}

// setStored notes that queues have rows, or that they could not be stored: the next durable member tries again.
func setStored(queues []*session, stored bool) {
	for _, q := range queues {
		q.mu.Lock()
		q.stored = stored
		q.mu.Unlock()
	}
}

// retire ends a queue that another one replaces, and gives what waits in it.
func (s *session) retire() []*delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = true
	return slices.Concat(s.lane.returned, s.lane.window, s.lane.tail) // a group has one lane
}

// removeSubscription takes a subscription out of the tree; with its last member a group ends. What waits at the session for the group
// goes back to it. The order is held.
func (b *Broker) removeSubscription(s *session, filter string) {
	g := b.topics.remove(s, filter)
	if g == nil {
		return
	}
	s.mu.Lock()
	s.groups = slices.DeleteFunc(slices.Clone(s.groups), func(other *group) bool { return other == g })
	back := s.takeBackLocked(func(d *delivery) bool { return d.share == g.share && !d.out })
	s.mu.Unlock()
	b.giveBack(back)
	if len(g.members()) > 0 {
		b.dispatchLocked(g)
		return
	}
	b.endGroup(g)
}

// endGroup removes the queue of a group without members. The order is held.
func (b *Broker) endGroup(g *group) {
	q := g.queue.Load()
	_, messages, bytes := b.dropSession(q)
	b.unlist(q)
	lost := q.ended(messages, bytes)
	if q.isStored() {
		b.store.Commit(&mqtt.Unit{Class: mqtt.Now, SessionRemove: q.id, GivenUp: lost}, nil)
	}
}

// openGroups ends the queues that no member was found for, and stores those that members of an earlier version of the
// program do not have. It belongs to Open; the order is held.
func (b *Broker) openGroups() {
	for _, q := range b.all() {
		switch {
		case isGroupQueue(q.id) && q.group == nil:
			b.endGroup(newOrphan(q))
		case q.group != nil && q.durable && !q.stored:
			q.stored = true
			b.store.Commit(&mqtt.Unit{Class: mqtt.Now, Groups: []*mqtt.SessionState{q.stateLocked()}}, nil)
		}
	}
}

func newOrphan(q *session) *group {
	g := &group{share: q.id}
	g.queue.Store(q)
	return g
}

// isGroupQueue: no client and no session of this process has such an identifier.
func isGroupQueue(id string) bool { return strings.HasPrefix(id, mqtt.SharePrefix) }
