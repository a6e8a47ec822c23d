package packet

import (
	"strings"

	"github.com/tidegate/tidegate/mqtt"
)

// The bits of the subscription options (MQTT 5, 3.8.3.1).
const (
	optionQoS               = 0x03
	optionNoLocal           = 0x04
	optionRetainAsPublished = 0x08
	optionRetainHandling    = 0x30
	optionReserved          = 0xC0
)

func (c *cursor) subscribe() *Subscribe {
	p := &Subscribe{PacketID: c.packetID()}
	id := uint32(0)
	if c.version == V5 {
		for props := c.properties(SUBSCRIBE); props.next(); {
			switch props.id {
			case propSubscriptionID:
				id = c.subscriptionID()
			case propUser:
				p.User = append(p.User, c.user())
			}
		}
	}
	if len(c.b) == 0 {
		c.protocol("MQTT-3.8.3-2", "no topic filters")
	}
	for len(c.b) > 0 {
		p.Subscriptions = append(p.Subscriptions, c.subscription(id))
	}
	return p
}

func (c *cursor) subscription(id uint32) mqtt.Subscription {
	s := mqtt.Subscription{Filter: c.topicFilter(), Identifier: id} // [MQTT-3.8.3-1]
	options := c.byte()
	s.QoS = mqtt.QoS(options & optionQoS)
	if c.version != V5 {
		if options > byte(mqtt.ExactlyOnce) {
			c.malformed("MQTT3-3.8.3-4", "QoS 3 or reserved bits in a requested QoS")
		}
		return s
	}
	s.NoLocal = options&optionNoLocal != 0
	s.RetainAsPublished = options&optionRetainAsPublished != 0
	s.RetainHandling = mqtt.RetainHandling(options & optionRetainHandling >> 4)
	switch {
	case options&optionReserved != 0:
		c.malformed("MQTT-3.8.3-5", "reserved bits in subscription options")
	case !s.QoS.Valid():
		c.protocol("", "a subscription with QoS 3")
	case s.RetainHandling > mqtt.NoRetained:
		c.protocol("", "retain handling 3")
	case s.NoLocal && strings.HasPrefix(s.Filter, mqtt.SharePrefix):
		c.protocol("MQTT-3.8.3-4", "no local on a shared subscription")
	}
	return s
}

func (w *writer) subscribe(v Version, p *Subscribe) {
	mark := w.start(0x02) // [MQTT-3.8.1-1]
	w.packetID(p.PacketID)
	if len(p.Subscriptions) == 0 {
		w.fail("MQTT-3.8.3-2", "no topic filters")
		return
	}
	if v == V5 {
		props := w.open()
		if id := p.Subscriptions[0].Identifier; id != 0 {
			w.propSubscriptionID(id)
		}
		w.propUser(p.User)
		w.close(props, 0)
	}
	for _, s := range p.Subscriptions {
		if v == V5 && s.Identifier != p.Subscriptions[0].Identifier {
			w.fail("", "different subscription identifiers in one packet")
		}
		w.topicFilter(s.Filter)
		w.byte(w.subscriptionOptions(v, s))
	}
	w.close(mark, 0)
}

func (w *writer) subscriptionOptions(v Version, s mqtt.Subscription) byte {
	options := byte(s.QoS)
	switch {
	case !s.QoS.Valid():
		w.fail("", "a subscription with a QoS above 2")
	case v != V5:
		return options
	case s.RetainHandling > mqtt.NoRetained:
		w.fail("", "retain handling above 2")
	case s.NoLocal && strings.HasPrefix(s.Filter, mqtt.SharePrefix):
		w.fail("MQTT-3.8.3-4", "no local on a shared subscription")
	}
	if s.NoLocal {
		options |= optionNoLocal
	}
	if s.RetainAsPublished {
		options |= optionRetainAsPublished
	}
	return options | byte(s.RetainHandling)<<4
}
