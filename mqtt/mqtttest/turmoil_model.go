package mqtttest

import (
	"strconv"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// turmoilMessage is a message and who may get it. Its payload is its number.
type turmoilMessage struct {
	number       int
	topic        string
	qos          mqtt.QoS
	retain, will bool
	publisher    string
	// open: the broker may still have to route it.
	open bool
	// takers are sessions and groups that may get it, owners those that must once it is acknowledged.
	takers map[any]bool
	owners map[any]map[int]bool
	// copies at QoS 2.
	copies int
	// repeated: it was sent twice at QoS 1, and may be two messages now, the first of which came before a subscription.
	repeated bool
}

// turmoilSession is one life of a session.
type turmoilSession struct {
	id      string
	durable bool
	filters map[string]mqtt.QoS
	owed    map[int]bool
	got     map[int]bool
	last    map[turmoilOrder]int
}

// turmoilOrder is in what messages are ordered.
type turmoilOrder struct {
	publisher, topic string
	sent, received   mqtt.QoS
}

// turmoilGroup is a shared subscription.
type turmoilGroup struct {
	members map[*turmoilSession]bool
	owed    map[int]bool
}

func (g *turmoilGroup) durable() bool {
	for s := range g.members {
		if s.durable {
			return true
		}
	}
	return false
}

func (m *turmoilMessage) payload() []byte { return strconv.AppendInt(nil, int64(m.number), 10) }

// compose makes a message that nobody has sent yet.
func (w *turmoil) compose(c *turmoilClient, topic string, qos mqtt.QoS, retain bool) *turmoilMessage {
	m := &turmoilMessage{
		number: len(w.messages), topic: c.prefix + topic, qos: qos, retain: retain, publisher: c.id,
		takers: map[any]bool{}, owners: map[any]map[int]bool{},
	}
	w.messages = append(w.messages, m)
	return m
}

// sent is when the broker may begin to route it.
func (w *turmoil) sent(m *turmoilMessage) {
	m.open = true
	for _, c := range w.clients {
		for filter := range c.session.filters {
			w.offer(m, c.session, filter)
		}
	}
}

// offer: what is open may come to who subscribes, and must if it came after that.
func (w *turmoil) offer(m *turmoilMessage, s *turmoilSession, filter string) {
	group, plain := mqtt.SplitShare(filter)
	switch {
	case !mqtt.Match(plain, m.topic):
	case group != "":
		m.takers[filter] = true
		if g := w.groups[filter]; g.durable() && m.qos > mqtt.AtMostOnce {
			m.owners[filter] = g.owed
		}
	default:
		m.takers[s] = true
		if s.durable && min(m.qos, s.filters[filter]) > mqtt.AtMostOnce {
			m.owners[s] = s.owed
		}
	}
}

// acknowledged: the broker has taken it over.
func (m *turmoilMessage) acknowledged() {
	m.open = false
	for _, owed := range m.owners {
		owed[m.number] = true
	}
	clear(m.owners)
}

// disclaim: whether it was routed will never be known.
func (m *turmoilMessage) disclaim() {
	for _, owed := range m.owners {
		delete(owed, m.number)
	}
	clear(m.owners)
}

// subscribed notes a subscription that the broker has confirmed, before the answer as far as open messages go.
func (w *turmoil) subscribed(s *turmoilSession, filter string, qos mqtt.QoS) {
	s.filters[filter] = qos
	if group, _ := mqtt.SplitShare(filter); group != "" {
		if w.groups[filter] == nil {
			w.groups[filter] = &turmoilGroup{members: map[*turmoilSession]bool{}, owed: map[int]bool{}}
		}
		w.groups[filter].members[s] = true
	}
	for _, m := range w.messages {
		if !m.open {
			continue
		}
		owners := m.owners
		m.owners = map[any]map[int]bool{}
		w.offer(m, s, filter) // the order of this and the publish is not known
		m.owners = owners
		if group, _ := mqtt.SplitShare(filter); group == "" { // nor is with which QoS, if it replaced another
			delete(m.owners, s)
		}
	}
}

// unsubscribed ends a subscription; ended says that the session did.
func (w *turmoil) unsubscribed(s *turmoilSession, filter string, ended bool) {
	delete(s.filters, filter)
	g := w.groups[filter]
	if g != nil {
		delete(g.members, s)
	}
	for _, m := range w.messages {
		if m.open {
			delete(m.owners, s)
			delete(m.owners, filter)
		}
		// What was begun at QoS 2 goes with the session of its member [MQTT-4.8.2-5].
		if g != nil && (!g.durable() || ended && m.qos == mqtt.ExactlyOnce) {
			delete(g.owed, m.number)
			delete(m.owners, filter)
		}
	}
}

// forget begins a new life of the session.
func (c *turmoilClient) forget() {
	if old := c.session; old != nil {
		for filter := range old.filters {
			c.w.unsubscribed(old, filter, true)
		}
		for _, m := range c.w.messages {
			delete(m.owners, old)
		}
		for _, p := range c.out {
			p.message.disclaim()
		}
	}
	c.session = &turmoilSession{
		id: c.id, filters: map[string]mqtt.QoS{}, owed: map[int]bool{}, got: map[int]bool{}, last: map[turmoilOrder]int{},
	}
	c.in, c.out, c.order = map[uint16]*turmoilArrival{}, map[uint16]*turmoilPublish{}, nil
}

// shared: a group may get it.
func (m *turmoilMessage) shared() bool {
	for taker := range m.takers {
		if _, group := taker.(string); group {
			return true
		}
	}
	return false
}

// arrived checks a message that the client has not got yet, or got again.
func (w *turmoil) arrived(s *turmoilSession, m *turmoilMessage, p *packet.Publish) {
	shared := m.shared()
	switch {
	case !m.takers[s] && !shared:
		w.Fatalf("%s got message %d on %s, to which it was not subscribed", s.id, m.number, m.topic)
	case p.QoS > m.qos || p.Topic != m.topic:
		w.Fatalf("message %d on %s at QoS %d came on %s at QoS %d", m.number, m.topic, m.qos, p.Topic, p.QoS)
	case s.got[m.number] && !shared && !m.repeated && (p.QoS != mqtt.AtLeastOnce || !p.DUP):
		w.Fatalf("%s got message %d a second time, at QoS %d with DUP %v", s.id, m.number, p.QoS, p.DUP)
	}
	if p.QoS == mqtt.ExactlyOnce {
		if m.copies++; m.copies > len(m.takers) {
			w.Fatalf("message %d came %d times at QoS 2, to %d sessions and groups", m.number, m.copies, len(m.takers))
		}
	}
	key := turmoilOrder{m.publisher, m.topic, m.qos, p.QoS}
	if !shared && !m.will && !m.repeated && !s.got[m.number] {
		if last, ok := s.last[key]; ok && last > m.number {
			w.Fatalf("%s got message %d after %d: %+v", s.id, m.number, last, key)
		}
		s.last[key] = m.number
	}
	s.got[m.number] = true
	delete(s.owed, m.number)
	delete(m.owners, s)
	for filter, g := range w.groups {
		delete(g.owed, m.number)
		delete(m.owners, filter)
	}
}
