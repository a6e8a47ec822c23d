package broker

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tidegate/tidegate/mqtt"
)

// topics is the tree of subscriptions. What a publish costs depends on the levels of its topic and on what matches, not
// on how many subscriptions there are.
type topics struct {
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

// group is a shared subscription at one filter (MQTT 5, 4.8.2).
type group struct {
	name    string
	members []subscriber
	turn    atomic.Uint32
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

// add puts a subscription in, or replaces the one of the same session and filter [MQTT-3.8.4-3].
func (t *topics) add(s *session, sub mqtt.Subscription) {
	name, filter := mqtt.SplitShare(sub.Filter)
	t.mu.Lock()
	defer t.mu.Unlock()
	n := &t.root
	for level := range strings.SplitSeq(filter, "/") {
		n = n.child(level, true)
	}
	list := &n.subscribers
	if name != "" {
		list = &n.group(name).members
	}
	// A new slice: a publisher may hold the old one.
	*list = append(without(*list, s), subscriber{session: s, Subscription: sub})
}

func (n *node) group(name string) *group {
	for _, g := range n.groups {
		if g.name == name {
			return g
		}
	}
	g := &group{name: name}
	n.groups = append(n.groups, g)
	return g
}

// without is list with no entry of s; list itself when it has none.
func without(list []subscriber, s *session) []subscriber {
	i := slices.IndexFunc(list, func(other subscriber) bool { return other.session == s })
	if i < 0 {
		return list
	}
	return slices.Concat(list[:i], list[i+1:])
}

// remove takes a subscription out, with the levels that nobody needs any more.
func (t *topics) remove(s *session, fullFilter string) {
	name, filter := mqtt.SplitShare(fullFilter)
	t.mu.Lock()
	defer t.mu.Unlock()
	path := []*node{&t.root}
	levels := strings.Split(filter, "/")
	for _, level := range levels {
		n := path[len(path)-1].child(level, false)
		if n == nil {
			return
		}
		path = append(path, n)
	}
	path[len(path)-1].drop(s, name)
	for i := len(levels) - 1; i >= 0 && path[i+1].empty(); i-- {
		path[i].dropChild(levels[i])
	}
}

func (n *node) drop(s *session, name string) {
	if name == "" {
		n.subscribers = without(n.subscribers, s)
		return
	}
	g := n.group(name)
	g.members = without(g.members, s)
	if len(g.members) == 0 {
		n.groups = slices.DeleteFunc(n.groups, func(other *group) bool { return other == g })
	}
}

// pick chooses a member of the group with a shared filter; nil when there is none.
func (t *topics) pick(share string) *subscriber {
	name, filter := mqtt.SplitShare(share)
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := &t.root
	for level := range strings.SplitSeq(filter, "/") {
		if n = n.child(level, false); n == nil {
			return nil
		}
	}
	for _, g := range n.groups {
		if g.name == name {
			return g.pick()
		}
	}
	return nil
}

// match collects the receivers of a message that publisher sends to topic.
func (t *topics) match(r *route, topic string, publisher *session) {
	r.publisher = publisher
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
