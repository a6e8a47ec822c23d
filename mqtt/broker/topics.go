package broker

import (
	"slices"
	"strings"
	"sync"

	"github.com/tidegate/tidegate/mqtt"
)

// topics is the tree of subscriptions. What a publish costs depends on the levels of its topic and on what matches, not
// on how many subscriptions there are.
type topics struct {
	// newGroup makes a group with its queue.
	newGroup func(share string, durable bool) *group

	mu   sync.RWMutex // guards root and all below it; publishers only read
	root node
}

// node is a level. A filter ends at its node; "#" is a child of the level that it follows, so that "a/#" is found at "a"
// too.
type node struct {
	children    map[string]*node
	plus, hash  *node
	subscribers []subscriber
	groups      []*group
}

// subscriber is one subscription of one session.
type subscriber struct {
	session *session
	mqtt.Subscription
}

func (n *node) empty() bool {
	return len(n.children) == 0 && n.plus == nil && n.hash == nil && len(n.subscribers) == 0 && len(n.groups) == 0
}

// child finds the node of a level of a filter, and makes it when asked to.
func (n *node) child(level string, create bool) *node {
	switch level {
	case "+":
		return special(&n.plus, create)
	case "#":
		return special(&n.hash, create)
	}
	c := n.children[level]
	if c == nil && create {
		if n.children == nil {
			n.children = map[string]*node{}
		}
		c = &node{}
		n.children[strings.Clone(level)] = c
	}
	return c
}

func special(place **node, create bool) *node {
	if *place == nil && create {
		*place = &node{}
	}
	return *place
}

func (n *node) dropChild(level string) {
	switch level {
	case "+":
		n.plus = nil
	case "#":
		n.hash = nil
	default:
		delete(n.children, level)
	}
}

// add puts a subscription in, or replaces the one of the same session and filter [MQTT-3.8.4-3]. g is the group of a shared
// one.
func (t *topics) add(s *session, sub mqtt.Subscription) (g *group) {
	share, filter := mqtt.SplitShare(sub.Filter)
	t.mu.Lock()
	defer t.mu.Unlock()
	n := &t.root
	for level := range strings.SplitSeq(filter, "/") {
		n = n.child(level, true)
	}
	added := subscriber{session: s, Subscription: sub}
	if share == "" {
		// A new slice: a publisher may hold the old one.
		n.subscribers = append(without(n.subscribers, s), added)
		return nil
	}
	if g = n.group(sub.Filter); g == nil {
		g = t.newGroup(sub.Filter, s.durable)
		n.groups = append(n.groups, g)
	}
	g.setMembers(append(without(g.members(), s), added))
	return g
}

// group finds the group of a shared filter at its node; nil when there is none.
func (n *node) group(share string) *group {
	for _, g := range n.groups {
		if g.share == share {
			return g
		}
	}
	return nil
}

// without is list with no entry of s; list itself when it has none.
func without(list []subscriber, s *session) []subscriber {
	i := slices.IndexFunc(list, func(other subscriber) bool { return other.session == s })
	if i < 0 {
		return list
	}
	return slices.Concat(list[:i], list[i+1:])
}

// remove takes a subscription out, with the levels that nobody needs any more. g is the group of a shared one that was
// there; without members it is over.
func (t *topics) remove(s *session, fullFilter string) (g *group) {
	share, filter := mqtt.SplitShare(fullFilter)
	t.mu.Lock()
	defer t.mu.Unlock()
	path := []*node{&t.root}
	levels := strings.Split(filter, "/")
	for _, level := range levels {
		n := path[len(path)-1].child(level, false)
		if n == nil {
			return nil
		}
		path = append(path, n)
	}
	last := path[len(path)-1]
	if share == "" {
		last.subscribers = without(last.subscribers, s)
	} else if g = last.group(fullFilter); g != nil {
		last.leave(s, g)
	}
	for i := len(levels) - 1; i >= 0 && path[i+1].empty(); i-- {
		path[i].dropChild(levels[i])
	}
	return g
}

// leave takes a member out of a group, and the group with its last one.
func (n *node) leave(s *session, g *group) {
	g.setMembers(without(g.members(), s))
	if len(g.members()) == 0 {
		n.groups = slices.DeleteFunc(n.groups, func(other *group) bool { return other == g })
	}
}

// group finds the group of a shared filter; nil when there is none.
func (t *topics) group(share string) *group {
	_, filter := mqtt.SplitShare(share)
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := &t.root
	for level := range strings.SplitSeq(filter, "/") {
		if n = n.child(level, false); n == nil {
			return nil
		}
	}
	return n.group(share)
}

// match collects the receivers of a message that publisher sends to topic.
func (t *topics) match(r *route, topic string, qos mqtt.QoS, publisher *session) {
	r.publisher, r.qos = publisher, qos
	t.mu.RLock()
	defer t.mu.RUnlock()
	// Wildcards at the first level do not match topics that start with $ [MQTT-4.7.2-1].
	t.root.match(r, topic, topic[0] == '$')
}

func (n *node) match(r *route, rest string, dollar bool) {
	if n.hash != nil && !dollar {
		r.collect(n.hash)
	}
	level, rest, more := strings.Cut(rest, "/")
	if c := n.children[level]; c != nil {
		c.matchBelow(r, rest, more)
	}
	if n.plus != nil && !dollar {
		n.plus.matchBelow(r, rest, more)
	}
}

func (n *node) matchBelow(r *route, rest string, more bool) {
	if more {
		n.match(r, rest, false)
		return
	}
	r.collect(n)
	if n.hash != nil {
		r.collect(n.hash)
	}
}
