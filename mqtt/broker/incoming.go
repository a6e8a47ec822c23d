package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// publish takes a message from the client. Its acknowledgement leaves when the message is kept.
func (c *conn) publish(ctx context.Context, p *packet.Publish) error {
	if err := c.theirAliases.Resolve(p); err != nil {
		return err
	}
	if len(p.Subscriptions) > 0 {
		return mqtt.ProtocolError // [MQTT-3.3.4-6]
	}
	if p.QoS > mqtt.AtMostOnce && c.refusing() {
		return nil // it comes again in its order when the client is back
	}
	if err := c.keepPace(ctx); err != nil {
		return err
	}
	refused := c.mayPublish(p.Topic)
	m := c.message(p)
	c.session.received.Add(1)
	switch {
	case p.QoS == mqtt.AtMostOnce && refused != nil:
		return nil //nolint:nilerr // at QoS 0 nothing can tell the client
	case p.QoS == mqtt.AtMostOnce:
		err := c.broker.publish(ctx, publication{message: m, publisher: c.session, class: mqtt.Soon})
		if err != nil {
			c.broker.logger.Debug("message at QoS 0 dropped", "client", c.client.ID, "error", err)
		}
		return nil
	}
	kind, id := inflight.PUBACK, uint16(0)
	if p.QoS == mqtt.ExactlyOnce {
		kind, id = inflight.PUBREC, p.PacketID
	}
	slot, repeated, err := c.in.Arrive(kind, p.PacketID)
	if err != nil || repeated {
		return err
	}
	settle := func(err error) { c.settle(slot, err) }
	if refused != nil {
		settle(refused)
		return nil
	}
	err = c.broker.publish(ctx, publication{
		message: m, publisher: c.session, class: mqtt.Now, packetID: id, settle: settle,
	})
	if err != nil {
		settle(err)
	}
	return nil
}

// settle lets an acknowledgement go, or says why there is none. Where nobody knows whether the message was kept, neither
// yes nor no is true: the connection ends, and the client asks by sending it again.
func (c *conn) settle(slot inflight.Slot, err error) {
	switch {
	case err == nil:
		slot.Settle(mqtt.Success)
	case errors.Is(err, mqtt.ErrUncertain):
		c.stop(fmt.Errorf("a message may be lost: %w: %w", mqtt.ServerBusy, err))
	case c.version < packet.V5 && errors.Is(err, mqtt.QuotaExceeded):
		c.refuseLater(err)
	case c.version < packet.V5:
		// There is no way to say no [MQTT3-3.3.5-2].
		c.stop(fmt.Errorf("a message cannot be taken: %w", err))
	default:
		slot.Settle(codeOf(err))
	}
}

// refuseLater ends the connection after a while without an acknowledgement, so that the client keeps its message.
func (c *conn) refuseLater(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refusal == nil && !c.stopped {
		end := func() { c.stop(fmt.Errorf("a message cannot be taken: %w", err)) }
		c.refusal = time.AfterFunc(c.broker.limits.RefusalPause, end)
	}
}

// refusing: a message was not taken, so those that follow must not overtake it.
func (c *conn) refusing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refusal != nil
}

// codeOf is what a client of MQTT 5 is told of a failure.
func codeOf(err error) mqtt.ReasonCode {
	if code, isCode := errors.AsType[mqtt.ReasonCode](err); isCode {
		return code
	}
	return mqtt.ImplementationSpecificError
}

func (c *conn) mayPublish(topic string) error {
	if c.tooDeep(topic) {
		return mqtt.TopicNameInvalid
	}
	if topic[0] == '$' || !c.broker.access.MayPublish(c.client, topic) {
		return mqtt.NotAuthorized
	}
	return nil
}

func (c *conn) message(p *packet.Publish) *mqtt.Message {
	m := &mqtt.Message{Topic: p.Topic, Payload: p.Payload, QoS: p.QoS, Retain: p.Retain, Properties: p.Properties}
	if p.MessageExpiry != nil {
		m.Expires = c.broker.now().Add(time.Duration(*p.MessageExpiry) * time.Second)
	}
	return m
}

// acknowledged handles PUBACK, PUBREC, PUBREL and PUBCOMP. Unknown identifiers are no error: the other side may repeat.
func (c *conn) acknowledged(p *packet.Ack) error {
	var err error
	switch p.Kind {
	case packet.PUBACK:
		err = c.out.Puback(p.PacketID, p.Code)
	case packet.PUBCOMP:
		err = c.out.Pubcomp(p.PacketID, p.Code)
	case packet.PUBREC:
		err = c.out.Pubrec(p.PacketID, p.Code, c.sendPubrel)
		if errors.Is(err, mqtt.PacketIdentifierNotFound) {
			c.queueControl(&packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID, Code: mqtt.PacketIdentifierNotFound})
		}
	default:
		return c.pubrel(p)
	}
	if errors.Is(err, mqtt.PacketIdentifierNotFound) {
		return nil
	}
	return err
}

// sendPubrel follows the recorded PUBREC [MQTT-4.3.3-4].
func (c *conn) sendPubrel(id uint16, err error) {
	if err != nil {
		c.stop(fmt.Errorf("record a PUBREC: %w", err))
		return
	}
	c.queueControl(&packet.Ack{Kind: packet.PUBREL, PacketID: id})
}

// pubrel ends a QoS 2 message of the client: PUBCOMP follows when its identifier is forgotten on disk [MQTT-4.3.3-11].
func (c *conn) pubrel(p *packet.Ack) error {
	slot, repeated, err := c.in.Arrive(inflight.PUBCOMP, p.PacketID)
	if err != nil || repeated {
		return err
	}
	known := c.session.release(p.PacketID, func(err error) {
		if err != nil {
			c.stop(fmt.Errorf("forget a PUBREL: %w", err))
			return
		}
		slot.Settle(mqtt.Success)
	})
	if !known {
		slot.Settle(mqtt.PacketIdentifierNotFound)
	}
	return nil
}

// subscribe answers with one code for each filter [MQTT-3.8.4-6].
func (c *conn) subscribe(ctx context.Context, p *packet.Subscribe) error {
	rules := c.broker.rules.Load()
	codes := make([]mqtt.ReasonCode, len(p.Subscriptions))
	granted := make([]mqtt.Subscription, 0, len(p.Subscriptions))
	room := c.roomForSubscriptions()
	for i, sub := range p.Subscriptions {
		if codes[i] = c.maySubscribe(sub, &room); !codes[i].Failed() {
			granted = append(granted, sub)
		}
	}
	answer := func(err error) {
		if err != nil {
			for i := range codes {
				codes[i] = codeOf(err)
			}
		}
		c.queueControl(&packet.Suback{PacketID: p.PacketID, Codes: codes, ReasonString: c.explain(firstFailure(codes))})
	}
	if len(granted) == 0 {
		answer(nil)
		return nil
	}
	c.broker.subscribe(ctx, c.session, granted, answer)
	if c.broker.rules.Load() != rules {
		return c.broker.dropForbidden(ctx, c.session) // Recheck may have looked before these were there
	}
	return nil
}

// firstFailure is what a SUBACK has to explain; Success when nothing.
func firstFailure(codes []mqtt.ReasonCode) mqtt.ReasonCode {
	if i := slices.IndexFunc(codes, mqtt.ReasonCode.Failed); i >= 0 {
		return codes[i]
	}
	return mqtt.Success
}

// maySubscribe is the code for one filter; room is what is left by then.
func (c *conn) maySubscribe(sub mqtt.Subscription, room *subscriptionRoom) mqtt.ReasonCode {
	switch {
	case c.tooDeep(sub.Filter):
		return mqtt.TopicFilterInvalid
	case !c.broker.access.MaySubscribe(c.client, sub.Filter):
		return mqtt.NotAuthorized
	case !room.take(c, sub.Filter):
		return mqtt.QuotaExceeded
	}
	return mqtt.ReasonCode(sub.QoS)
}

func (c *conn) unsubscribe(p *packet.Unsubscribe) error {
	c.broker.unsubscribe(c.session, p.Filters, func(existed []bool, err error) {
		codes := make([]mqtt.ReasonCode, len(existed))
		for i := range codes {
			switch {
			case err != nil:
				codes[i] = codeOf(err)
			case !existed[i]:
				codes[i] = mqtt.NoSubscriptionExisted
			}
		}
		c.queueControl(&packet.Unsuback{PacketID: p.PacketID, Codes: codes})
	})
	return nil
}
