package broker

import (
	"strings"
	"sync"

	"github.com/tidegate/tidegate/mqtt"
)

// retained has the last retained message of each topic.
type retained struct {
	mu    sync.RWMutex // guards what follows
	count int
	// bytes is the memory of the messages and of the levels of their topics.
	bytes int64
	root  shelf
	// stored has the topics whose newest messages are on their way to the disk.
	stored map[string]*onItsWay
}

// shelf is a level of topics.
type shelf struct {
	message  *mqtt.Message
	children map[string]*shelf
}

// retainedCopy is a retained message on its way to a new subscription. It goes only if it still is the one of its topic:
// a newer one was delivered meanwhile.
type retainedCopy struct {
	message *mqtt.Message
	target  target
	filter  string
}

// put keeps a message, or removes the copy of its topic when the payload is empty [MQTT-3.3.1-6].
func (r *retained) put(m *mqtt.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.putLocked(m)
}

func (r *retained) putLocked(m *mqtt.Message) {
	if len(m.Payload) == 0 {
		r.removeLocked(m.Topic)
		return
	}
	at := &r.root
	for level := range strings.SplitSeq(m.Topic, "/") {
		next := at.children[level]
		if next == nil {
			if at.children == nil {
				at.children = map[string]*shelf{}
			}
			next = &shelf{}
			at.children[strings.Clone(level)] = next
			r.bytes += levelSize(level)
		}
		at = next
	}
	if at.message == nil {
		r.count++
	} else {
		r.bytes -= int64(at.message.Size())
	}
	r.bytes += int64(m.Size())
	at.message = m
}

func (r *retained) removeLocked(topic string) {
	if old, freed := r.root.remove(topic); old != nil {
		r.count--
		r.bytes -= int64(old.Size()) + freed
	}
}

// levelSize is about the memory of a level of a tree of topics: its name, its node, and its place among others.
func levelSize(level string) int64 { return int64(len(level)) + 160 }

// remove takes a message out and gives it back, with the memory of the levels that went with it; nil when there was none.
func (s *shelf) remove(topic string) (removed *mqtt.Message, freed int64) {
	level, rest, more := strings.Cut(topic, "/")
	child := s.children[level]
	if child == nil {
		return nil, 0
	}
	if more {
		removed, freed = child.remove(rest)
	} else {
		removed, child.message = child.message, nil
	}
	if child.message == nil && len(child.children) == 0 {
		delete(s.children, level)
		freed += levelSize(level)
	}
	return removed, freed
}

func (r *retained) get(topic string) *mqtt.Message {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.root.get(topic)
}

func (s *shelf) get(topic string) *mqtt.Message {
	for level := range strings.SplitSeq(topic, "/") {
		if s = s.children[level]; s == nil {
			return nil
		}
	}
	return s.message
}

// room names the limit that a message is beyond; false when there is none. What takes the place of another of at least
// its size always has room.
func (r *retained) room(m *mqtt.Message, l *Limits) (Limit, bool) {
	old := r.get(m.Topic)
	r.mu.RLock()
	defer r.mu.RUnlock()
	grows := int64(m.Size())
	switch {
	case old != nil:
		grows -= int64(old.Size())
	case r.count >= l.Retained:
		return LimitRetained, true
	}
	return LimitRetainedBytes, grows > 0 && r.bytes+grows > l.RetainedBytes
}

func (r *retained) memory() int64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.bytes
}

func (r *retained) size() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.count
}

// match collects the messages whose topics match a filter.
func (r *retained) match(filter string) []*mqtt.Message {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var found []*mqtt.Message
	r.root.match(filter, true, &found)
	return found
}

func (s *shelf) match(filter string, first bool, found *[]*mqtt.Message) {
	level, rest, more := strings.Cut(filter, "/")
	switch level {
	case "#":
		s.all(first, found)
	case "+":
		for name, child := range s.children {
			if !first || !strings.HasPrefix(name, "$") { // [MQTT-4.7.2-1]
				child.matchBelow(rest, more, found)
			}
		}
	default:
		if child := s.children[level]; child != nil {
			child.matchBelow(rest, more, found)
		}
	}
}

func (s *shelf) matchBelow(rest string, more bool, found *[]*mqtt.Message) {
	if more {
		if rest == "#" && s.message != nil { // "a/#" matches "a"
			*found = append(*found, s.message)
		}
		s.match(rest, false, found)
		return
	}
	if s.message != nil {
		*found = append(*found, s.message)
	}
}

func (s *shelf) all(first bool, found *[]*mqtt.Message) {
	for name, child := range s.children {
		if first && strings.HasPrefix(name, "$") {
			continue
		}
		if child.message != nil {
			*found = append(*found, child.message)
		}
		child.all(false, found)
	}
}

// findRetained is what a subscription gets of what is retained (MQTT 5, 3.8.3.1) [MQTT-3.3.1-9] [MQTT-3.3.1-10]
// [MQTT-3.3.1-11]; a shared one gets nothing (4.8.2).
func (b *Broker) findRetained(s *session, sub mqtt.Subscription, isNew bool) []retainedCopy {
	if group, _ := mqtt.SplitShare(sub.Filter); group != "" || sub.RetainHandling == mqtt.NoRetained ||
		sub.RetainHandling == mqtt.SendRetainedIfNew && !isNew {
		return nil
	}
	t := newTarget(&subscriber{session: s, Subscription: sub}, "")
	t.asPublished = true // [MQTT3-3.3.1-8]
	now := b.now()
	var copies []retainedCopy
	for _, m := range b.retained.match(sub.Filter) {
		if !m.Expired(now) {
			copies = append(copies, retainedCopy{message: m, target: t, filter: sub.Filter})
		}
	}
	return copies
}

// sendRetained makes rows for a durable session; other copies go as the connection takes them.
func (b *Broker) sendRetained(s *session, filter string, copies []retainedCopy) {
	waiting := copies[:0]
	for _, c := range copies {
		if c.target.stores(c.message) {
			r := &route{targets: []target{c.target}}
			if err := b.place(&publication{message: c.message, class: mqtt.Now, copyOnly: true}, r); err != nil {
				s.lost(mqtt.QueueMessages, c.message)
			}
		} else {
			waiting = append(waiting, c)
		}
	}
	s.replay(filter, waiting)
}

// maxReplay bounds the copies that wait for one connection.
const maxReplay = 2_000_000

// replay queues copies behind those that wait already; a repeated subscription begins again.
func (s *session) replay(filter string, copies []retainedCopy) {
	s.mu.Lock()
	l := s.link
	if l != nil {
		kept := l.replay[:0]
		for _, c := range l.replay {
			if c.filter != filter {
				kept = append(kept, c)
			}
		}
		l.replay = append(kept, copies...)
		for len(l.replay) > maxReplay {
			last := len(l.replay) - 1
			s.lostLocked(mqtt.SlowQoS0, l.replay[last].message)
			l.replay = l.replay[:last]
		}
	}
	s.mu.Unlock()
	if l != nil {
		l.wake()
	}
}

// feed moves copies into the queues of the link while these have room.
func (s *session) feed(l *link) {
	const room = 64
	for {
		s.mu.Lock()
		waiting := -s.inflightLocked()
		for lane := range s.lanesLocked() {
			waiting += len(lane.window)
		}
		if len(l.replay) == 0 || l.zero.count >= room || waiting >= room {
			s.mu.Unlock()
			return
		}
		c := l.replay[0]
		l.replay[0] = retainedCopy{}
		l.replay = l.replay[1:]
		if len(l.replay) == 0 {
			l.replay = nil
		}
		s.mu.Unlock()
		if s.broker.retained.get(c.message.Topic) != c.message {
			continue
		}
		if d, _, _ := s.enqueue(&c.target, c.message, 0); d != nil {
			d.settled(nil)
		}
	}
}
