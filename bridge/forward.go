package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// forward sends the session's deliveries, oldest first.
func (u *upstream) forward(ctx context.Context, link mqtt.Link) error {
	batches := newBatches(u)
	for {
		d, err := batches.receive(ctx, link)
		if err != nil {
			return fmt.Errorf("forward what the session has: %w", err)
		}
		if err := u.send(ctx, d, batches); err != nil {
			return err
		}
	}
}

// errNoRoute is for what was queued for a route that exists no more.
var errNoRoute = fmt.Errorf("%w: no route of the bridge matches the topic any more", errUnwanted)

// errLoop is for what went round.
var errLoop = fmt.Errorf("%w: the message came over too many bridges: two of them bring back what the other one took", errUnwanted)

func (u *upstream) send(ctx context.Context, d mqtt.Delivery, batches *batches) error {
	out, settled := u.outgoing(d)
	if settled {
		return nil
	}
	announced := u.client.Announced()
	m := *d.Message()
	if u.condemned(out, m.Topic) {
		return nil
	}
	route := find(u.bridge.config.Routes, gateway.Out, m.Topic)
	if route == nil && out.state == mqtt.DeliveryNew {
		// What the other side may have seen is finished first: its packet identifier must become free there.
		out.Settle(errNoRoute)
		return nil
	}
	retain := d.Retain()
	if route != nil {
		m.Topic, retain = target(route, m.Topic), route.Retain.Of(retain)
	}
	if announced.Version == 5 && withHop(&m) && out.state == mqtt.DeliveryNew {
		out.Settle(errLoop)
		return nil
	}
	if announced.Version == 5 && out.historical {
		markHistorical(&m)
	}
	m.Retain = retain && !announced.RetainUnavailable && !u.bridge.preset.Has("noRetain")
	if u.poisonous(out, &m) {
		return nil
	}
	if err := u.bridge.pacer.wait(ctx, m.Size()); err != nil {
		return err
	}
	if out.state == mqtt.DeliveryNew && u.bridge.options.Circles.out(m.Payload) {
		u.bridge.status.count(func(s *gateway.BridgeStatus) { s.Circles++ })
	}
	if route != nil && route.Batch.Messages > 1 {
		if out.qos <= mqtt.AtLeastOnce {
			return batches.add(ctx, route, out, &m)
		}
		// Left from before the route was like this; the order of the topic is kept.
		if err := batches.send(ctx, batchKey{m.Topic, out.historical}); err != nil {
			return err
		}
	}
	return u.transmit(ctx, out, &m)
}

// transmit hands a message, or a batch, to the connection.
func (u *upstream) transmit(ctx context.Context, out mqtt.Delivery, m *mqtt.Message) error {
	err := u.client.Send(ctx, out, m)
	if unsendable, ok := errors.AsType[*client.Unsendable](err); ok {
		u.bridge.logger.Debug("a message cannot be sent to this broker", "topic", m.Topic, "error", err)
		out.Settle(unsendable)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errGone, err)
	}
	if out.QoS() > mqtt.AtMostOnce && out.State() != mqtt.DeliveryReceived {
		u.last = out.PacketID()
	}
	return nil
}

// poisonous settles what this kind of cloud refuses, or what would end every connection on which it is sent.
func (u *upstream) poisonous(out *outgoing, m *mqtt.Message) bool {
	err := u.bridge.preset.Refuses(m)
	if err == nil || out.state != mqtt.DeliveryNew {
		return false
	}
	u.bridge.logger.Warn("a message breaks a rule of the cloud", "topic", m.Topic, "error", err)
	out.Settle(err)
	return true
}

// outgoing is the delivery as this broker gets it. settled is true when there is nothing to send: at a broker that lost
// its session, what it had taken over is over.
func (u *upstream) outgoing(d mqtt.Delivery) (out *outgoing, settled bool) {
	out = &outgoing{Delivery: d, upstream: u, qos: d.QoS(), state: d.State(), historical: d.Historical()}
	if u.forgotten {
		switch out.state {
		case mqtt.DeliveryNew:
		case mqtt.DeliveryReceived:
			u.bridge.status.count(func(s *gateway.BridgeStatus) { s.TakenOver++ })
			out.Settle(nil)
			return out, true
		case mqtt.DeliverySent:
			out.state = mqtt.DeliveryNew // nothing to this session
			if u.again > 0 {
				u.again--
				u.bridge.status.count(func(s *gateway.BridgeStatus) { s.PossiblyTwice++ })
			}
		}
	}
	if out.state != mqtt.DeliveryReceived {
		out.qos = min(out.qos, u.client.Announced().MaximumQoS)
	}
	return out, false
}

// outgoing is a delivery of the session, at the QoS that the other broker takes, that counts what becomes of it.
type outgoing struct {
	mqtt.Delivery

	upstream *upstream
	qos      mqtt.QoS
	state    mqtt.DeliveryState
	// historical: it is sent with the mark.
	historical bool
}

// QoS is not more than the other broker takes.
func (o *outgoing) QoS() mqtt.QoS { return o.qos }

// State is what this connection may assume.
func (o *outgoing) State() mqtt.DeliveryState { return o.state }

// Received records that the other broker took the message over.
func (o *outgoing) Received(done mqtt.Settle) {
	o.upstream.progress.Add(1)
	o.Delivery.Received(done)
}

// isForNow reports whether a refusal may be another answer later: the other broker has no room, or is not done with an
// earlier message of that identifier.
func isForNow(err error) bool {
	return errors.Is(err, mqtt.QuotaExceeded) || errors.Is(err, mqtt.PacketIdentifierInUse)
}

// Settle removes the message from the session: the other broker has it, or refused it for ever. What it refuses for now
// stays, and ends the connection, so that it comes again, before later ones as far as they were not sent.
func (o *outgoing) Settle(err error) {
	o.upstream.progress.Add(1)
	if isForNow(err) {
		o.upstream.end(fmt.Errorf("a message is refused for now: %w", err))
		return
	}
	if o.qos > mqtt.AtMostOnce && o.upstream.bridge.blame.settled(o.PacketID()) {
		defer o.upstream.end(errCleared)
	}
	o.upstream.bridge.status.count(func(s *gateway.BridgeStatus) {
		switch {
		case err != nil:
			s.Refused++
		case o.historical:
			s.Historical++
			fallthrough
		default:
			s.Forwarded++
		}
	})
	o.Delivery.Settle(outcome(err))
}

// errUnwanted is wrapped by what is given up without being kept.
var errUnwanted = errors.New("not to be sent")

// outcome is what the session hears: what the other broker or its rules refuse is parked, what cannot be meant for it is
// given up.
func outcome(err error) error {
	if err == nil || errors.Is(err, errUnwanted) {
		return err
	}
	return &mqtt.Refusal{Reason: err}
}

// incoming takes what the other broker publishes.
type incoming struct{ bridge *Bridge }

func (in *incoming) origin(id uint16) mqtt.Origin {
	return mqtt.Origin{Session: "$bridge/" + in.bridge.config.ID, PacketID: id}
}

// receive publishes a message locally; the other broker gets its acknowledgement when that is on disk. What no route
// wants, of an earlier configuration perhaps, is taken and forgotten; what cannot have a topic here is refused.
func (in *incoming) receive(ctx context.Context, m *mqtt.Message, id uint16, settle mqtt.Settle) error {
	if probe := in.bridge.config.Link.ProbeTopic; probe != "" && m.Topic == probe {
		in.bridge.echo.came(m.Payload)
		settle(nil)
		return nil
	}
	route := find(in.bridge.config.Routes, gateway.In, m.Topic)
	if route == nil {
		settle(nil)
		return nil
	}
	topic := target(route, m.Topic)
	in.bridge.options.Circles.in(m.Payload)
	if err := mqtt.ValidateTopic(topic); err != nil || topic[0] == '$' {
		in.bridge.logger.Warn("a topic of the other broker cannot be published here", "topic", topic, "error", err)
		settle(mqtt.TopicNameInvalid)
		return nil
	}
	m.Topic, m.Retain = topic, route.Retain.Of(m.Retain)
	var from mqtt.Origin
	if m.QoS == mqtt.ExactlyOnce {
		from = in.origin(id)
	}
	return in.bridge.session.Publish(ctx, m, from, func(err error) {
		if err == nil {
			in.bridge.status.count(func(s *gateway.BridgeStatus) { s.Received++ })
		}
		settle(err)
	})
}

func (in *incoming) release(id uint16, done mqtt.Settle) {
	in.bridge.session.Release(in.origin(id), done)
}
