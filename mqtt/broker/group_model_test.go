package broker_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// member is a session of this process in the group; life counts how often it began anew.
type member struct {
	id        string
	transient bool
	life      int
	session   mqtt.Session
	link      mqtt.Link
	open      []mqtt.Delivery
}

// sharing is a group and what its members got: by payload, the lives of members that did.
type sharing struct {
	t       *testing.T
	rt      *rapid.T
	p       *plant
	pub     mqtt.Session
	members []*member
	sent    []mqtt.QoS
	got     map[string]map[string]bool
	// doubtful is how many messages were sent before a crash: what it bound at QoS 2 may have been sent by then, and goes
	// with the session of its member.
	doubtful int
}

func (g *sharing) must(err error) {
	if err != nil {
		g.rt.Fatal(err)
	}
}

func (g *sharing) begin(m *member) {
	g.open(m)
	g.must(m.session.Subscribe(g.t.Context(), mqtt.Subscription{Filter: "$share/g/t", QoS: 2}))
	m.life++
	m.link, m.open = nil, nil
}

func (g *sharing) open(m *member) {
	var err error
	m.session, err = g.p.Session(g.t.Context(), m.id, broker.SessionOptions{Transient: m.transient})
	g.must(err)
}

// openPublisher is for a new broker.
func (g *sharing) openPublisher() {
	var err error
	g.pub, err = g.p.Session(g.t.Context(), "$pub", broker.SessionOptions{Transient: true})
	g.must(err)
}

// restart is one of the broker: durable members go on where they were, the others are gone.
func (g *sharing) restart(crash bool) {
	for _, m := range g.members {
		if !crash && m.link != nil {
			m.link.Detach()
		}
	}
	if crash {
		g.doubtful = len(g.sent)
	}
	g.p.restart()
	g.openPublisher()
	for _, m := range g.members {
		if m.transient {
			g.begin(m)
			continue
		}
		g.open(m)
		m.link, m.open = nil, nil
	}
}

func (g *sharing) publish(qos mqtt.QoS) {
	done := make(chan error, 1)
	message := &mqtt.Message{Topic: "t", Payload: fmt.Append(nil, len(g.sent)), QoS: qos}
	g.must(g.pub.Publish(g.t.Context(), message, mqtt.Origin{}, func(err error) { done <- err }))
	g.must(<-done)
	g.sent = append(g.sent, qos)
}

// take receives what is there; wait: what comes.
func (g *sharing) take(m *member, wait bool) {
	ctx, cancel := context.WithTimeout(g.t.Context(), patience)
	defer cancel()
	if !wait {
		cancel()
	}
	d, err := m.link.Receive(ctx)
	if err != nil && wait {
		g.rt.Fatal(err)
	}
	if err != nil {
		return
	}
	payload := string(d.Message().Payload)
	if g.got[payload] == nil {
		g.got[payload] = map[string]bool{}
	}
	g.got[payload][fmt.Sprintf("%s in life %d", m.id, m.life)] = true
	m.open = append(m.open, d)
}

func (g *sharing) settle(m *member) {
	if len(m.open) == 0 {
		return
	}
	d := m.open[0]
	m.open = m.open[1:]
	if d.QoS() == mqtt.ExactlyOnce && d.State() != mqtt.DeliveryReceived {
		done := make(chan error, 1)
		d.Received(func(err error) { done <- err })
		g.must(<-done)
	}
	d.Settle(nil)
}

func (g *sharing) step(m *member) {
	switch action := rapid.IntRange(0, 10).Draw(g.rt, "action"); {
	case action == 10:
		g.restart(rapid.Bool().Draw(g.rt, "crash"))
	case action < 4:
		g.publish(mqtt.QoS(rapid.IntRange(1, 2).Draw(g.rt, "qos")))
	case action == 4 && m.link != nil:
		m.link.Detach()
		m.link, m.open = nil, nil
	case action == 5 && m != g.members[0]: // the first one always stays
		g.must(g.p.RemoveSession(g.t.Context(), m.id))
		g.begin(m)
	case m.link == nil:
		m.link = m.session.Attach()
	case action < 8:
		g.take(m, false)
	default:
		g.settle(m)
	}
}

// TestWhateverMembersDoTheGroupGetsEverything: as long as one durable member stays, every message at QoS 1 reaches some
// member, and one at QoS 2 exactly one.
func TestWhateverMembersDoTheGroupGetsEverything(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 5}})
	rapid.Check(t, func(rt *rapid.T) {
		g := &sharing{t: t, rt: rt, p: p, got: map[string]map[string]bool{}}
		g.openPublisher()
		for i := range 4 {
			m := &member{id: fmt.Sprintf("$m%d", i), transient: i > 1}
			g.members = append(g.members, m)
			g.begin(m)
		}
		for range rapid.IntRange(10, 60).Draw(rt, "steps") {
			g.step(g.members[rapid.IntRange(0, len(g.members)-1).Draw(rt, "member")])
		}
		for _, m := range g.members[1:] {
			g.must(p.RemoveSession(t.Context(), m.id))
		}
		last := g.members[0]
		last.link, last.open = last.session.Attach(), nil
		for g.p.Status().Queued > 0 {
			g.take(last, true)
			g.settle(last)
		}
		for i, qos := range g.sent {
			receivers := g.got[fmt.Sprint(i)]
			lost := len(receivers) == 0 && (qos == mqtt.AtLeastOnce || i >= g.doubtful)
			if lost || qos == mqtt.ExactlyOnce && len(receivers) > 1 {
				rt.Errorf("message %d at QoS %d went to %v", i, qos, receivers)
			}
		}
		g.must(p.RemoveSession(t.Context(), last.id))
	})
}
