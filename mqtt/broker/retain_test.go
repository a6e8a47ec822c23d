package broker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func (c *client) retain(topic, payload string) {
	c.t.Helper()
	c.send(&packet.Publish{Topic: topic, Payload: []byte(payload), Retain: true, QoS: 1, PacketID: 77})
	c.expectAck(packet.PUBACK, 77, 0)
}

func TestRetained(t *testing.T) {
	p := newPlant(t, broker.Options{})
	pub := p.v5("pub", 0)
	pub.retain("t", "one")
	pub.retain("t", "two")
	p.restart()
	sub := p.v5("sub", 0)
	sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 1})
	m := sub.expectPublish("t", "two")
	if !m.Retain || m.QoS != 1 {
		t.Errorf("got %+v, want retain and QoS 1", m)
	}
	sub.finish(m)
	pub = p.v5("pub", 0)
	pub.retain("t", "three")
	if m := sub.expectPublish("t", "three"); m.Retain { // [MQTT-3.3.1-12]
		t.Error("a live message has the retain flag")
	}
	pub.retain("t", "") // [MQTT-3.3.1-6]
	sub.expectPublish("t", "")
	p.restart()
	sub = p.v5("sub", 0)
	sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 1})
	sub.ping()
}

func TestRetainHandling(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("c", 0)
	c.retain("t", "x")
	steps := []struct {
		handling mqtt.RetainHandling
		filter   string
		want     bool
	}{
		{mqtt.SendRetainedIfNew, "t", true},
		{mqtt.SendRetainedIfNew, "t", false},
		{mqtt.SendRetained, "t", true},
		{mqtt.NoRetained, "+", false},
		{mqtt.SendRetained, "$share/g/t", false},
	}
	for _, step := range steps {
		c.subscribe(mqtt.Subscription{Filter: step.filter, RetainHandling: step.handling})
		if step.want {
			c.expectPublish("t", "x")
		}
		c.ping()
	}
}

func TestRetainAsPublished(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("c", 0)
	c.subscribe(mqtt.Subscription{Filter: "t", RetainAsPublished: true})
	pub := p.v5("pub", 0)
	pub.retain("t", "x")
	if m := c.expectPublish("t", "x"); !m.Retain {
		t.Error("the flag was not kept [MQTT-3.3.1-13]")
	}
}

// TestAllRetainedComeToASubscriber with queues that are far smaller, and a client that takes three at a time.
func TestAllRetainedComeToASubscriber(t *testing.T) {
	t.Parallel()
	const count = 5000
	for _, expiry := range []uint32{0, 100} {
		for qos := mqtt.AtMostOnce; qos <= mqtt.ExactlyOnce; qos++ {
			t.Run(fmt.Sprintf("expiry %d QoS %d", expiry, qos), func(t *testing.T) {
				p := newPlant(t, broker.Options{Limits: broker.Limits{
					Window: 20, QueueQoS0: 100, MemoryMessages: 100, ReceiveMaximum: 10,
				}})
				s, err := p.Session(t.Context(), "$s", broker.SessionOptions{Transient: true})
				if err != nil {
					t.Fatal(err)
				}
				for i := range count {
					m := &mqtt.Message{Topic: fmt.Sprintf("t/%d", i), Payload: []byte("x"), Retain: true, QoS: 2}
					if err := s.Publish(t.Context(), m, mqtt.Origin{}, nil); err != nil {
						t.Fatal(err)
					}
				}
				c := p.connect(packet.Connect{ClientID: "c", ReceiveMaximum: 3, SessionExpiry: expiry})
				c.subscribe(mqtt.Subscription{Filter: "#", QoS: qos})
				c.receive(count)
				c.ping()
			})
		}
	}
}

func TestExpiredMessages(t *testing.T) {
	clock := newClock()
	p := newPlant(t, broker.Options{Now: clock.now})
	sub := p.v5("sub", 1000)
	sub.subscribe(mqtt.Subscription{Filter: "#", QoS: 1})
	sub.drop()
	p.offline("sub")
	pub := p.v5("pub", 0)
	short, long := uint32(10), uint32(100)
	for i, m := range []packet.Publish{
		{Topic: "a", MessageExpiry: &short, Retain: true}, {Topic: "b", MessageExpiry: &long, Retain: true}, {Topic: "c"},
	} {
		m.QoS, m.PacketID, m.Payload = 1, uint16(i+1), []byte("x")
		pub.send(&m)
		pub.expectAck(packet.PUBACK, m.PacketID, 0)
	}
	clock.add(20 * time.Second)
	sub = p.v5("sub", 1000)
	m := sub.expectPublish("b", "x")
	if m.MessageExpiry == nil || *m.MessageExpiry != 80 { // [MQTT-3.3.2-6]
		t.Errorf("message expiry %v, want 80", m.MessageExpiry)
	}
	if m = sub.expectPublish("c", "x"); m.MessageExpiry != nil {
		t.Error("a message without expiry got one")
	}
	late := p.v5("late", 0)
	late.subscribe(mqtt.Subscription{Filter: "#"})
	if m := late.expectPublish("b", "x"); m.MessageExpiry == nil || *m.MessageExpiry != 80 {
		t.Errorf("retained message expiry %v, want 80", m.MessageExpiry)
	}
	late.ping()
}
