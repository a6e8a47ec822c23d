package mqtttest

import (
	"fmt"
	"net"
	"time"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// Subject is the broker that Turmoil is about. Restart ends it in order and starts one over the same store. Queued counts
// what is unsettled, for each session that has something, and each group.
type Subject interface {
	Dial() (net.Conn, error)
	Restart()
	Queued() map[string]int64
}

// turmoilPatience is how long Turmoil waits for what has to come.
const turmoilPatience = 10 * time.Second

// turmoil is one run: the clients, and what is known about messages, sessions and groups.
type turmoil struct {
	*rapid.T
	subject  Subject
	clients  []*turmoilClient
	messages []*turmoilMessage
	groups   map[string]*turmoilGroup
}

// Turmoil lets a few clients of all versions do what comes to their minds: publish, subscribe, hold back acknowledgements,
// vanish, come back, take each other's place, and break the rules, while the broker is stopped and started. It checks:
//
//   - what was acknowledged reaches every durable session that was subscribed, or some member of a group that has a
//     durable one; wills too;
//   - QoS 2 and QoS 0 arrive once at most, QoS 1 again only with DUP after a broken connection;
//   - the order of each publisher, topic and QoS;
//   - nobody gets what he was not subscribed to when it was published;
//   - packet identifiers in use are not used again, and the receive maximum is kept;
//   - an illegal packet ends its connection with the right reason code, and nothing else.
//
// Topics and client identifiers begin with prefix, so that one broker serves many runs.
func Turmoil(t *rapid.T, s Subject, prefix string) {
	w := &turmoil{T: t, subject: s, groups: map[string]*turmoilGroup{}}
	for _, name := range []string{"a", "b", "c", "d"} {
		c := &turmoilClient{w: w, id: prefix + name, prefix: prefix}
		c.forget()
		w.clients = append(w.clients, c)
	}
	defer w.disconnect()
	for range rapid.IntRange(20, 80).Draw(t, "steps") {
		if rapid.IntRange(0, 39).Draw(t, "restart") == 39 {
			w.restart()
			continue
		}
		w.step(w.clients[rapid.IntRange(0, len(w.clients)-1).Draw(t, "client")])
	}
	w.settle()
	w.cleanUp()
}

func (w *turmoil) step(c *turmoilClient) {
	if c.conn == nil {
		c.connect(c.drawConnect())
		return
	}
	switch action := rapid.IntRange(0, 15).Draw(w.T, "action"); {
	case action < 5:
		c.publish()
	case action < 8:
		c.subscribe()
	case action == 8:
		c.unsubscribe()
	case action == 9:
		c.drop()
	case action == 10:
		c.leave()
	case action == 11:
		c.hold = !c.hold
		c.sync()
	case action == 12:
		c.takeOver(c.drawConnect())
	case action == 13:
		c.breakRule(rapid.SampledFrom(rules).Draw(w.T, "rule"))
	case action == 14:
		c.confuse()
	default:
		c.sync()
	}
}

// restart ends every connection. A will waits for a minute then, which is beyond the end of the run.
func (w *turmoil) restart() {
	w.subject.Restart()
	for _, c := range w.clients {
		if c.conn != nil {
			c.drop()
		}
	}
	for _, m := range w.messages {
		if m.will {
			m.disclaim()
		}
	}
}

// settle brings everybody back who has a session, and waits for what they are owed.
func (w *turmoil) settle() {
	for _, c := range w.clients {
		c.hold = false
		if c.conn == nil && c.session.durable {
			c.connect(packet.Connect{Version: packet.V311}, nil)
		}
	}
	for _, m := range w.messages {
		if m.will && m.open {
			m.acknowledged()
		}
	}
	deadline := time.Now().Add(turmoilPatience)
	for {
		for _, c := range w.clients {
			if c.conn != nil {
				c.sync()
			}
		}
		if w.settled() {
			return
		}
		if time.Now().After(deadline) {
			w.complain()
		}
		<-time.After(time.Millisecond)
	}
}

func (w *turmoil) settled() bool {
	for _, c := range w.clients {
		if len(c.session.owed) > 0 || c.conn != nil && len(c.out)+c.unsettled() > 0 {
			return false
		}
	}
	for _, g := range w.groups {
		if len(g.owed) > 0 {
			return false
		}
	}
	return w.queued() == 0
}

// queued is what waits for those who can come for it. The broker keeps a session that ended with a restart until its will
// is due.
func (w *turmoil) queued() (n int64) {
	all := w.subject.Queued()
	for _, c := range w.clients {
		if c.session.durable {
			n += all[c.id]
		}
	}
	for filter, g := range w.groups {
		if g.durable() {
			n += all[filter]
		}
	}
	return n
}

func (w *turmoil) complain() {
	missing := ""
	for _, c := range w.clients {
		missing += fmt.Sprintf("%s is owed %v, has %d under way and %d open; ", c.id, c.session.owed, len(c.out), c.unsettled())
	}
	for filter, g := range w.groups {
		missing += fmt.Sprintf("%s is owed %v; ", filter, g.owed)
	}
	w.Fatalf("%squeued: %v", missing, w.subject.Queued())
}

// cleanUp leaves no session and no retained message behind.
func (w *turmoil) cleanUp() {
	for _, c := range w.clients {
		request := packet.Connect{Version: packet.V311, CleanStart: true}
		if c.conn != nil {
			c.takeOver(request, nil)
		} else {
			c.connect(request, nil)
		}
		for _, topic := range turmoilTopics {
			c.send(&packet.Publish{Topic: c.prefix + topic, Retain: true})
		}
		c.sync()
	}
}

func (w *turmoil) disconnect() {
	for _, c := range w.clients {
		if c.conn != nil {
			_ = c.conn.Close()
		}
	}
}

var (
	turmoilTopics  = []string{"/x", "/y", "/x/z"}
	turmoilFilters = []string{"/x", "/y", "/+", "/#", "/+/z", "/x/#"}
)

// drawConnect draws how to connect.
func (c *turmoilClient) drawConnect() (request packet.Connect, will *turmoilMessage) {
	t := c.w.T
	request = packet.Connect{
		Version:    rapid.SampledFrom([]packet.Version{packet.V31, packet.V311, packet.V5}).Draw(t, "version"),
		CleanStart: rapid.IntRange(0, 3).Draw(t, "clean") == 0,
	}
	if request.Version == packet.V5 {
		request.ReceiveMaximum = rapid.Uint16Range(1, 4).Draw(t, "receive maximum")
		request.SessionExpiry = rapid.SampledFrom([]uint32{0, 3600}).Draw(t, "expiry")
	}
	if rapid.IntRange(0, 2).Draw(t, "will") == 0 {
		will = c.w.compose(c, rapid.SampledFrom(turmoilTopics).Draw(t, "will topic"), mqtt.AtLeastOnce, false)
		will.will = true
		request.Will = &mqtt.Will{Message: mqtt.Message{Topic: will.topic, Payload: will.payload(), QoS: will.qos}}
	}
	return request, will
}
