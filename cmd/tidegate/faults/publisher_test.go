package faults_test

import (
	"fmt"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// window is how many messages of a publisher wait for their acknowledgement.
const window = 30

// publisher publishes numbers to two topics in turn, without an end. It remembers what was acknowledged.
type publisher struct {
	who
	qos    mqtt.QoS
	topics [2]series
	// flight is what is not yet acknowledged, in the order of sending; at QoS 2 until PUBCOMP.
	flight   []*outgoing
	packetID uint16
	turn     int
	report   *report
}

// series is the numbers of one topic. The first of a publisher's topics is retained.
type series struct {
	topic  string
	retain bool
	// sent and acked are the last numbers.
	sent, acked int
}

type outgoing struct {
	series   *series
	number   int
	packetID uint16
	received bool // PUBREC came: only PUBREL is repeated
}

func newPublisher(id string, version packet.Version, qos mqtt.QoS, r *report) *publisher {
	p := &publisher{who: who{id: id, version: version}, qos: qos, report: r}
	p.topics[0] = series{topic: "load/" + id + "/a", retain: true}
	p.topics[1] = series{topic: "load/" + id + "/b"}
	return p
}

// publish publishes until the connection ends.
func (p *publisher) publish(address string) { _ = p.work(address, true) }

// finish gets everything acknowledged that is in flight.
func (p *publisher) finish(address string) error { return p.work(address, false) }

func (p *publisher) work(address string, more bool) error {
	wasKnown := p.known
	w, err := p.dial(address)
	if err != nil {
		return err
	}
	defer w.hangUp()
	if wasKnown && !w.present {
		p.report.add(&p.report.sessions, 1, "the session of %s is gone", p.id)
	}
	if err := p.repeat(w); err != nil {
		return err
	}
	for more || len(p.flight) > 0 {
		for more && len(p.flight) < window {
			if err := w.send(p.next()); err != nil {
				return err
			}
		}
		answer, err := w.next(10 * time.Second)
		if err != nil {
			return fmt.Errorf("%s, %d in flight: %w", p.id, len(p.flight), err)
		}
		if err := p.answered(w, answer); err != nil {
			return err
		}
	}
	return nil
}

// repeat sends what is in flight again, in the old order [MQTT-4.4.0-1] [MQTT-4.6.0-1]. Without its session the gateway
// knows nothing of it.
func (p *publisher) repeat(w *wire) error {
	for _, o := range p.flight {
		var again packet.Packet = &packet.Ack{Kind: packet.PUBREL, PacketID: o.packetID}
		if !o.received || !w.present {
			publish := p.encode(o)
			publish.DUP = w.present
			o.received = false
			again = publish
		}
		if err := w.send(again); err != nil {
			return err
		}
	}
	return nil
}

// next is a new message.
func (p *publisher) next() packet.Packet {
	s := &p.topics[p.turn%len(p.topics)]
	p.turn++
	s.sent++
	p.packetID = p.packetID%60000 + 1 // the window is much smaller, so the identifier is free
	o := &outgoing{series: s, number: s.sent, packetID: p.packetID}
	p.flight = append(p.flight, o)
	return p.encode(o)
}

func (p *publisher) encode(o *outgoing) *packet.Publish {
	return &packet.Publish{
		QoS: p.qos, Retain: o.series.retain, Topic: o.series.topic, PacketID: o.packetID,
		Payload: fmt.Appendf(nil, "%d", o.number),
	}
}

// answered takes an acknowledgement; those for messages come in the order of sending.
func (p *publisher) answered(w *wire, answer packet.Packet) error {
	ack, isAck := answer.(*packet.Ack)
	// A PUBREL whose PUBCOMP was lost comes twice; the second one finds nothing any more.
	released := isAck && ack.Kind == packet.PUBCOMP && ack.Code == mqtt.PacketIdentifierNotFound
	if !isAck || ack.Code.Failed() && !released {
		p.report.add(&p.report.refused, 1, "%s got %v: %+v", p.id, answer.Type(), answer)
		return fmt.Errorf("%s got %v", p.id, answer.Type())
	}
	index := -1
	for i, o := range p.flight {
		if o.packetID == ack.PacketID {
			index = i
			break
		}
	}
	if index < 0 {
		p.report.add(&p.report.refused, 1, "%s got %v of a packet that is not in flight", p.id, ack.Kind)
		return nil
	}
	o := p.flight[index]
	if ack.Kind == packet.PUBACK || ack.Kind == packet.PUBREC && !o.received {
		o.series.acked = max(o.series.acked, o.number)
		p.report.count(&p.report.acked)
	}
	if ack.Kind == packet.PUBREC {
		o.received = true
		return w.send(&packet.Ack{Kind: packet.PUBREL, PacketID: o.packetID})
	}
	p.flight = append(p.flight[:index], p.flight[index+1:]...)
	return nil
}
