package broker_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

func TestOverlappingSubscriptionsGiveOneCopy(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("c", 100)
	for i, filter := range []string{"a/#", "a/+", "a/b", "+/+", "other"} {
		c.subscribe(mqtt.Subscription{Filter: filter, QoS: mqtt.QoS(i % 3), Identifier: uint32(i + 1)})
	}
	p.v5("pub", 0).publish("a/b", "x", 2, 1)
	m := c.expectPublish("a/b", "x")
	slices.Sort(m.Subscriptions)
	if m.QoS != 2 || !slices.Equal(m.Subscriptions, []uint32{1, 2, 3, 4}) { // [MQTT-3.3.4-2]
		t.Errorf("QoS %d and identifiers %v, want 2 and 1 to 4", m.QoS, m.Subscriptions)
	}
	c.finish(m)
	c.ping()
}

// TestSeveralCopiesNameTheirOwnSubscription: that of a group and that of the client itself [MQTT-3.3.4-5].
func TestSeveralCopiesNameTheirOwnSubscription(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("c", 0)
	c.subscribe(mqtt.Subscription{Filter: "$share/g/t", Identifier: 1})
	c.subscribe(mqtt.Subscription{Filter: "t", Identifier: 2})
	p.v5("pub", 0).publish("t", "x", 0, 0)
	got := slices.Concat(c.expectPublish("t", "x").Subscriptions, c.expectPublish("t", "x").Subscriptions)
	slices.Sort(got)
	if !slices.Equal(got, []uint32{1, 2}) {
		t.Errorf("identifiers %v, want 1 and 2, each with a copy of its own", got)
	}
}

func TestNoLocal(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("c", 0)
	c.subscribe(mqtt.Subscription{Filter: "#", NoLocal: true})
	c.publish("t", "mine", 1, 1)
	c.ping()
	p.v5("pub", 0).publish("t", "foreign", 0, 0)
	c.expectPublish("t", "foreign")
}

func TestUnsubscribe(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("c", 100)
	c.subscribe(mqtt.Subscription{Filter: "a"}, mqtt.Subscription{Filter: "b", QoS: 1}, mqtt.Subscription{Filter: "$share/g/c"})
	c.send(&packet.Unsubscribe{PacketID: 1, Filters: []string{"a", "x", "$share/g/c"}})
	ack := expect[*packet.Unsuback](c)
	if !slices.Equal(ack.Codes, []mqtt.ReasonCode{0, mqtt.NoSubscriptionExisted, 0}) {
		t.Errorf("unsuback %v", ack.Codes)
	}
	c.leave()
	p.restart()
	c = p.v5("c", 100)
	pub := p.v5("pub", 0)
	for _, topic := range []string{"a", "c", "b"} {
		pub.publish(topic, "x", 1, 1)
	}
	c.expectPublish("b", "x")
}

func TestLimitOfSubscriptions(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{Subscriptions: 2}})
	c := p.v5("c", 0)
	codes := c.subscribe(mqtt.Subscription{Filter: "a"}, mqtt.Subscription{Filter: "b"}, mqtt.Subscription{Filter: "c"})
	if !slices.Equal(codes, []mqtt.ReasonCode{0, 0, mqtt.QuotaExceeded}) {
		t.Errorf("suback %v", codes)
	}
	if codes := c.subscribe(mqtt.Subscription{Filter: "a", QoS: 1}); codes[0] != 1 {
		t.Errorf("suback %v for a replaced one", codes)
	}
}

func TestSharedSubscription(t *testing.T) {
	p := newPlant(t, broker.Options{})
	var members []*client
	for i := range 3 {
		c := p.v5(fmt.Sprintf("m%d", i), 100)
		c.subscribe(mqtt.Subscription{Filter: "$share/g/t/+", QoS: 1})
		members = append(members, c)
	}
	members[2].drop() // online members first
	p.offline("m2")
	pub := p.v5("pub", 0)
	for i := range 10 {
		pub.publish("t/x", fmt.Sprint(i), 1, uint16(i+1))
	}
	members[0].receive(5)
	members[1].receive(5)
	for i, c := range members[:2] {
		c.drop()
		p.offline(fmt.Sprintf("m%d", i))
	}
	for i := range 9 { // nobody is there: they wait for whoever comes
		pub.publish("t/x", fmt.Sprint(i), 1, uint16(i+1))
	}
	p.v5("m2", 100).receive(9)
	p.v5("m0", 100).ping()
}

func TestTopicAliases(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{TopicAliases: 3}})
	sub := p.v5("sub", 0)
	sub.subscribe(mqtt.Subscription{Filter: "#"})
	pub := p.v5("pub", 0)
	if pub.connack.TopicAliasMaximum != 3 {
		t.Fatalf("announced %d", pub.connack.TopicAliasMaximum)
	}
	pub.send(
		&packet.Publish{Topic: "a", TopicAlias: 3}, &packet.Publish{TopicAlias: 3},
		&packet.Publish{Topic: "b", TopicAlias: 3}, &packet.Publish{TopicAlias: 3},
	)
	for _, topic := range []string{"a", "a", "b", "b"} {
		if m := sub.expectPublish(topic, ""); m.TopicAlias != 0 {
			t.Error("the alias of the publisher was passed on")
		}
	}
	pub.send(&packet.Publish{TopicAlias: 2})
	pub.expectEnd(mqtt.ProtocolError)
	pub = p.v5("pub", 0)
	pub.send(&packet.Publish{TopicAlias: 3}) // of the last connection
	pub.expectEnd(mqtt.ProtocolError)
	pub = p.v5("pub", 0)
	pub.send(&packet.Publish{Topic: "a", TopicAlias: 4})
	pub.expectEnd(mqtt.TopicAliasInvalid)
}

func TestPropertiesArePassedOn(t *testing.T) {
	p := newPlant(t, broker.Options{})
	sub := p.v5("sub", 100)
	sub.subscribe(mqtt.Subscription{Filter: "#", QoS: 1})
	sub.drop()
	p.offline("sub")
	sent := mqtt.Properties{
		PayloadFormat: new(byte(1)), ContentType: "text/plain", ResponseTopic: "r", CorrelationData: []byte{1, 2},
		User: []mqtt.UserProperty{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}, {Name: "b", Value: "1"}},
	}
	pub := p.v5("pub", 0)
	pub.send(&packet.Publish{Topic: "t", QoS: 1, PacketID: 1, Properties: sent})
	pub.expectAck(packet.PUBACK, 1, 0)
	p.restart()
	m := p.v5("sub", 100).expectPublish("t", "")
	if diff := cmp.Diff(sent, m.Properties); diff != "" {
		t.Error(diff)
	}
}

func TestSysTopics(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("c", 0)
	c.subscribe(mqtt.Subscription{Filter: "#", QoS: 1})
	c.ping()
	eventually(t, "$SYS is retained", func() bool { return p.Status().Retained > 10 })
	c.subscribe(mqtt.Subscription{Filter: "$SYS/broker/version"})
	c.expectPublish("$SYS/broker/version", "Tidegate")
}
