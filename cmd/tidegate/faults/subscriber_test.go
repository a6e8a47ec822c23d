package faults_test

import (
	"fmt"
	"strconv"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// quiet is how long nothing has to come before what is missing counts as lost.
const quiet = 2 * time.Second

// subscriber is a durable session at QoS 2 on all numbers. It compares what comes with what has to come.
type subscriber struct {
	who
	// inbound are the packet identifiers of QoS 2 that were taken and not yet released, and what they brought
	// [MQTT-4.3.3-10].
	inbound map[uint16]string
	arrived map[string]*arrivals
	report  *report
}

// arrivals are the numbers of one topic: all below next came, but for the missing ones.
type arrivals struct {
	next    int
	missing map[int]bool
}

func newSubscriber(id string, version packet.Version, publishers []*publisher, r *report) *subscriber {
	s := &subscriber{who: who{id: id, version: version}, inbound: map[uint16]string{}, arrived: map[string]*arrivals{}, report: r}
	for _, p := range publishers {
		for _, series := range p.topics {
			s.arrived[series.topic] = &arrivals{next: 1, missing: map[int]bool{}}
		}
	}
	return s
}

// subscribe is done once: the subscription has to be there from then on.
func (s *subscriber) subscribe(address string) error {
	w, err := s.dial(address)
	if err != nil {
		return err
	}
	defer w.hangUp()
	_, err = w.ask(&packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{{Filter: "load/#", QoS: mqtt.ExactlyOnce}}})
	return err
}

// receive takes messages until the connection ends or enough says so.
func (s *subscriber) receive(address string, enough func() bool) error {
	wasKnown := s.known
	w, err := s.dial(address)
	if err != nil {
		return err
	}
	defer w.hangUp()
	if wasKnown && !w.present {
		s.report.add(&s.report.sessions, 1, "the session of %s is gone", s.id)
		return nil
	}
	for !enough() {
		p, err := w.next(quiet)
		if err != nil {
			return err
		}
		if err := s.take(w, p); err != nil {
			return err
		}
	}
	// What was taken is acknowledged before the link is lost.
	return w.flush()
}

func (s *subscriber) take(w *wire, p packet.Packet) error {
	switch p := p.(type) {
	case *packet.Publish:
		return s.message(w, p)
	case *packet.Ack:
		if p.Kind != packet.PUBREL {
			break
		}
		delete(s.inbound, p.PacketID)
		return w.send(&packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID})
	}
	s.report.add(&s.report.refused, 1, "%s got %v", s.id, p.Type())
	return fmt.Errorf("%s got %v", s.id, p.Type())
}

func (s *subscriber) message(w *wire, p *packet.Publish) error {
	if p.QoS == mqtt.AtLeastOnce {
		s.note(p)
		return w.send(&packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID})
	}
	content := p.Topic + " " + string(p.Payload)
	switch earlier := s.inbound[p.PacketID]; {
	case earlier == "":
		s.inbound[p.PacketID] = content
		s.note(p)
	case earlier != content:
		s.report.add(&s.report.refused, 1, "%s: identifier %d brought %q, and unreleased %q (dup: %t)", s.id, p.PacketID, earlier, content, p.DUP)
	}
	return w.send(&packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID})
}

// note compares a number with those that came before.
func (s *subscriber) note(p *packet.Publish) {
	number, err := strconv.Atoi(string(p.Payload))
	a := s.arrived[p.Topic]
	if err != nil || a == nil {
		s.report.add(&s.report.refused, 1, "%s got %q of %q", s.id, p.Payload, p.Topic)
		return
	}
	switch {
	case number >= a.next:
		for ; a.next < number; a.next++ {
			a.missing[a.next] = true
		}
		a.next++
	case a.missing[number]:
		delete(a.missing, number)
		s.report.add(&s.report.reordered, 1, "%s: number %d of %s came when %d was next", s.id, number, p.Topic, a.next)
	case p.QoS == mqtt.ExactlyOnce:
		s.report.add(&s.report.duplicated, 1, "%s: number %d of %s came again", s.id, number, p.Topic)
	default:
		s.report.count(&s.report.repeated)
	}
}

// complete tells whether everything came that the publishers sent.
func (s *subscriber) complete(publishers []*publisher) bool {
	for _, p := range publishers {
		for _, series := range p.topics {
			if a := s.arrived[series.topic]; a.next <= series.sent || len(a.missing) > 0 {
				return false
			}
		}
	}
	return true
}

// giveUp counts what is still missing as lost.
func (s *subscriber) giveUp(publishers []*publisher) {
	for _, p := range publishers {
		for _, series := range p.topics {
			a := s.arrived[series.topic]
			for ; a.next <= series.sent; a.next++ {
				a.missing[a.next] = true
			}
			for number := range a.missing {
				s.report.add(&s.report.lost, 1, "%s: number %d of %s was acknowledged and never came", s.id, number, series.topic)
			}
			clear(a.missing)
		}
	}
}
