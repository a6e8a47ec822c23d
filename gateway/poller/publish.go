package poller

import (
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// Numbers counts the published readings of each point for the time of one run of the gateway. It is shared by the
// pollers of the run, since a changed configuration replaces pollers while the run goes on.
type Numbers struct {
	mu   sync.Mutex // guards last
	last map[gateway.PointKey]uint64
}

// NewNumbers makes a table that starts at 1 for each point.
func NewNumbers() *Numbers { return &Numbers{last: map[gateway.PointKey]uint64{}} }

func (n *Numbers) next(key gateway.PointKey) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last[key] + 1
}

func (n *Numbers) use(key gateway.PointKey, number uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last[key] = number
}

// take shows readings of points of the group, and what is computed from them, and publishes what there is to say: each
// value that is worth a message, and each change of quality. A bad reading after a bad one is not published again.
func (p *Poller) take(g *group, readings []gateway.Reading) {
	for _, r := range readings {
		p.points[r.Point].latest = r
	}
	g.forgetLost()
	now := time.Now()
	var shown []gateway.Reading
	var messages []*mqtt.Message
	for _, r := range slices.Concat(readings, p.compute(g.device, readings)) {
		pt := p.points[r.Point]
		again := r.Quality == gateway.Bad && pt.quality == gateway.Bad
		if again && pt.reason == r.Reason {
			continue
		}
		pt.quality, pt.reason = r.Quality, r.Reason
		if !again && pt.Publish.Worth(pt.published, r, now.Sub(pt.said), pt.interval) {
			pt.published, pt.said = r, now
			var m *mqtt.Message
			if r, m = p.number(pt, r); m != nil {
				messages = append(messages, m)
			}
		}
		shown = append(shown, r)
	}
	if len(shown) > 0 {
		p.options.Live.Put(shown)
	}
	if len(messages) > 0 {
		p.outbox.add(g, messages)
	}
}

// forgetLost makes the next reading of each point worth a message when one was given up: which one is not known.
func (g *group) forgetLost() {
	if !g.lost.Swap(false) {
		return
	}
	for _, pt := range g.points {
		pt.published = gateway.Reading{}
	}
	for _, c := range g.device.computed {
		c.published = gateway.Reading{}
	}
}

// number makes the message of a reading. A number is used up when there is a message, also when that is given up later:
// then the receiver sees the gap.
func (p *Poller) number(pt *point, r gateway.Reading) (gateway.Reading, *mqtt.Message) {
	numbered := r
	numbered.Number = p.options.Numbers.next(pt.key)
	m := pt.mapper.Message(numbered)
	if m == nil {
		return r, nil
	}
	p.options.Numbers.use(pt.key, numbered.Number)
	return numbered, m
}
