package packet

import (
	"strings"

	"github.com/tidegate/tidegate/mqtt"
)

// property is the identifier of an MQTT 5 property (MQTT 5, 2.2.2.2).
type property byte

const (
	propPayloadFormat       property = 0x01
	propMessageExpiry       property = 0x02
	propContentType         property = 0x03
	propResponseTopic       property = 0x08
	propCorrelationData     property = 0x09
	propSubscriptionID      property = 0x0B
	propSessionExpiry       property = 0x11
	propAssignedClientID    property = 0x12
	propServerKeepAlive     property = 0x13
	propAuthMethod          property = 0x15
	propAuthData            property = 0x16
	propRequestProblem      property = 0x17
	propWillDelay           property = 0x18
	propRequestResponse     property = 0x19
	propResponseInformation property = 0x1A
	propServerReference     property = 0x1C
	propReasonString        property = 0x1F
	propReceiveMaximum      property = 0x21
	propTopicAliasMaximum   property = 0x22
	propTopicAlias          property = 0x23
	propMaximumQoS          property = 0x24
	propRetainAvailable     property = 0x25
	propUser                property = 0x26
	propMaximumPacketSize   property = 0x27
	propWildcardAvailable   property = 0x28
	propSubscriptionIDs     property = 0x29
	propSharedAvailable     property = 0x2A
)

// will stands for the will properties of CONNECT, which have rules of their own. No packet has type 0.
const will Type = 0

const (
	inMessage = 1<<PUBLISH | 1<<will
	inAuth    = 1<<CONNECT | 1<<CONNACK | 1<<AUTH
	inAnswers = 1<<CONNACK | 1<<PUBACK | 1<<PUBREC | 1<<PUBREL | 1<<PUBCOMP | 1<<SUBACK | 1<<UNSUBACK | 1<<DISCONNECT | 1<<AUTH
)

// allowed says in which packets a property may stand (MQTT 5, table 2-4), a bit for each type.
var allowed = [...]uint16{
	propPayloadFormat: inMessage, propMessageExpiry: inMessage, propContentType: inMessage,
	propResponseTopic: inMessage, propCorrelationData: inMessage,
	propSubscriptionID: 1<<PUBLISH | 1<<SUBSCRIBE, propTopicAlias: 1 << PUBLISH,
	propSessionExpiry: 1<<CONNECT | 1<<CONNACK | 1<<DISCONNECT, propAssignedClientID: 1 << CONNACK,
	propServerKeepAlive: 1 << CONNACK, propAuthMethod: inAuth, propAuthData: inAuth,
	propRequestProblem: 1 << CONNECT, propRequestResponse: 1 << CONNECT, propWillDelay: 1 << will,
	propResponseInformation: 1 << CONNACK, propServerReference: 1<<CONNACK | 1<<DISCONNECT, propReasonString: inAnswers,
	propReceiveMaximum: 1<<CONNECT | 1<<CONNACK, propTopicAliasMaximum: 1<<CONNECT | 1<<CONNACK,
	propMaximumQoS: 1 << CONNACK, propRetainAvailable: 1 << CONNACK, propMaximumPacketSize: 1<<CONNECT | 1<<CONNACK,
	propWildcardAvailable: 1 << CONNACK, propSubscriptionIDs: 1 << CONNACK, propSharedAvailable: 1 << CONNACK,
	propUser: inMessage | inAnswers | 1<<CONNECT | 1<<SUBSCRIBE | 1<<UNSUBSCRIBE,
}

// properties walks through one property section: next gives the identifier in id, and its value is read from the
// cursor, which cannot get past the end of the section meanwhile.
type properties struct {
	c    *cursor
	in   Type
	id   property
	seen uint64
}

func (c *cursor) properties(in Type) properties {
	n := int(c.varint())
	section := c.take(n)
	c.after = c.b
	c.b = section
	return properties{c: c, in: in}
}

func (p *properties) next() bool {
	if len(p.c.b) == 0 {
		if p.c.err == nil {
			p.c.b = p.c.after
		}
		return false
	}
	id := p.c.varint()
	switch {
	case p.c.err != nil:
	case int(id) >= len(allowed) || allowed[id]&(1<<p.in) == 0:
		p.c.malformed("", "a property that this packet cannot have")
	case p.seen&(1<<id) != 0 && !p.repeats(property(id)):
		p.c.protocol("", "a property stands twice")
	}
	p.id = property(id)
	p.seen |= 1 << id
	return p.c.err == nil
}

// repeats: user properties may stand several times, subscription identifiers in PUBLISH only (MQTT 5, 3.3.2.3.8).
func (p *properties) repeats(id property) bool {
	return id == propUser || id == propSubscriptionID && p.in == PUBLISH
}

// flag reads a byte that must be 0 or 1.
func (c *cursor) flag() bool {
	v := c.byte()
	if v > 1 {
		c.protocol("", "a property that is 0 or 1 has another value")
	}
	return v == 1
}

// positive16 and positive32 read values that must not be 0, such as Receive Maximum (MQTT 5, 3.1.2.11.3).
func (c *cursor) positive16() uint16 {
	v := c.uint16()
	if v == 0 {
		c.protocol("", "a property that must not be 0 is 0")
	}
	return v
}

func (c *cursor) positive32() uint32 {
	v := c.uint32()
	if v == 0 {
		c.protocol("", "a property that must not be 0 is 0")
	}
	return v
}

func (c *cursor) subscriptionID() uint32 {
	v := c.varint()
	if v == 0 {
		c.protocol("", "subscription identifier 0")
	}
	return v
}

// user reads one user property; both halves are strings [MQTT-1.5.7-1].
func (c *cursor) user() mqtt.UserProperty {
	name := c.string()
	return mqtt.UserProperty{Name: name, Value: c.string()}
}

// message reads the properties that belong to an application message, in PUBLISH and in a will.
func (p *properties) message(m *mqtt.Properties) {
	switch c := p.c; p.id {
	case propPayloadFormat:
		format := byte(0)
		if c.flag() {
			format = 1
		}
		m.PayloadFormat = &format
	case propContentType:
		m.ContentType = c.string() // [MQTT-3.3.2-19]
	case propResponseTopic:
		m.ResponseTopic = p.responseTopic()
	case propCorrelationData:
		m.CorrelationData = c.binary()
	case propUser:
		m.User = append(m.User, c.user())
	}
}

// responseTopic is a topic name: a string [MQTT-3.3.2-13] without wildcards [MQTT-3.3.2-14].
func (p *properties) responseTopic() string {
	topic := p.c.string()
	if p.c.err == nil && mqtt.ValidateTopic(topic) != nil {
		p.c.protocol("MQTT-3.3.2-14", "the response topic is not a topic name")
	}
	return topic
}

func (w *writer) propByte(id property, v byte) {
	w.b = append(w.b, byte(id), v)
}

// propFalse writes 0 when off: the property is 1 when it is absent.
func (w *writer) propFalse(id property, off bool) {
	if off {
		w.propByte(id, 0)
	}
}

// propNumber16 and propNumber32 write nothing for 0, which means absent.
func (w *writer) propNumber16(id property, v uint16) {
	if v != 0 {
		w.byte(byte(id))
		w.uint16(v)
	}
}

func (w *writer) propNumber32(id property, v uint32) {
	if v != 0 {
		w.byte(byte(id))
		w.uint32(v)
	}
}

func (w *writer) propUint32(id property, v *uint32) {
	if v != nil {
		w.byte(byte(id))
		w.uint32(*v)
	}
}

func (w *writer) propSubscriptionID(v uint32) {
	if v == 0 || v > maxVarint {
		w.fail("", "a subscription identifier outside 1 to 268,435,455")
	}
	w.byte(byte(propSubscriptionID))
	w.varint(v)
}

func (w *writer) propString(id property, s string) {
	if s != "" {
		w.byte(byte(id))
		w.string(s)
	}
}

func (w *writer) propBinary(id property, b []byte) {
	if b != nil {
		w.byte(byte(id))
		w.binary(b)
	}
}

func (w *writer) propUser(user []mqtt.UserProperty) {
	for _, u := range user {
		w.byte(byte(propUser))
		w.string(u.Name)
		w.string(u.Value)
	}
}

func (w *writer) propMessage(m *mqtt.Properties) {
	if m.PayloadFormat != nil {
		if *m.PayloadFormat > 1 {
			w.fail("", "a payload format other than 0 and 1")
		}
		w.propByte(propPayloadFormat, *m.PayloadFormat)
	}
	w.propString(propContentType, m.ContentType)
	if strings.ContainsAny(m.ResponseTopic, "+#") {
		w.fail("MQTT-3.3.2-14", "the response topic is not a topic name")
	}
	w.propString(propResponseTopic, m.ResponseTopic)
	w.propBinary(propCorrelationData, m.CorrelationData)
	w.propUser(m.User)
}

// propReason writes the section of packets that can only explain themselves. When there is nothing to say its length is
// 0, but never absent [MQTT-2.2.2-1].
func (w *writer) propReason(reason string, user []mqtt.UserProperty) {
	mark := w.open()
	w.propString(propReasonString, reason)
	w.propUser(user)
	w.close(mark, 0)
}

// reasonProperties reads such a section.
func (c *cursor) reasonProperties(in Type) (reason string, user []mqtt.UserProperty) {
	for p := c.properties(in); p.next(); {
		switch p.id {
		case propReasonString:
			reason = c.string()
		case propUser:
			user = append(user, c.user())
		}
	}
	return reason, user
}
