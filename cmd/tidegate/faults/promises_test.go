package faults_test

import (
	"net"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// promises is the table of DESIGN.md, section 5.
var promises = []promise{
	{
		name: "PUBACK", sent: packet.PUBACK, before: publisherReady,
		ask:  func(s *stage, w *wire) { s.send(w, s.message(mqtt.AtLeastOnce, "message")) },
		kept: func(s *stage, _ packet.Packet) { s.gets("message") },
	},
	{
		name: "PUBREC", sent: packet.PUBREC, before: publisherReady,
		ask: func(s *stage, w *wire) { s.send(w, s.message(mqtt.ExactlyOnce, "message")) },
		kept: func(s *stage, _ packet.Packet) {
			again := s.message(mqtt.ExactlyOnce, "message")
			again.DUP = true
			s.publishes(s.connect(s.publisher, true), again)
			s.gets("message") // once
		},
	},
	{
		name: "PUBCOMP", sent: packet.PUBCOMP,
		before: func(s *stage) *wire {
			w := publisherReady(s)
			s.send(w, s.message(mqtt.ExactlyOnce, "first"))
			s.await(w, packet.PUBREC)
			return w
		},
		ask: func(s *stage, w *wire) { s.send(w, &packet.Ack{Kind: packet.PUBREL, PacketID: 7}) },
		kept: func(s *stage, _ packet.Packet) {
			// The identifier is free: the same one is a new message.
			s.publishes(s.connect(s.publisher, true), s.message(mqtt.ExactlyOnce, "second"))
			s.gets("first", "second")
		},
	},
	{
		name: "PUBLISH at QoS 2", sent: packet.PUBLISH,
		before: func(s *stage) *wire {
			s.source = s.connect(s.publisher, false)
			return s.subscribed()
		},
		ask: func(s *stage, _ *wire) { s.send(s.source, s.message(mqtt.ExactlyOnce, "message")) },
		kept: func(s *stage, p packet.Packet) {
			w := s.connect(s.subscriber, true)
			again, first := s.expect(w, packet.PUBLISH).(*packet.Publish), p.(*packet.Publish) //nolint:forcetypeassert // both were looked at
			if again.PacketID != first.PacketID || !again.DUP {
				s.t.Errorf("it came again with identifier %d and dup %t, want %d with dup", again.PacketID, again.DUP, first.PacketID)
			}
		},
	},
	{
		name: "PUBREL", sent: packet.PUBREL,
		before: func(s *stage) *wire {
			w := s.subscribed()
			s.send(s.connect(s.publisher, false), s.message(mqtt.ExactlyOnce, "message"))
			s.packetID = s.await(w, packet.PUBLISH).(*packet.Publish).PacketID //nolint:forcetypeassert // await looked at it
			return w
		},
		ask: func(s *stage, w *wire) { s.send(w, &packet.Ack{Kind: packet.PUBREC, PacketID: s.packetID}) },
		kept: func(s *stage, _ packet.Packet) {
			w := s.connect(s.subscriber, true)
			s.expect(w, packet.PUBREL) // and no PUBLISH again
			s.send(w, &packet.Ack{Kind: packet.PUBCOMP, PacketID: s.packetID})
			s.nothingMore(w)
		},
	},
	{
		name: "SUBACK", sent: packet.SUBACK,
		before: func(s *stage) *wire { return s.connect(s.subscriber, false) },
		ask:    func(s *stage, w *wire) { s.send(w, s.subscribe()) },
		kept: func(s *stage, _ packet.Packet) {
			s.publishes(s.connect(s.publisher, false), s.message(mqtt.ExactlyOnce, "message"))
			s.gets("message")
		},
	},
	{
		name: "UNSUBACK", sent: packet.UNSUBACK, before: (*stage).subscribed,
		ask: func(s *stage, w *wire) { s.send(w, &packet.Unsubscribe{PacketID: 1, Filters: []string{s.topic()}}) },
		kept: func(s *stage, _ packet.Packet) {
			s.publishes(s.connect(s.publisher, false), s.message(mqtt.ExactlyOnce, "message"))
			s.gets()
		},
	},
	{
		name: "CONNACK of a new session", sent: packet.CONNACK, before: (*stage).dialed,
		ask: func(s *stage, w *wire) {
			s.send(w, &packet.Connect{Version: packet.V5, ClientID: s.subscriber.id, SessionExpiry: 3600})
		},
		kept: func(s *stage, _ packet.Packet) { s.gets() }, // the session is present
	},
	{
		name: "CONNACK of a clean start", sent: packet.CONNACK,
		before: func(s *stage) *wire {
			s.subscribed().hangUp()
			s.publishes(s.connect(s.publisher, false), s.message(mqtt.ExactlyOnce, "forgotten"))
			return s.dialed()
		},
		ask: func(s *stage, w *wire) {
			s.send(w, &packet.Connect{Version: packet.V5, ClientID: s.subscriber.id, CleanStart: true, SessionExpiry: 3600})
		},
		kept: func(s *stage, _ packet.Packet) { s.gets() }, // and nothing of the old one is back
	},
	{
		name: "a changed expiry", sent: packet.CONNACK,
		before: func(s *stage) *wire {
			s.subscriber.expiry = 1
			s.connect(s.subscriber, false)
			return s.dialed()
		},
		ask: func(s *stage, w *wire) {
			s.send(w, &packet.Connect{Version: packet.V5, ClientID: s.subscriber.id, SessionExpiry: 3600})
		},
		kept: func(s *stage, _ packet.Packet) {
			<-time.After(1500 * time.Millisecond) // the old one would be over
			s.gets()
		},
	},
}

// publisherReady has a subscriber for what comes.
func publisherReady(s *stage) *wire {
	s.t.Helper()
	s.subscribed() // and acknowledges nothing
	return s.connect(s.publisher, false)
}

// dialed is a connection before its CONNECT.
func (s *stage) dialed() *wire {
	s.t.Helper()
	conn, err := net.DialTimeout("tcp", s.gate.address(), 5*time.Second)
	s.check("dial", err)
	w := newWire(conn, packet.V5)
	s.t.Cleanup(w.hangUp)
	return w
}
