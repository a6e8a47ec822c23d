package client_test

import (
	"context"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// FuzzHostileServer lets a server say anything while a message at each QoS is on its way: the client ends, or lives, and
// settles what Publish took exactly once.
func FuzzHostileServer(f *testing.F) {
	seed := func(packets ...packet.Packet) {
		var b []byte
		for _, p := range packets {
			b, _ = packet.Append(b, packet.V5, p)
		}
		f.Add(b)
	}
	seed(&packet.Ack{Kind: packet.PUBACK, PacketID: 32001}, &packet.Ack{Kind: packet.PUBREC, PacketID: 32002},
		&packet.Ack{Kind: packet.PUBCOMP, PacketID: 32002})
	seed(&packet.Ack{Kind: packet.PUBREC, PacketID: 32002}, &packet.Ack{Kind: packet.PUBREC, PacketID: 32002},
		&packet.Ack{Kind: packet.PUBREC, PacketID: 7}, &packet.Ack{Kind: packet.PUBACK, PacketID: 32002})
	seed(&packet.Publish{QoS: 2, Topic: "a", PacketID: 1}, &packet.Publish{QoS: 2, Topic: "a", PacketID: 1, DUP: true},
		&packet.Ack{Kind: packet.PUBREL, PacketID: 1}, &packet.Ack{Kind: packet.PUBREL, PacketID: 1})
	seed(&packet.Publish{Topic: "a", TopicAlias: 1}, &packet.Suback{PacketID: 64001, Codes: []mqtt.ReasonCode{0, 1}})
	seed(&packet.Connack{}, &packet.Disconnect{Code: mqtt.ServerMoved}, &packet.Ping{Response: true}, &packet.Ping{})
	f.Add([]byte{0x30, 0xFF, 0xFF, 0xFF, 0x7F, 0, 1, 'a'})
	f.Fuzz(func(t *testing.T, said []byte) {
		o, s := pipe(t, 5)
		o.Receive = func(_ context.Context, _ *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			settle(nil)
			return nil
		}
		r := MustRun(t, o, s, &packet.Connack{})
		go s.swallow()
		settled := make(chan error, 10)
		for _, qos := range []mqtt.QoS{1, 2} {
			// When the connection ended before, settle is not called.
			if err := r.Publish(t.Context(), &mqtt.Message{Topic: "a", QoS: qos}, func(err error) { settled <- err }); err != nil {
				t.Fatal(err)
			}
		}
		_ = s.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
		_, _ = s.conn.Write(said) // a client that ended takes no more
		_ = s.conn.Close()
		_ = r.end(t)
		if len(settled) != 2 {
			t.Errorf("%d settlements of 2", len(settled))
		}
	})
}
