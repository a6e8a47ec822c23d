package packet

import (
	"slices"

	"github.com/tidegate/tidegate/mqtt"
)

// The flags of PUBLISH in the fixed header (MQTT 5, 3.3.1).
const (
	flagRetain = 0x01
	flagDUP    = 0x08
)

func publishQoS(header byte) mqtt.QoS { return mqtt.QoS(header >> 1 & 3) }

func (c *cursor) publishFlags(flags byte) {
	switch qos := publishQoS(flags); {
	case !qos.Valid():
		c.malformed("MQTT-3.3.1-4", "QoS 3")
	case qos == mqtt.AtMostOnce && flags&flagDUP != 0:
		c.malformed("MQTT-3.3.1-2", "DUP at QoS 0")
	}
}

func (c *cursor) publish(header byte) *Publish {
	p := &Publish{DUP: header&flagDUP != 0, QoS: publishQoS(header), Retain: header&flagRetain != 0}
	p.Topic = c.topicName()       // [MQTT-3.3.2-1] [MQTT-3.3.2-2]
	if p.QoS != mqtt.AtMostOnce { // [MQTT-2.2.1-2]
		p.PacketID = c.packetID()
	}
	if c.version == V5 {
		c.publishProperties(p)
	}
	switch {
	case p.Topic != "" || p.TopicAlias != 0:
	case c.version == V5:
		c.protocol("", "neither topic nor topic alias")
	default:
		c.fail(mqtt.TopicNameInvalid, "MQTT-4.7.3-1", "an empty topic")
	}
	p.Payload = c.rest()
	return p
}

func (c *cursor) publishProperties(p *Publish) {
	for props := c.properties(PUBLISH); props.next(); {
		switch props.id {
		case propMessageExpiry:
			p.MessageExpiry = new(c.uint32())
		case propTopicAlias:
			p.TopicAlias = c.uint16()
			if p.TopicAlias == 0 {
				c.fail(mqtt.TopicAliasInvalid, "MQTT-3.3.2-8", "topic alias 0")
			}
		case propSubscriptionID:
			p.Subscriptions = append(p.Subscriptions, c.subscriptionID())
		default:
			props.message(&p.Properties)
		}
	}
}

func (w *writer) publish(v Version, p *Publish) {
	flags := byte(p.QoS) << 1
	if p.DUP {
		flags |= flagDUP
	}
	if p.Retain {
		flags |= flagRetain
	}
	switch {
	case !p.QoS.Valid():
		w.fail("MQTT-3.3.1-4", "QoS above 2")
		return
	case p.DUP && p.QoS == mqtt.AtMostOnce:
		w.fail("MQTT-3.3.1-2", "DUP at QoS 0")
	case p.Topic == "" && (p.TopicAlias == 0 || v != V5):
		w.fail("MQTT-4.7.3-1", "an empty topic")
	}
	w.b = slices.Grow(w.b, len(p.Topic)+len(p.Payload)+16)
	mark := w.start(flags)
	w.topicName(p.Topic)
	if p.QoS != mqtt.AtMostOnce {
		w.packetID(p.PacketID)
	}
	if v == V5 {
		w.publishProperties(p)
	}
	// The length is closed before the payload, so that the payload is never moved.
	w.close(mark, len(p.Payload))
	w.b = append(w.b, p.Payload...)
}

func (w *writer) publishProperties(p *Publish) {
	mark := w.open()
	w.propUint32(propMessageExpiry, p.MessageExpiry)
	w.propNumber16(propTopicAlias, p.TopicAlias)
	for _, id := range p.Subscriptions {
		w.propSubscriptionID(id)
	}
	w.propMessage(&p.Properties)
	w.close(mark, 0)
}
