package mqtttest

import (
	"strconv"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// take handles what the broker sends.
func (c *turmoilClient) take(p packet.Packet) {
	switch p := p.(type) {
	case *packet.Publish:
		c.receive(p)
	case *packet.Ack:
		c.acknowledged(p)
	case *packet.Suback, *packet.Unsuback:
		c.answer = p
	case *packet.Ping:
		c.pong = true
	default:
		c.w.Fatalf("%s got %v %+v", c.id, p.Type(), p)
	}
}

// receive takes a message and answers it.
func (c *turmoilClient) receive(p *packet.Publish) {
	if p.QoS == mqtt.AtMostOnce && p.DUP {
		c.w.Fatalf("%s got DUP at QoS 0", c.id) // [MQTT-3.3.1-2]
	}
	m := c.w.find(p)
	again := p.QoS > mqtt.AtMostOnce && c.open(p, m)
	switch {
	case m == nil || again: // the end of a retained message, or what is known already
	case !p.Retain:
		c.w.arrived(c.session, m, p)
	case !m.retain || m.topic != p.Topic:
		c.w.Fatalf("%s got message %d on %s as a retained one", c.id, m.number, p.Topic)
	}
}

// find is the message, nil for an empty one.
func (w *turmoil) find(p *packet.Publish) *turmoilMessage {
	if len(p.Payload) == 0 {
		return nil
	}
	number, err := strconv.Atoi(string(p.Payload))
	if err != nil || number >= len(w.messages) {
		w.Fatalf("payload %q came", p.Payload)
	}
	return w.messages[number]
}

// open notes an identifier, and says whether it is known with this message.
func (c *turmoilClient) open(p *packet.Publish, m *turmoilMessage) (again bool) {
	a := c.in[p.PacketID]
	if a != nil && a.lent && !a.here && (!p.DUP || a.payload != string(p.Payload)) {
		a = nil
	}
	if a != nil && (a.here || !p.DUP || a.payload != string(p.Payload)) {
		c.w.Fatalf("%s got identifier %d, DUP %v, with message %s and has it for %+v", c.id, p.PacketID, p.DUP, p.Payload, a)
	}
	c.in[p.PacketID] = &turmoilArrival{
		payload: string(p.Payload), here: true, lent: p.QoS == mqtt.AtLeastOnce && m != nil && m.shared(),
	}
	if c.window++; c.window > c.most {
		c.w.Fatalf("%s has %d open, its receive maximum is %d", c.id, c.window, c.most) // [MQTT-3.3.4-9]
	}
	kind := packet.PUBACK
	if p.QoS == mqtt.ExactlyOnce {
		kind = packet.PUBREC
	}
	c.reply(&packet.Ack{Kind: kind, PacketID: p.PacketID})
	return a != nil
}

// unsettled counts what the broker must go on with.
func (c *turmoilClient) unsettled() (n int) {
	for _, a := range c.in {
		if a.here || !a.lent {
			n++
		}
	}
	return n
}

// reply answers, or holds the answer.
func (c *turmoilClient) reply(a *packet.Ack) {
	if c.hold || c.leaving {
		c.held = append(c.held, a)
		return
	}
	if in := c.in[a.PacketID]; in != nil && a.Kind != packet.PUBREC {
		delete(c.in, a.PacketID)
		if in.here {
			c.window--
		}
	}
	c.send(a)
}

// acknowledged handles what answers our publishes, and PUBREL.
func (c *turmoilClient) acknowledged(a *packet.Ack) {
	p := c.out[a.PacketID]
	switch {
	case a.Kind == packet.PUBREL:
		c.reply(&packet.Ack{Kind: packet.PUBCOMP, PacketID: a.PacketID})
	case p == nil:
	case a.Code.Failed() && a.Kind != packet.PUBCOMP: // PUBREL may come twice
		c.w.Fatalf("%s got %v with %v", c.id, a.Kind, a.Code)
	case a.Kind == packet.PUBREC:
		c.inOrder(a, mqtt.ExactlyOnce)
		if !p.received {
			p.message.acknowledged()
		}
		p.received = true
		c.send(&packet.Ack{Kind: packet.PUBREL, PacketID: a.PacketID})
	case a.Kind == packet.PUBACK:
		c.inOrder(a, mqtt.AtLeastOnce)
		p.message.acknowledged()
		c.done(a.PacketID)
	default:
		c.done(a.PacketID)
	}
}

// inOrder: acknowledgements come in the order of what they are for [MQTT-4.6.0-2] [MQTT-4.6.0-3].
func (c *turmoilClient) inOrder(a *packet.Ack, qos mqtt.QoS) {
	for _, id := range c.order {
		p := c.out[id]
		if id == a.PacketID || c.out[a.PacketID].received {
			return
		}
		if p.message.qos == qos && !p.received {
			c.w.Fatalf("%s got %v %d before %d", c.id, a.Kind, a.PacketID, id)
		}
	}
}

func (c *turmoilClient) done(id uint16) {
	delete(c.out, id)
	for i, other := range c.order {
		if other == id {
			c.order = append(c.order[:i:i], c.order[i+1:]...)
			return
		}
	}
}

// turmoilRule is a rule to break, and what MQTT 5 calls that.
type turmoilRule struct {
	name, bytes string
	code        mqtt.ReasonCode
	only5       bool
}

var rules = []turmoilRule{
	{"reserved flags", "\xc1\x00", mqtt.MalformedPacket, false},
	{"QoS 3", "\x36\x05\x00\x01a\x00\x01", mqtt.MalformedPacket, false},
	{"wildcards in a topic", "\x30\x04\x00\x01#\x00", mqtt.TopicNameInvalid, false},
	{"bad UTF-8", "\x30\x04\x00\x01\xff\x00", mqtt.MalformedPacket, false},
	{"packet identifier 0", "\x40\x02\x00\x00", mqtt.ProtocolError, false},
	{"a second CONNECT", "\x10\x0d\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x00", mqtt.ProtocolError, false},
	{"a server's packet", "\xd0\x00", mqtt.ProtocolError, false},
	{"a packet too large", "\x30\xff\xff\x7f", mqtt.PacketTooLarge, false},
	{"no filters", "\x82\x03\x00\x01\x00", mqtt.ProtocolError, true},
	{"a topic alias too large", "\x30\x06\x00\x00\x03\x23\xff\xff", mqtt.TopicAliasInvalid, true},
	{"a property that does not belong", "\x30\x06\x00\x01a\x02\x24\x01", mqtt.MalformedPacket, true},
	{"an AUTH without authentication", "\xf0\x00", mqtt.ProtocolError, true},
}

// breakRule sends an illegal packet. The connection ends, told why where the version has a way.
func (c *turmoilClient) breakRule(r turmoilRule) {
	if r.only5 && c.version != packet.V5 {
		return
	}
	c.write([]byte(r.bytes))
	if code := c.end(); c.version == packet.V5 && code != r.code {
		c.w.Fatalf("%s: got %v, want %v", r.name, code, r.code)
	}
	c.drop()
}

// confuse sends acknowledgements that nobody waits for, which is no error.
func (c *turmoilClient) confuse() {
	kind := rapid.SampledFrom([]packet.Type{packet.PUBACK, packet.PUBREC, packet.PUBREL, packet.PUBCOMP}).Draw(c.w.T, "kind")
	c.send(&packet.Ack{Kind: kind, PacketID: 65000})
	c.sync()
}
