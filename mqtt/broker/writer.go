package broker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// outBuffer is how much is collected before it is written.
const outBuffer = 32 << 10

// workplace is the memory of a writer at work: what it collects, and the packet that it is about to encode.
type workplace struct {
	buf     []byte
	publish packet.Publish
}

// workplaces lend it: an idle connection has none.
var workplaces = sync.Pool{New: func() any { return &workplace{buf: make([]byte, 0, outBuffer+4096)} }}

// wake has the writer look for what waits. It does not block, and may be called by anybody.
func (c *conn) wake() {
	if c.wakes.Add(1) == 1 {
		go c.write()
	}
}

// writeAll sends what waits. When the connection has stopped it says why, where the client can understand it, and leaves
// wakes as they are: nobody writes any more.
func (c *conn) writeAll() {
	over := true
	defer func() {
		if over {
			c.last.Done()
		}
	}()
	defer c.recover()
	for woken := c.wakes.Load(); woken > 0; woken = c.wakes.Add(-woken) {
		if c.ctx.Err() != nil {
			c.sayWhy()
			return
		}
		if err := c.drain(c.ctx); err != nil {
			c.stop(err)
		}
	}
	over = false
}

// drain writes until nothing waits.
func (c *conn) drain(ctx context.Context) error {
	lent := workplaces.Get().(*workplace) //nolint:forcetypeassert // the pool has nothing else
	defer workplaces.Put(lent)
	for ctx.Err() == nil {
		buf, read, err := c.gather(lent.buf[:0], &lent.publish)
		lent.publish = packet.Publish{} // it does not keep a message
		if err != nil {
			return err
		}
		if cap(buf) <= 4*outBuffer {
			lent.buf = buf[:0]
		}
		if len(buf) > 0 {
			if err := c.net.SetWriteDeadline(time.Now().Add(c.broker.limits.WriteTimeout)); err != nil {
				return err
			}
			n, err := c.net.Write(buf)
			c.broker.bytesSent.Add(uint64(n))
			if err != nil {
				return err
			}
		}
		if read && c.session.fetch(ctx) {
			continue
		}
		if len(buf) == 0 {
			return nil
		}
	}
	return nil
}

// sayWhy is the server's DISCONNECT (MQTT 5, 3.14).
func (c *conn) sayWhy() {
	code, isCode := errors.AsType[mqtt.ReasonCode](c.reason())
	if c.version == packet.V5 && isCode {
		last := &packet.Disconnect{Code: code, ReasonString: c.explain(c.reason())}
		if data, err := c.appendAnswer(nil, last); err == nil {
			_ = c.net.SetWriteDeadline(time.Now().Add(farewell))
			_, _ = c.net.Write(data)
		}
	}
	_ = c.net.Close()
}

// fits: a packet that is too large for the client is never sent [MQTT-3.1.2-24].
func (c *conn) fits(size int) bool { return c.maxPacket == 0 || size <= c.maxPacket }

// gather collects one buffer: answers first, then QoS 0, then what the session has. read: more is on disk.
func (c *conn) gather(buf []byte, p *packet.Publish) (_ []byte, read bool, err error) {
	if buf, err = c.gatherControl(buf); err != nil {
		return buf, false, err
	}
	for len(buf) < outBuffer {
		ack, ok := c.in.Next()
		if !ok {
			break
		}
		c.broker.sent.Add(1)
		answer := &packet.Ack{Kind: packet.Type(ack.Kind), PacketID: ack.PacketID, Code: ack.Code}
		if ack.Code.Failed() {
			answer.ReasonString = c.explain(ack.Code)
		}
		buf, err = c.appendAnswer(buf, answer)
		if err != nil {
			return buf, false, err
		}
	}
	c.session.feed(c.link)
	if buf, err = c.gatherZero(buf, p); err != nil {
		return buf, false, err
	}
	return c.gatherQueue(buf)
}

// gatherControl takes answers. It comes again between taking a message and writing it: a SUBACK was queued before what its
// subscription got of what is retained.
func (c *conn) gatherControl(buf []byte) ([]byte, error) {
	if !c.controlWaits.Load() {
		return buf, nil
	}
	c.mu.Lock()
	c.controlWaits.Store(false)
	control := c.control
	c.control = nil
	c.mu.Unlock()
	c.broker.sent.Add(uint64(len(control)))
	for _, p := range control {
		var err error
		if buf, err = c.appendAnswer(buf, p); err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// gatherZero takes messages at QoS 0. It works with p, so that a message allocates nothing.
func (c *conn) gatherZero(buf []byte, p *packet.Publish) (_ []byte, err error) {
	s := c.session
	for len(buf) < outBuffer {
		s.mu.Lock()
		out, ok := c.link.zero.pop()
		s.mu.Unlock()
		if !ok {
			return buf, nil
		}
		if buf, err = c.gatherControl(buf); err != nil {
			return buf, err
		}
		if expiredBy(out.message, c.broker.now) {
			s.lost(mqtt.Expired, out.message)
			continue
		}
		*p = packet.Publish{Retain: out.retain, Subscriptions: out.identifiers}
		var sent bool
		if buf, sent = c.appendPublish(buf, p, out.message); sent {
			c.countSent(mqtt.AtMostOnce, out.message)
		} else {
			s.lost(mqtt.Refused, out.message) // too large for the client [MQTT-3.1.2-25]
		}
	}
	return buf, nil
}

func (c *conn) countSent(qos mqtt.QoS, m *mqtt.Message) {
	c.session.sent.Add(1)
	c.broker.out.add(qos, m)
	c.broker.sent.Add(1)
}

// gatherQueue takes deliveries at QoS 1 and 2, as far as the client's receive maximum allows [MQTT-3.3.4-9].
func (c *conn) gatherQueue(buf []byte) (_ []byte, read bool, err error) {
	for len(buf) < outBuffer && c.out.Room() > 0 {
		d, read, ended := c.session.next(c.link)
		switch {
		case ended:
			return buf, false, mqtt.SessionTakenOver
		case d == nil:
			return buf, read, nil
		}
		if buf, err = c.gatherControl(buf); err != nil {
			return buf, false, err
		}
		if buf, err = c.appendDelivery(buf, d); err != nil {
			return buf, false, err
		}
	}
	return buf, false, nil
}

func (c *conn) appendDelivery(buf []byte, d *delivery) ([]byte, error) {
	state := d.State()
	if state == mqtt.DeliveryReceived {
		c.out.Add(d)
		return packet.Append(buf, c.version, &packet.Ack{Kind: packet.PUBREL, PacketID: d.PacketID()})
	}
	p := &packet.Publish{
		DUP: state == mqtt.DeliverySent, QoS: d.QoS(), Retain: d.Retain(), PacketID: d.PacketID(),
		Subscriptions: d.Subscriptions(),
	}
	buf, sent := c.appendPublish(buf, p, d.Message())
	if !sent {
		// It is over, as if it had been sent [MQTT-3.1.2-25].
		d.Settle(mqtt.PacketTooLarge)
		return buf, nil
	}
	if action := c.out.Add(d); action == inflight.SendPubrel {
		return buf, mqtt.ImplementationSpecificError
	}
	c.countSent(p.QoS, d.Message())
	return buf, nil
}

// appendPublish encodes a message for this client; false: it is too large, or cannot be encoded.
func (c *conn) appendPublish(buf []byte, p *packet.Publish, m *mqtt.Message) ([]byte, bool) {
	p.Topic, p.Payload, p.Properties = m.Topic, m.Payload, m.Properties
	if !m.Expires.IsZero() {
		left := uint32(max(0, (m.Expires.Sub(c.broker.now())+time.Second-1)/time.Second)) // [MQTT-3.3.2-6]
		p.MessageExpiry = &left
	}
	c.ourAliases.Shorten(p)
	result, err := packet.Append(buf, c.version, p)
	if err == nil && p.TopicAlias != 0 && !c.fits(len(result)-len(buf)) {
		// The alias must not be what makes it too large.
		p.Topic, p.TopicAlias = m.Topic, 0
		result, err = packet.Append(buf, c.version, p)
	}
	if err != nil || !c.fits(len(result)-len(buf)) {
		c.broker.logger.Debug("message not sent", "client", c.client.ID, "topic", m.Topic, "error", err, "size", len(result)-len(buf))
		return buf, false
	}
	c.ourAliases.Sent(p)
	return result, true
}
