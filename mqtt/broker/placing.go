package broker

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// LaneRules say which lane a topic goes to.
type LaneRules struct {
	// Of gives the lane of a topic; known is false for one that the rules do not speak of, of which nothing is queued
	// because of them. It is called under a lock and must not wait.
	Of func(topic string) (lane mqtt.Lane, known bool)
	// Sorts is false when every topic that is known is a normal one.
	Sorts bool
}

// placing decides which lane of a session a message goes to. What is queued stays where it is. When the rules change, a
// topic that the old ones know goes on where it was until all that waits is in memory; then the new rules take over, and
// neither lane sends what comes by them before the other one has sent what was there. So no topic overtakes itself. All of
// that is stored with the session, and holds across restarts.
type placing struct {
	// rules are in force, oldest first: the first that know a topic decide. wanted are those of the options.
	rules  []laneRules
	wanted string
	// from are the positions at which the latest rules began to decide alone.
	from [mqtt.Lanes]uint64
	// changed is when other rules were wanted last.
	changed time.Time
	// unsaved: what the store has is older.
	unsaved bool
	sorts   bool
}

// restTime is how long rules have to be wanted before they decide alone: by then the subscriptions are those of the rules,
// and nothing comes any more that only the old ones know.
const restTime = 3 * time.Second

type laneRules struct {
	text string
	LaneRules
}

// mostRules bounds the rules that are in force together. One more change takes effect when what waits was sent.
const mostRules = 8

// storedPlacing is a placing as it is stored.
type storedPlacing struct {
	Rules []string           `json:"rules"`
	From  [mqtt.Lanes]uint64 `json:"from"`
	// Live and LiveEnded are used and ended of the live stream.
	Live      bool               `json:"live,omitempty"`
	LiveEnded [mqtt.Lanes]uint64 `json:"liveEnded,omitzero"`
}

// allNormal are the rules before there were any.
func allNormal(string) (mqtt.Lane, bool) { return mqtt.NormalLane, true }

func (b *Broker) parseRules(text string) laneRules {
	if text == "" || b.laneRules == nil {
		return laneRules{text, LaneRules{Of: allNormal}}
	}
	return laneRules{text, b.laneRules(text)}
}

// setRules puts rules into force.
func (p *placing) setRules(rules ...laneRules) {
	p.rules = rules
	p.sorts = slices.ContainsFunc(rules, func(r laneRules) bool { return r.Sorts })
}

func (p *placing) lane(topic string) mqtt.Lane {
	for i := range p.rules {
		if lane, known := p.rules[i].Of(topic); known {
			return lane
		}
	}
	return mqtt.NormalLane
}

// isPending: the rules that are wanted are not alone yet.
func (p *placing) isPending() bool { return len(p.rules) > 1 || p.rules[0].text != p.wanted }

// storePlacing is how both lanes are used, as it is stored.
func (t *twoLanes) storePlacing() string {
	stored := storedPlacing{From: t.placing.from, Live: t.live.used, LiveEnded: t.live.ended}
	for _, r := range t.placing.rules {
		stored.Rules = append(stored.Rules, r.text)
	}
	text, err := json.Marshal(stored)
	if err != nil {
		panic(err) // texts and numbers can be written
	}
	return string(text)
}

// laneForLocked is the lane that a message on a topic goes to; old is not live, whoever receives.
func (s *session) laneForLocked(topic string, old bool) *lane {
	switch {
	case s.two == nil:
	case !old && s.isLiveLocked(), s.two.placing.sorts && s.two.placing.lane(topic) == mqtt.PriorityLane:
		return &s.two.priority
	}
	return &s.lane
}

// newTwo makes a second lane that begins at a position.
func newTwo(next uint64) *twoLanes {
	return &twoLanes{priority: lane{id: mqtt.PriorityLane, next: next}}
}

// loadPlacing takes over what was stored. What cannot be read is of a later version, and counts as no rules.
func (b *Broker) loadPlacing(s *session, text string) {
	var stored storedPlacing
	if err := json.Unmarshal([]byte(text), &stored); err != nil || len(stored.Rules) == 0 {
		stored = storedPlacing{Rules: []string{""}}
	}
	p := &s.two.placing
	rules := make([]laneRules, len(stored.Rules))
	for i, text := range stored.Rules {
		rules[i] = b.parseRules(text)
	}
	p.setRules(rules...)
	p.from, p.wanted = stored.From, rules[len(rules)-1].text
	s.two.live.used, s.two.live.ended = stored.Live, stored.LiveEnded
}

// setLanes has other rules decide, as soon as that is possible; it returns when that is on disk.
func (b *Broker) setLanes(ctx context.Context, s *session, text string) error {
	b.order.Lock()
	next := b.nextMessageID
	b.order.Unlock()
	s.mu.Lock()
	if !s.durable || s.two == nil && text == "" {
		s.mu.Unlock()
		return nil
	}
	if s.two == nil {
		s.two = newTwo(next)
		s.two.placing.setRules(b.parseRules(""))
	}
	p := &s.two.placing
	p.changed = time.Now()
	if p.wanted == text {
		p.changed = time.Time{} // who asks again has had the time
	}
	p.wanted = text
	last := p.rules[len(p.rules)-1].text
	if last != text && len(p.rules) < mostRules {
		p.setRules(append(slices.Clone(p.rules), b.parseRules(text))...)
		p.unsaved = true
	}
	unsaved, unit := p.unsaved, &mqtt.Unit{Class: mqtt.Now, Session: s.stateLocked()}
	s.mu.Unlock()
	if unsaved {
		if err := b.commitAndWait(ctx, unit); err != nil {
			return err
		}
		s.mu.Lock()
		p.unsaved = false
		s.mu.Unlock()
	}
	b.settlePlacing(s)
	return nil
}

// settlePlacing lets the rules that are wanted decide alone when all that waits is in memory.
func (b *Broker) settlePlacing(s *session) {
	s.mu.Lock()
	due := s.placingDueLocked()
	s.mu.Unlock()
	if !due {
		return
	}
	b.order.Lock() // nothing gets its place meanwhile, and the unit comes before what does then
	defer b.order.Unlock()
	s.mu.Lock()
	if !s.placingDueLocked() {
		s.mu.Unlock()
		return
	}
	p := &s.two.placing
	if s.mayChangeLocked() {
		p.setRules(b.parseRules(p.wanted))
		p.from = [mqtt.Lanes]uint64{s.lane.next, s.two.priority.next}
	}
	p.unsaved = false
	unit := &mqtt.Unit{Class: mqtt.Now, Session: s.stateLocked()}
	s.mu.Unlock()
	b.store.Commit(unit, func(err error) {
		s.mu.Lock()
		p.unsaved = p.unsaved || err != nil
		s.mu.Unlock()
	})
}

func (s *session) placingDueLocked() bool {
	return s.two != nil && !s.gone && s.stored && (s.two.placing.unsaved || s.mayChangeLocked())
}

// mayChangeLocked: other rules are wanted and have been for a while, all that waits is in memory, and the last change is over.
func (s *session) mayChangeLocked() bool {
	p := &s.two.placing
	return p.isPending() && time.Since(p.changed) >= restTime && !s.spilledLocked() && s.lane.first() >= p.from[mqtt.NormalLane] &&
		s.two.priority.first() >= p.from[mqtt.PriorityLane]
}
