package broker_test

import (
	"strconv"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// BenchmarkQoS0 is from a local publisher to one client over loopback, 64 bytes.
func BenchmarkQoS0(b *testing.B) {
	p := newPlant(b, broker.Options{Limits: broker.Limits{QueueQoS0: 1 << 20, QueueQoS0Bytes: 1 << 30}})
	sub := p.v5("sub", 0)
	sub.subscribe(mqtt.Subscription{Filter: "plant/+/value"})
	s := p.open("$driver", broker.SessionOptions{Transient: true})
	m := &mqtt.Message{Topic: "plant/a/value", Payload: make([]byte, 64)}
	done := make(chan struct{})
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		defer close(done)
		for range b.N {
			if _, err := sub.reader.Next(); err != nil {
				b.Error(err)
				return
			}
		}
	}()
	for range b.N {
		if err := s.Publish(b.Context(), m, mqtt.Origin{}, nil); err != nil {
			b.Fatal(err)
		}
	}
	<-done
}

// BenchmarkRoute is what it costs to find the receivers of a publish: eight subscriptions match, whatever the number of
// those that do not, half of which have wildcards. All are the publisher's own and no-local, so nothing is delivered.
func BenchmarkRoute(b *testing.B) {
	for _, others := range []int{100, 1000, 10_000, 100_000} {
		b.Run(strconv.Itoa(others), func(b *testing.B) {
			p := newPlant(b, broker.Options{Limits: broker.Limits{Subscriptions: others + 8}})
			s := p.open("$driver", broker.SessionOptions{Transient: true})
			subscribe(b, s, manySubscriptions(others)...)
			m := &mqtt.Message{Topic: "plant/a/value"}
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Publish(b.Context(), m, mqtt.Origin{}, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// manySubscriptions is eight that match plant/a/value, and others.
func manySubscriptions(others int) []mqtt.Subscription {
	filters := []string{
		"plant/a/value", "plant/a/+", "plant/+/value", "+/a/value", "plant/a/#", "plant/#", "+/+/+", "#",
	}
	for i := range others {
		level := strconv.Itoa(i / 2)
		if i%2 == 0 {
			filters = append(filters, "plant/"+level+"/value")
		} else {
			filters = append(filters, "plant/+/"+level)
		}
	}
	subs := make([]mqtt.Subscription, len(filters))
	for i, filter := range filters {
		subs[i] = mqtt.Subscription{Filter: filter, NoLocal: true}
	}
	return subs
}

// BenchmarkQoS1 is acknowledged publishes of a client with a durable subscriber that is away; the store is memory.
func BenchmarkQoS1(b *testing.B) {
	p := newPlant(b, broker.Options{})
	sub := p.v5("sub", 1000)
	sub.subscribe(mqtt.Subscription{Filter: "#", QoS: 1})
	sub.drop()
	p.offline("sub")
	pub := p.v5("pub", 0)
	const window = 100
	done := make(chan struct{})
	room := make(chan struct{}, window)
	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		defer close(done)
		for range b.N {
			if _, err := pub.reader.Next(); err != nil {
				b.Error(err)
				return
			}
			<-room
		}
	}()
	payload := make([]byte, 64)
	for i := range b.N {
		room <- struct{}{}
		pub.send(&packet.Publish{Topic: "plant/a/value", QoS: 1, PacketID: uint16(i%1000 + 1), Payload: payload})
	}
	<-done
}
