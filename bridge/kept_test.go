package bridge_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// TestPropertiesAreKept over MQTT 5, out and in again: what the publisher said of its message arrives.
func TestPropertiesAreKept(t *testing.T) {
	t.Parallel()
	p, other, third := newPlant(t), newPlant(t), newPlant(t)
	address := other.serve()
	inward := gateway.Bridge{URL: "mqtt://" + address, ClientID: "third", Routes: []gateway.Route{{Direction: gateway.In, Filter: "line/#", QoS: 2}}}
	third.run(inward, bridge.Options{})
	sink := third.session("sink", broker.SessionOptions{Class: mqtt.Now})
	if err := sink.Subscribe(t.Context(), mqtt.Subscription{Filter: "#", QoS: 2}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the cloud has its subscriber", func() bool { return other.broker.Status().Subscriptions > 0 })
	p.run(outOf(address), bridge.Options{})
	format := byte(1)
	m := &mqtt.Message{
		Topic: "line/a", QoS: 2, Payload: []byte("x"), Expires: time.Now().Add(time.Hour),
		Properties: mqtt.Properties{
			PayloadFormat: &format, ContentType: "text/plain", ResponseTopic: "line/answer", CorrelationData: []byte{1, 2},
			User: []mqtt.UserProperty{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}},
		},
	}
	if err := p.machine.Publish(t.Context(), m, mqtt.Origin{}, nil); err != nil {
		t.Fatal(err)
	}
	link := sink.Attach()
	defer link.Detach()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	d, err := link.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got := d.Message()
	q := got.Properties
	if q.PayloadFormat == nil || *q.PayloadFormat != 1 || q.ContentType != "text/plain" || q.ResponseTopic != "line/answer" ||
		string(q.CorrelationData) != "\x01\x02" || len(q.User) < 2 || q.User[0] != m.Properties.User[0] || q.User[1] != m.Properties.User[1] {
		t.Errorf("%+v", q)
	}
	if left := time.Until(got.Expires); left < 50*time.Minute || left > time.Hour+time.Minute {
		t.Errorf("it expires in %s", left)
	}
}

// TestGatewaysShareASubscription of the cloud: each message comes to one of them.
func TestGatewaysShareASubscription(t *testing.T) {
	t.Parallel()
	other := newPlant(t)
	address := other.serve()
	var all []*bridge.Bridge
	for i := range 2 {
		b, _ := newPlant(t).run(gateway.Bridge{
			URL: "mqtt://" + address, ClientID: fmt.Sprintf("edge-%d", i),
			Routes: []gateway.Route{{Direction: gateway.In, Filter: "$share/edges/jobs/#", QoS: 2}},
		}, bridge.Options{})
		all = append(all, b)
	}
	eventually(t, "both have subscribed", func() bool { return other.broker.Status().Subscriptions == 2 })
	other.publish("jobs/a", 2, 1, 200)
	received := func() (sum uint64) {
		for _, b := range all {
			sum += b.Status().Received
		}
		return sum
	}
	eventually(t, "all have come", func() bool { return received() >= 200 })
	if a, b := all[0].Status().Received, all[1].Status().Received; a+b != 200 || a == 0 || b == 0 {
		t.Errorf("%d and %d of 200", a, b)
	}
}
