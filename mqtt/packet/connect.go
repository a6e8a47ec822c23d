package packet

import (
	"github.com/tidegate/tidegate/mqtt"
)

// The bits of the connect flags (MQTT 5, 3.1.2.3).
const (
	flagReserved   = 0x01
	flagCleanStart = 0x02
	flagWill       = 0x04
	flagWillQoS    = 0x18
	flagWillRetain = 0x20
	flagPassword   = 0x40
	flagUsername   = 0x80
	// flagBridge is not of the standard: Mosquitto's bridges set it in the protocol level.
	flagBridge = 0x80
)

const defaultReceiveMaximum = 65535

func (c *cursor) connect() *Connect {
	p := &Connect{ReceiveMaximum: defaultReceiveMaximum}
	c.protocolVersion(p)
	flags := c.byte()
	c.connectFlags(p.Version, flags)
	p.CleanStart = flags&flagCleanStart != 0
	p.KeepAlive = c.uint16()
	if p.Version == V5 {
		c.connectProperties(p)
	}
	// [MQTT-3.1.3-1]: client identifier, will, user name, password, in this order; what has no flag is not there
	// [MQTT-3.1.2-16] [MQTT-3.1.2-18], and would be bytes too many.
	p.ClientID = c.string() // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
	if flags&flagWill != 0 {
		c.will(p, flags)
	}
	// MQTT 3.1 lets the flags be set for fields that are missing at the end.
	missing := func() bool { return p.Version == V31 && len(c.b) == 0 }
	if flags&flagUsername != 0 && !missing() {
		p.Username = new(c.string()) // [MQTT-3.1.2-17] [MQTT-3.1.3-12]
	}
	if flags&flagPassword != 0 && !missing() {
		p.Password = c.binary() // [MQTT-3.1.2-19]
	}
	return p
}

// protocolVersion reads the protocol's name and level [MQTT-3.1.2-1] [MQTT-3.1.2-2].
func (c *cursor) protocolVersion(p *Connect) {
	name := string(c.take(int(c.uint16())))
	level := c.byte()
	p.Bridge = level&flagBridge != 0
	p.Version = Version(level &^ flagBridge)
	c.version = p.Version
	switch {
	case c.err != nil:
	case name == "MQIsdp" && p.Version == V31:
	case name == "MQTT" && (p.Version == V311 || p.Version == V5):
	case name != "MQIsdp" && name != "MQTT":
		c.fail(mqtt.UnsupportedProtocolVersion, "MQTT-3.1.2-1", "the protocol is not MQTT")
	default:
		c.fail(mqtt.UnsupportedProtocolVersion, "MQTT-3.1.2-2", "a protocol level other than 3.1, 3.1.1 and 5")
	}
}

func (c *cursor) connectFlags(v Version, flags byte) {
	switch {
	case flags&flagReserved != 0:
		c.malformed("MQTT-3.1.2-3", "the reserved connect flag is set")
	case flags&flagWill == 0 && flags&flagWillQoS != 0:
		c.malformed("MQTT-3.1.2-11", "a will QoS without a will")
	case flags&flagWill == 0 && flags&flagWillRetain != 0:
		c.malformed("MQTT-3.1.2-13", "will retain without a will")
	case flags&flagWillQoS == flagWillQoS:
		c.malformed("MQTT-3.1.2-12", "will QoS 3")
	case v != V5 && flags&flagPassword != 0 && flags&flagUsername == 0:
		c.malformed("MQTT3-3.1.2-22", "a password without a user name") // MQTT 5 allows it
	}
}

func (c *cursor) connectProperties(p *Connect) {
	for props := c.properties(CONNECT); props.next(); {
		switch props.id {
		case propSessionExpiry:
			p.SessionExpiry = c.uint32()
		case propReceiveMaximum:
			p.ReceiveMaximum = c.positive16()
		case propMaximumPacketSize:
			p.MaximumPacketSize = c.positive32()
		case propTopicAliasMaximum:
			p.TopicAliasMaximum = c.uint16()
		case propRequestResponse:
			p.RequestResponse = c.flag()
		case propRequestProblem:
			p.NoProblemInfo = !c.flag()
		case propAuthMethod:
			p.AuthMethod = c.string()
		case propAuthData:
			p.AuthData = c.binary()
		case propUser:
			p.User = append(p.User, c.user())
		}
	}
	c.authRule(p.AuthMethod, p.AuthData)
}

// authRule: data without the method that explains it is a protocol error (MQTT 5, 3.1.2.11.10).
func (c *cursor) authRule(method string, data []byte) {
	if method == "" && data != nil {
		c.protocol("", "authentication data without a method")
	}
}

func (c *cursor) will(p *Connect, flags byte) {
	p.Will = &mqtt.Will{}
	m := &p.Will.Message
	m.QoS = mqtt.QoS(flags & flagWillQoS >> 3)
	m.Retain = flags&flagWillRetain != 0
	if p.Version == V5 {
		for props := c.properties(will); props.next(); {
			switch props.id {
			case propWillDelay:
				p.Will.Delay = c.uint32()
			case propMessageExpiry:
				p.WillExpiry = new(c.uint32())
			default:
				props.message(&m.Properties)
			}
		}
	}
	m.Topic = c.topicName() // [MQTT-3.1.2-9] [MQTT-3.1.3-11]
	if m.Topic == "" {
		c.fail(mqtt.TopicNameInvalid, "MQTT-4.7.3-1", "an empty will topic")
	}
	m.Payload = c.binary()
}

func (w *writer) connect(p *Connect) {
	name := "MQTT"
	switch p.Version {
	case V31:
		name = "MQIsdp"
	case V311, V5:
	default:
		w.fail("MQTT-3.1.2-2", "a protocol level other than 3.1, 3.1.1 and 5")
	}
	mark := w.start(0)
	w.string(name)
	level := byte(p.Version)
	if p.Bridge {
		level |= flagBridge
	}
	w.byte(level)
	w.byte(w.connectFlags(p))
	w.uint16(p.KeepAlive)
	if p.Version == V5 {
		w.connectProperties(p)
	}
	w.string(p.ClientID)
	if p.Will != nil {
		w.will(p)
	}
	if p.Username != nil {
		w.string(*p.Username)
	}
	if p.Password != nil {
		w.binary(p.Password)
	}
	w.close(mark, 0)
}

func (w *writer) connectFlags(p *Connect) byte {
	flags := byte(0)
	if p.CleanStart {
		flags |= flagCleanStart
	}
	if p.Will != nil {
		flags |= flagWill | byte(p.Will.Message.QoS)<<3
		if !p.Will.Message.QoS.Valid() {
			w.fail("MQTT-3.1.2-12", "will QoS above 2")
		}
		if p.Will.Message.Retain {
			flags |= flagWillRetain
		}
	}
	if p.Username != nil {
		flags |= flagUsername
	}
	if p.Password != nil {
		flags |= flagPassword
		if p.Username == nil && p.Version != V5 {
			w.fail("MQTT3-3.1.2-22", "a password without a user name")
		}
	}
	return flags
}

func (w *writer) connectProperties(p *Connect) {
	if p.AuthMethod == "" && p.AuthData != nil {
		w.fail("", "authentication data without a method")
	}
	mark := w.open()
	w.propNumber32(propSessionExpiry, p.SessionExpiry)
	if p.ReceiveMaximum != defaultReceiveMaximum {
		w.propNumber16(propReceiveMaximum, p.ReceiveMaximum)
	}
	w.propNumber32(propMaximumPacketSize, p.MaximumPacketSize)
	w.propNumber16(propTopicAliasMaximum, p.TopicAliasMaximum)
	if p.RequestResponse {
		w.propByte(propRequestResponse, 1)
	}
	w.propFalse(propRequestProblem, p.NoProblemInfo)
	w.propString(propAuthMethod, p.AuthMethod)
	w.propBinary(propAuthData, p.AuthData)
	w.propUser(p.User)
	w.close(mark, 0)
}

func (w *writer) will(p *Connect) {
	m := &p.Will.Message
	if p.Version == V5 {
		mark := w.open()
		w.propNumber32(propWillDelay, p.Will.Delay)
		w.propUint32(propMessageExpiry, p.WillExpiry)
		w.propMessage(&m.Properties)
		w.close(mark, 0)
	}
	if m.Topic == "" {
		w.fail("MQTT-4.7.3-1", "an empty will topic")
	}
	w.topicName(m.Topic)
	w.binary(m.Payload)
}
