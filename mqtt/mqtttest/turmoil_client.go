package mqtttest

import (
	"errors"
	"net"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// turmoilClient is one client identifier. It has a connection or none; session is what the broker has of it, and out and in
// what it keeps itself.
type turmoilClient struct {
	w          *turmoil
	id, prefix string
	session    *turmoilSession
	will       *turmoilMessage
	conn       net.Conn
	reader     *packet.Reader
	version    packet.Version
	nextID     uint16
	// out are publishes under way, in the order of order; in are messages that came and are not settled.
	out   map[uint16]*turmoilPublish
	order []uint16
	in    map[uint16]*turmoilArrival
	// window counts what came on this connection and is not acknowledged to the end.
	window, most int
	// hold keeps acknowledgements in held.
	hold bool
	held []*packet.Ack
	// leaving: nothing may be said any more [MQTT-3.14.4-1].
	leaving bool
	// pong says that PINGRESP came, answer is the last SUBACK or UNSUBACK.
	pong   bool
	answer packet.Packet
}

type turmoilPublish struct {
	message  *turmoilMessage
	received bool // PUBREC came
}

// turmoilArrival is a message that is not settled; here: it came on this connection; lent: at QoS 1 from a group, to which a
// restart gives it back, and then its identifier is free.
type turmoilArrival struct {
	payload    string
	here, lent bool
}

// connect opens a connection; will is that of request.
func (c *turmoilClient) connect(request packet.Connect, will *turmoilMessage) {
	conn, err := c.w.subject.Dial()
	if err != nil {
		c.w.Fatal(err)
	}
	request.ClientID = c.id
	if request.ReceiveMaximum == 0 {
		request.ReceiveMaximum = 65535
	}
	c.will = will
	c.conn, c.version, c.most = conn, request.Version, int(request.ReceiveMaximum)
	c.reader = packet.NewReader(conn, 0)
	c.reader.SetVersion(c.version)
	c.window, c.held = 0, nil
	_ = conn.SetDeadline(time.Now().Add(turmoilPatience))
	c.send(&request)
	p, err := c.reader.Next()
	connack, ok := p.(*packet.Connack)
	if !ok || connack.Code != mqtt.Success {
		c.w.Fatalf("%s: got %+v, %v, want CONNACK", c.id, p, err)
	}
	present := c.session.durable && !request.CleanStart
	if connack.SessionPresent != present && c.version != packet.V31 {
		c.w.Fatalf("%s: session present %v, want %v", c.id, connack.SessionPresent, present)
	}
	if !present {
		c.forget()
	}
	c.session.durable = request.SessionExpiry > 0 || c.version != packet.V5 && !request.CleanStart
	for _, a := range c.in {
		a.here = false
	}
	c.resend()
}

// resend repeats what was under way [MQTT-4.4.0-1].
func (c *turmoilClient) resend() {
	for _, id := range c.order {
		p := c.out[id]
		if p.received {
			c.send(&packet.Ack{Kind: packet.PUBREL, PacketID: id})
			continue
		}
		m := p.message
		m.repeated = m.qos == mqtt.AtLeastOnce
		c.send(&packet.Publish{Topic: m.topic, Payload: m.payload(), QoS: m.qos, Retain: m.retain, PacketID: id, DUP: true})
	}
}

func (c *turmoilClient) send(p packet.Packet) {
	if c.leaving {
		return
	}
	b, err := packet.Append(nil, c.version, p)
	if err != nil {
		c.w.Fatal(err)
	}
	c.write(b)
}

func (c *turmoilClient) write(b []byte) {
	_ = c.conn.SetDeadline(time.Now().Add(turmoilPatience))
	if _, err := c.conn.Write(b); err != nil {
		c.w.Fatalf("%s: %v", c.id, err)
	}
}

// freeID is not in use in either table.
func (c *turmoilClient) freeID() uint16 {
	for c.nextID++; c.nextID == 0 || c.out[c.nextID] != nil; c.nextID++ {
	}
	return c.nextID
}

func (c *turmoilClient) publish() {
	t := c.w.T
	m := c.w.compose(c, rapid.SampledFrom(turmoilTopics).Draw(t, "topic"), qos.Draw(t, "QoS"), rapid.IntRange(0, 5).Draw(t, "retain") == 0)
	p := &packet.Publish{Topic: m.topic, Payload: m.payload(), QoS: m.qos, Retain: m.retain}
	if m.qos > mqtt.AtMostOnce {
		p.PacketID = c.freeID()
		c.out[p.PacketID] = &turmoilPublish{message: m}
		c.order = append(c.order, p.PacketID)
	}
	c.w.sent(m)
	c.send(p)
	if rapid.Bool().Draw(t, "wait") || m.qos == mqtt.AtMostOnce {
		c.sync()
	}
	if m.qos == mqtt.AtMostOnce {
		m.open = false
	}
}

func (c *turmoilClient) drawFilter() string {
	filter := c.prefix + rapid.SampledFrom(turmoilFilters).Draw(c.w.T, "filter")
	if rapid.IntRange(0, 3).Draw(c.w.T, "shared") == 0 {
		return "$share/g/" + filter
	}
	return filter
}

func (c *turmoilClient) subscribe() {
	s := mqtt.Subscription{Filter: c.drawFilter(), QoS: qos.Draw(c.w.T, "QoS")}
	if group, _ := mqtt.SplitShare(s.Filter); group != "" {
		s.QoS = mqtt.ExactlyOnce
	}
	// What is open may be routed before or after.
	c.w.subscribed(c.session, s.Filter, s.QoS)
	c.send(&packet.Subscribe{PacketID: c.freeID(), Subscriptions: []mqtt.Subscription{s}})
	c.await("SUBACK", func() bool { return c.answer != nil })
	if a, ok := c.answer.(*packet.Suback); !ok || a.PacketID != c.nextID || a.Codes[0] != mqtt.ReasonCode(s.QoS) {
		c.w.Fatalf("%s: got %+v", c.id, c.answer)
	}
}

func (c *turmoilClient) unsubscribe() {
	filter := c.drawFilter()
	if len(c.session.filters) > 0 && rapid.Bool().Draw(c.w.T, "own") {
		var own []string
		for f := range c.session.filters {
			own = append(own, f)
		}
		slices.Sort(own)
		filter = rapid.SampledFrom(own).Draw(c.w.T, "which")
	}
	c.send(&packet.Unsubscribe{PacketID: c.freeID(), Filters: []string{filter}})
	c.await("UNSUBACK", func() bool { return c.answer != nil })
	if a, ok := c.answer.(*packet.Unsuback); !ok || a.PacketID != c.nextID {
		c.w.Fatalf("%s: got %+v", c.id, c.answer)
	}
	c.w.unsubscribed(c.session, filter, false)
}

// sync reads what is there. Held acknowledgements go out when hold is off.
func (c *turmoilClient) sync() {
	if !c.hold {
		held := c.held
		c.held = nil
		for _, p := range held {
			c.reply(p)
		}
	}
	c.send(&packet.Ping{})
	c.await("PINGRESP", func() bool { return c.pong })
}

func (c *turmoilClient) await(what string, ok func() bool) {
	c.pong, c.answer = false, nil
	for !ok() {
		p, err := c.reader.Next()
		if err != nil {
			c.w.Fatalf("%s waits for %s: %v", c.id, what, err)
		}
		c.take(p)
	}
}

// end reads until the connection is closed, and gives the reason code of DISCONNECT.
func (c *turmoilClient) end() mqtt.ReasonCode {
	c.leaving = true
	defer func() { c.leaving = false }()
	return c.untilEnd(c.take)
}

// endUnheard loses everything else.
func (c *turmoilClient) endUnheard() mqtt.ReasonCode { return c.untilEnd(func(packet.Packet) {}) }

func (c *turmoilClient) untilEnd(take func(packet.Packet)) mqtt.ReasonCode {
	code := mqtt.Success
	for {
		p, err := c.reader.Next()
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			c.w.Fatalf("%s: the connection does not end", c.id)
		}
		if err != nil {
			return code
		}
		if d, ok := p.(*packet.Disconnect); ok {
			code = d.Code
			continue
		}
		take(p)
	}
}

// gone is what the end of the connection means.
func (c *turmoilClient) gone() {
	c.conn = nil
	if c.will != nil {
		c.w.sent(c.will)
	}
	c.will = nil
	if !c.session.durable {
		c.forget()
	}
}

func (c *turmoilClient) drop() {
	_ = c.conn.Close()
	c.gone()
}

// leave says goodbye, perhaps with the will, or with another expiry.
func (c *turmoilClient) leave() {
	d := &packet.Disconnect{}
	if c.version == packet.V5 && rapid.Bool().Draw(c.w.T, "with will") {
		d.Code = mqtt.DisconnectWithWill
	}
	if c.version == packet.V5 && c.session.durable && rapid.Bool().Draw(c.w.T, "end the session") {
		d.SessionExpiry = new(uint32(0))
		c.session.durable = false
	}
	c.send(d)
	c.end()
	if d.Code == mqtt.Success {
		c.will = nil // [MQTT-3.14.4-3]
	}
	c.drop()
}

// takeOver connects a second time: the first connection is told, and ends [MQTT-3.1.4-3].
func (c *turmoilClient) takeOver(request packet.Connect, will *turmoilMessage) {
	first := turmoilClient{w: c.w, id: c.id, conn: c.conn, reader: c.reader, version: c.version}
	c.gone()
	c.connect(request, will)
	if code := first.endUnheard(); first.version == packet.V5 && code != mqtt.SessionTakenOver {
		c.w.Fatalf("%s was taken over and got %v", c.id, code)
	}
	_ = first.conn.Close()
}
