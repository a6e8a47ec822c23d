package client

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// Send hands a delivery over under its own packet identifier and returns when it is on its way; it waits while the window
// is full, bounded by ctx and the connection. m is what goes out: the delivery's message, renamed perhaps. At QoS 1 and
// 2 the delivery is settled by PUBACK, PUBCOMP or a refusal, at QoS 0 here. An error means that nothing was sent and
// nothing is settled: an *Unsendable when this message can never be sent to this broker, else it is about the connection.
// Deliveries go out in the order of the calls.
func (c *Client) Send(ctx context.Context, d mqtt.Delivery, m *mqtt.Message) error {
	select {
	case c.sending <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ended:
		return c.lost()
	}
	defer func() { <-c.sending }()
	return c.send(ctx, d, m)
}

// Unsendable is the error for a message that this broker cannot take, as it announced itself: PacketTooLarge,
// QoSNotSupported, RetainNotSupported, or what no packet can hold. It is a type of its own, because an error about the
// connection may have a reason code too.
type Unsendable struct {
	Code mqtt.ReasonCode
	text string
}

// Error says what is wrong with the message, without its content.
func (u *Unsendable) Error() string { return u.text + ": " + u.Code.Error() }

// Unwrap is the reason code.
func (u *Unsendable) Unwrap() error { return u.Code }

// send is Send for who holds the right to.
func (c *Client) send(ctx context.Context, d mqtt.Delivery, m *mqtt.Message) error {
	if err := c.awaitRoom(ctx, d.QoS() != mqtt.AtMostOnce); err != nil {
		return err
	}
	if d.State() == mqtt.DeliveryReceived {
		c.outbound.Add(d)
		if err := c.out.add(c.version, &packet.Ack{Kind: packet.PUBREL, PacketID: d.PacketID()}); err != nil {
			c.end(err)
			return c.lost()
		}
		return nil
	}
	publish := c.publish(d, m)
	encoded, err := c.encode(publish)
	if err != nil {
		return err
	}
	if d.QoS() == mqtt.AtMostOnce {
		c.out.addBytes(encoded)
		d.Settle(nil)
		return nil
	}
	if c.outbound.Add(d) == inflight.SendPublishDup {
		encoded[0] |= dup
	}
	c.out.addBytes(encoded)
	return nil
}

// dup is the flag in the first byte of PUBLISH [MQTT-3.3.1-1].
const dup = 0x08

func (c *Client) publish(d mqtt.Delivery, m *mqtt.Message) *packet.Publish {
	p := &packet.Publish{
		QoS: d.QoS(), Retain: m.Retain, Topic: m.Topic, Payload: m.Payload, Properties: m.Properties,
	}
	if p.QoS != mqtt.AtMostOnce {
		p.PacketID = d.PacketID()
	}
	if !m.Expires.IsZero() {
		// Whether it is too late was decided before; a second is left for the way.
		left := max(time.Until(m.Expires)/time.Second, 1)
		p.MessageExpiry = new(uint32(min(left, time.Duration(mqtt.NeverExpires))))
	}
	return p
}

func (c *Client) encode(p *packet.Publish) ([]byte, error) {
	switch {
	case p.QoS > c.announced.MaximumQoS: // [MQTT-3.2.2-11]
		return nil, &Unsendable{mqtt.QoSNotSupported, fmt.Sprintf("QoS %d to this broker", p.QoS)}
	case p.Retain && c.announced.RetainUnavailable: // [MQTT-3.2.2-14]
		return nil, &Unsendable{mqtt.RetainNotSupported, "a retained message to this broker"}
	}
	topic := p.Topic
	c.ourAliases.Shorten(p)
	encoded, err := c.append(p)
	if err != nil && p.TopicAlias != 0 {
		// The alias must not be what makes it too large.
		p.Topic, p.TopicAlias = topic, 0
		encoded, err = c.append(p)
	}
	if err != nil {
		return nil, err
	}
	c.ourAliases.Sent(p)
	return encoded, nil
}

// append encodes a packet that the other broker can take.
func (c *Client) append(p packet.Packet) ([]byte, error) {
	encoded, err := packet.Append(nil, c.version, p)
	if err != nil {
		return nil, &Unsendable{mqtt.ImplementationSpecificError, "encode " + p.Type().String() + ": " + err.Error()}
	}
	if limit := c.announced.MaximumPacketSize; limit > 0 && len(encoded) > limit { // [MQTT-3.2.2-15]
		return nil, &Unsendable{mqtt.PacketTooLarge, fmt.Sprintf("%d bytes, this broker takes %d", len(encoded), limit)}
	}
	return encoded, nil
}

// awaitRoom waits for the window, where it counts, and for the writer.
func (c *Client) awaitRoom(ctx context.Context, counts bool) error {
	for {
		select { // a connection that is over takes nothing, room or not
		case <-c.ended:
			return c.lost()
		default:
		}
		full := c.out.full()
		if !full && (!counts || c.outbound.Room() > 0) {
			return nil
		}
		wake := c.room
		if full {
			wake = c.out.drained
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ended:
			return c.lost()
		}
	}
}
