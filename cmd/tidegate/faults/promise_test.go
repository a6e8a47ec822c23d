package faults_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// promise is a line of the table "on disk before the byte leaves": a packet that the gateway sends, and what has to be
// on its disk by then.
type promise struct {
	name string
	// before brings things to the moment before, and gives the connection on which the packet comes.
	before func(s *stage) *wire
	// ask makes the gateway send it.
	ask func(s *stage, w *wire)
	// kept looks at the state behind the packet after the power is back. It may use what the packet said.
	kept func(s *stage, p packet.Packet)
	sent packet.Type
}

// stage is a gateway, the clients of one promise, and where it is told that a promise is broken.
type stage struct {
	t                     *testing.T
	gate                  *gate
	publisher, subscriber *who
	// source is where the publisher is connected when the packet comes to the subscriber, and packetID what that
	// packet is about.
	source   *wire
	packetID uint16
}

// settled is when nothing else is on its way to the disk any more, so that the commit at which the gateway stops is that
// of the packet.
const settled = 50 * time.Millisecond

// TestOnDiskBeforeTheByteLeaves: for each packet the power is cut when a client has received it, and then it is looked
// whether the gateway remembers what it said. The other way round, a gateway that is stopped before its commit must not
// have said anything yet.
func TestOnDiskBeforeTheByteLeaves(t *testing.T) {
	t.Parallel() // a disk and a gateway of its own
	disk := storagetest.MustMount(t, diskSize)
	site := newSite(t, disk.Path(), "--linger", "0s")
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			s := newStage(t, site.start(t))
			w := p.before(s)
			p.ask(s, w)
			said := s.await(w, p.sent)
			s.gate.cut(disk)
			s.gate = site.start(t)
			p.kept(s, said)
		})
		t.Run(p.name+" not before the commit", func(t *testing.T) {
			s := newStage(t, site.start(t))
			w := p.before(s)
			<-time.After(settled)
			site.stopAt(t, "commit.before", "queue.db")
			p.ask(s, w)
			s.gate.awaitStop(t)
			s.neverGot(w, p.sent)
			s.gate.cut(disk)
		})
	}
}

// newStage names the clients after the test, so that promises do not meet.
func newStage(t *testing.T, g *gate) *stage {
	t.Helper()
	return &stage{
		t: t, gate: g,
		publisher:  &who{id: t.Name() + "/publisher", version: packet.V5},
		subscriber: &who{id: t.Name() + "/subscriber", version: packet.V5},
	}
}

// topic is where the publisher of this stage publishes.
func (s *stage) topic() string { return s.t.Name() }

func (s *stage) check(what string, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
}

// connect goes on with a session; present says whether it has to be there.
func (s *stage) connect(client *who, present bool) *wire {
	s.t.Helper()
	w, err := client.dial(s.gate.address())
	s.check("connect "+client.id, err)
	if w.present != present {
		s.t.Fatalf("%s: session present is %t, want %t", client.id, w.present, present)
	}
	s.t.Cleanup(w.hangUp)
	return w
}

// subscribed makes the subscriber's session.
func (s *stage) subscribed() *wire {
	s.t.Helper()
	w := s.connect(s.subscriber, false)
	s.send(w, s.subscribe())
	s.await(w, packet.SUBACK)
	return w
}

func (s *stage) subscribe() packet.Packet {
	subscription := mqtt.Subscription{Filter: s.topic(), QoS: mqtt.ExactlyOnce, RetainHandling: mqtt.NoRetained}
	return &packet.Subscribe{PacketID: 1, Subscriptions: []mqtt.Subscription{subscription}}
}

func (s *stage) message(qos mqtt.QoS, payload string) *packet.Publish {
	return &packet.Publish{QoS: qos, PacketID: 7, Topic: s.topic(), Payload: []byte(payload)}
}

func (s *stage) send(w *wire, p packet.Packet) {
	s.t.Helper()
	s.check(fmt.Sprintf("send %v", p.Type()), w.sendNow(p))
}

// await reads until a packet of the kind comes.
func (s *stage) await(w *wire, kind packet.Type) packet.Packet {
	s.t.Helper()
	for {
		p, err := w.next(10 * time.Second)
		s.check(fmt.Sprintf("wait for %v", kind), err)
		if p.Type() == kind {
			return p
		}
	}
}

// expect is await for the very next packet.
func (s *stage) expect(w *wire, kind packet.Type) packet.Packet {
	s.t.Helper()
	p, err := w.next(10 * time.Second)
	s.check(fmt.Sprintf("wait for %v", kind), err)
	if p.Type() != kind {
		s.t.Fatalf("got %v %+v, want %v", p.Type(), p, kind)
	}
	return p
}

// neverGot reads what a gateway that has stopped had sent.
func (s *stage) neverGot(w *wire, kind packet.Type) {
	s.t.Helper()
	for {
		p, err := w.next(20 * time.Millisecond)
		if isSilence(err) {
			return
		}
		s.check("read", err)
		if p.Type() == kind {
			s.t.Fatalf("%v left before its commit: %+v", kind, p)
		}
	}
}

// gets takes the messages that wait for the subscriber, to their end, and wants exactly these.
func (s *stage) gets(payloads ...string) {
	s.t.Helper()
	w := s.connect(s.subscriber, true)
	var got []string
	for released := 0; released < len(payloads); {
		p, err := w.next(10 * time.Second)
		s.check(fmt.Sprintf("wait for %q, got %q", payloads, got), err)
		switch p := p.(type) {
		case *packet.Publish:
			got = append(got, string(p.Payload))
			released += s.take(w, p)
		case *packet.Ack:
			s.send(w, &packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID})
			released++
		}
	}
	s.nothingMore(w)
	if !slices.Equal(got, payloads) {
		s.t.Errorf("the subscriber got %q, want %q", got, payloads)
	}
}

// take acknowledges and gives the number of messages that are over by that.
func (s *stage) take(w *wire, p *packet.Publish) int {
	s.t.Helper()
	if p.QoS == mqtt.AtLeastOnce {
		s.send(w, &packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID})
		return 1
	}
	s.send(w, &packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID})
	return 0
}

// nothingMore: a ping is answered after everything that was waiting.
func (s *stage) nothingMore(w *wire) {
	s.t.Helper()
	s.send(w, &packet.Ping{})
	s.expect(w, packet.PINGRESP)
}

// publishes is a whole QoS 2 handshake.
func (s *stage) publishes(w *wire, p *packet.Publish) {
	s.t.Helper()
	s.send(w, p)
	s.await(w, packet.PUBREC)
	s.send(w, &packet.Ack{Kind: packet.PUBREL, PacketID: p.PacketID})
	s.await(w, packet.PUBCOMP)
}
