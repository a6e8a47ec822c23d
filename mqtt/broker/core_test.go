package broker_test

import (
	"fmt"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func TestPublishReachesSubscriber(t *testing.T) {
	for _, version := range []packet.Version{packet.V31, packet.V311, packet.V5} {
		for qos := mqtt.AtMostOnce; qos <= mqtt.ExactlyOnce; qos++ {
			t.Run(fmt.Sprintf("version %d QoS %d", version, qos), func(t *testing.T) {
				p := newPlant(t, broker.Options{})
				sub := p.connect(packet.Connect{Version: version, ClientID: "sub", CleanStart: true})
				codes := sub.subscribe(mqtt.Subscription{Filter: "a/+", QoS: qos})
				if codes[0] != mqtt.ReasonCode(qos) {
					t.Fatalf("suback %v", codes)
				}
				pub := p.connect(packet.Connect{Version: version, ClientID: "pub", CleanStart: true})
				pub.publish("a/b", "hello", qos, 1)
				m := sub.expectPublish("a/b", "hello")
				if m.QoS != qos || m.DUP || m.Retain {
					t.Errorf("got %+v", m)
				}
				sub.finish(m)
				sub.ping()
			})
		}
	}
}

// finish acknowledges a publish to its end.
func (c *client) finish(m *packet.Publish) {
	c.t.Helper()
	switch m.QoS {
	case mqtt.AtLeastOnce:
		c.send(&packet.Ack{Kind: packet.PUBACK, PacketID: m.PacketID})
	case mqtt.ExactlyOnce:
		c.send(&packet.Ack{Kind: packet.PUBREC, PacketID: m.PacketID})
		c.expectAck(packet.PUBREL, m.PacketID, 0)
		c.send(&packet.Ack{Kind: packet.PUBCOMP, PacketID: m.PacketID})
	}
}

func TestOfflineQueueComesInOrder(t *testing.T) {
	for qos := mqtt.AtLeastOnce; qos <= mqtt.ExactlyOnce; qos++ {
		t.Run(fmt.Sprintf("QoS %d", qos), func(t *testing.T) {
			p := newPlant(t, broker.Options{Limits: broker.Limits{ReceiveMaximum: 10, Window: 20}})
			sub := p.v5("sub", 3600)
			sub.subscribe(mqtt.Subscription{Filter: "#", QoS: qos})
			sub.drop()
			p.offline("sub")
			pub := p.v5("pub", 0)
			for i := range 300 {
				pub.publish("t", fmt.Sprint(i), qos, uint16(i+1))
			}
			p.restart()
			sub = p.v5("sub", 3600)
			if !sub.connack.SessionPresent {
				t.Fatal("no session present")
			}
			for i, payload := range sub.receive(300) {
				if payload != fmt.Sprint(i) {
					t.Fatalf("message %d is %s", i, payload)
				}
			}
			sub.ping()
			eventually(t, "the queue is empty", func() bool { return p.Status().Queued == 0 })
		})
	}
}

func TestLocalSessionOutage(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 20}})
	bridge, err := p.Session(t.Context(), "$bridge/cloud", broker.SessionOptions{Class: mqtt.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := bridge.Subscribe(t.Context(), mqtt.Subscription{Filter: "#", QoS: 2}); err != nil {
		t.Fatal(err)
	}
	driver, err := p.Session(t.Context(), "$driver", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	const count = 5000
	settled := make(chan error, count)
	for i := range count {
		m := &mqtt.Message{Topic: "t", Payload: fmt.Appendf(nil, "%d", i), QoS: mqtt.QoS(1 + i%2)}
		if err := driver.Publish(t.Context(), m, mqtt.Origin{}, func(err error) { settled <- err }); err != nil {
			t.Fatal(err)
		}
	}
	for range count {
		if err := <-settled; err != nil {
			t.Fatal(err)
		}
	}
	p.restart()
	if bridge, err = p.Session(t.Context(), "$bridge/cloud", broker.SessionOptions{Class: mqtt.Now}); err != nil {
		t.Fatal(err)
	}
	if q := bridge.Queue(); q.Messages != count {
		t.Fatalf("%d queued, want %d", q.Messages, count)
	}
	link := bridge.Attach()
	for i := range count {
		d, err := link.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if string(d.Message().Payload) != fmt.Sprint(i) {
			t.Fatalf("got %s, want %d", d.Message().Payload, i)
		}
		d.Settle(nil)
	}
	if q := bridge.Queue(); q.Messages != 0 {
		t.Errorf("%d queued, want 0", q.Messages)
	}
}
