package broker

import (
	"sync"

	"github.com/tidegate/tidegate/mqtt"
)

// route is who gets one message. It is used again for the next one.
type route struct {
	publisher *session
	qos       mqtt.QoS
	targets   []target
	// merged finds the target of a session once subscriptions of several levels match; nil before that.
	merged map[*session]int
	nodes  int
}

// target is one delivery: all overlapping subscriptions of a session in one, at their highest quality and with all their
// identifiers [MQTT-3.3.4-2] [MQTT-3.3.4-3]. A shared subscription is a target of its own, mostly the queue of its group; share
// is its filter.
type target struct {
	session     *session
	qos         mqtt.QoS
	asPublished bool
	share       string
	identifiers []uint32
	// old: the message was queued before, and is queued again.
	old bool
	// placement is that of the message if it may be held back.
	placement *placement
}

var routes = sync.Pool{New: func() any { return new(route) }}

func newRoute() *route { return routes.Get().(*route) } //nolint:forcetypeassert // the pool has nothing else

// release gives the route back without keeping sessions alive.
func (r *route) release() {
	clear(r.targets)
	*r = route{targets: r.targets[:0]}
	routes.Put(r)
}

func (r *route) collect(n *node) {
	if len(n.subscribers) > 0 {
		r.nodes++
	}
	for i := range n.subscribers {
		s := &n.subscribers[i]
		if s.NoLocal && s.session == r.publisher { // [MQTT-3.8.3-3]
			continue
		}
		r.add(s)
	}
	for _, g := range n.groups {
		if t, found := g.target(r.qos); found {
			r.targets = append(r.targets, t)
		}
	}
}

func newTarget(s *subscriber, share string) target {
	t := target{session: s.session, qos: s.QoS, asPublished: s.RetainAsPublished, share: share}
	if s.Identifier != 0 {
		t.identifiers = []uint32{s.Identifier}
	}
	return t
}

// add merges with what other levels of the tree gave. Within one level every session stands once.
func (r *route) add(s *subscriber) {
	if r.nodes == 1 {
		r.targets = append(r.targets, newTarget(s, ""))
		return
	}
	if r.merged == nil {
		r.merged = make(map[*session]int, len(r.targets)+1)
		for i := range r.targets {
			if r.targets[i].share == "" {
				r.merged[r.targets[i].session] = i
			}
		}
	}
	i, known := r.merged[s.session]
	if !known {
		r.merged[s.session] = len(r.targets)
		r.targets = append(r.targets, newTarget(s, ""))
		return
	}
	t := &r.targets[i]
	t.qos = max(t.qos, s.QoS)
	t.asPublished = t.asPublished || s.RetainAsPublished
	if s.Identifier != 0 {
		t.identifiers = append(t.identifiers, s.Identifier)
	}
}
