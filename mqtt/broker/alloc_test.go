package broker_test

import (
	"io"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// TestQoS0DeliveryAllocatesNothing: a message of this process to one client, once everything is warm. It is not parallel,
// because it counts what the whole process allocates.
func TestQoS0DeliveryAllocatesNothing(t *testing.T) {
	p := newPlant(t, broker.Options{})
	sub := p.v5("sub", 0)
	sub.subscribe(mqtt.Subscription{Filter: "plant/+/value"})
	s := p.open("$driver", broker.SessionOptions{Transient: true})
	m := &mqtt.Message{Topic: "plant/a/value", Payload: make([]byte, 64)}
	arriving := make([]byte, len(encoded(t, packet.V5, &packet.Publish{Topic: m.Topic, Payload: m.Payload})))
	deliver := func() {
		if err := s.Publish(t.Context(), m, mqtt.Origin{}, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(sub.conn, arriving); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		deliver()
	}
	if got := testing.AllocsPerRun(1000, deliver); got > poolLosses {
		t.Errorf("%g allocations per delivery", got)
	}
}
