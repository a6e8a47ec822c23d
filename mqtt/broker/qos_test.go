package broker_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

var errDisk = errors.New("the disk is gone")

func TestQoS2IsTakenOverOnce(t *testing.T) {
	for _, expiry := range []uint32{0, 100} {
		t.Run(fmt.Sprintf("expiry %d", expiry), func(t *testing.T) {
			p := newPlant(t, broker.Options{})
			sub := p.v5("sub", 0)
			sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 2})
			pub := p.v5("pub", expiry)
			m := &packet.Publish{Topic: "t", QoS: 2, PacketID: 5, Payload: []byte("x")}
			pub.send(m)
			pub.expectAck(packet.PUBREC, 5, 0)
			m.DUP = true
			for range 3 { // [MQTT-4.3.3-10]
				pub.send(m)
				pub.expectAck(packet.PUBREC, 5, 0)
			}
			if expiry > 0 {
				pub.drop()
				p.restart()
				sub = p.v5("sub", 0)
				sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 2})
				pub = p.v5("pub", expiry)
				pub.send(m)
				pub.expectAck(packet.PUBREC, 5, 0)
				sub.ping()
			} else {
				sub.finish(sub.expectPublish("t", "x"))
			}
			pub.send(&packet.Ack{Kind: packet.PUBREL, PacketID: 5})
			pub.expectAck(packet.PUBCOMP, 5, 0)
			pub.send(&packet.Ack{Kind: packet.PUBREL, PacketID: 5})
			pub.expectAck(packet.PUBCOMP, 5, mqtt.PacketIdentifierNotFound)
			sub.ping()
			pub.publish("t", "y", 2, 5)
			sub.finish(sub.expectPublish("t", "y"))
		})
	}
}

func TestUnackedComeAgainInOrderWithDUP(t *testing.T) {
	p := newPlant(t, broker.Options{})
	sub := p.v5("sub", 100)
	sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 2})
	pub := p.v5("pub", 0)
	for i := range 6 {
		pub.publish("t", fmt.Sprint(i), mqtt.QoS(1+i%2), uint16(i+1))
	}
	var ids []uint16
	for i := range 6 {
		m := sub.expectPublish("t", fmt.Sprint(i))
		if m.DUP {
			t.Error("DUP at the first attempt")
		}
		ids = append(ids, m.PacketID)
	}
	sub.send(&packet.Ack{Kind: packet.PUBREC, PacketID: ids[3]})
	sub.expectAck(packet.PUBREL, ids[3], 0)
	sub.send(&packet.Ack{Kind: packet.PUBACK, PacketID: ids[2]})
	sub.ping()
	for _, restart := range []bool{false, true} {
		sub.drop()
		if restart {
			p.restart()
		} else {
			p.offline("sub")
		}
		sub = p.v5("sub", 100)
		for _, i := range []int{0, 1, 3, 4, 5} {
			if i == 3 { // PUBREC came: PUBREL, never PUBLISH [MQTT-4.4.0-1]
				sub.expectAck(packet.PUBREL, ids[3], 0)
				continue
			}
			m := sub.expectPublish("t", fmt.Sprint(i))
			if !m.DUP || m.PacketID != ids[i] {
				t.Errorf("restart %t: message %d with DUP %t and identifier %d, want DUP and %d", restart, i, m.DUP, m.PacketID, ids[i])
			}
		}
	}
	p.v5("pub", 0).publish("t", "new", 1, 1)
	if m := sub.expectPublish("t", "new"); m.DUP {
		t.Error("a new message has DUP")
	}
}

func TestReceiveMaximumOfClient(t *testing.T) {
	p := newPlant(t, broker.Options{})
	sub := p.connect(packet.Connect{ClientID: "sub", ReceiveMaximum: 2})
	sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 2})
	pub := p.v5("pub", 0)
	for i := range 10 {
		pub.publish("t", fmt.Sprint(i), mqtt.QoS(1+i%2), uint16(i+1))
	}
	first, second := sub.expectPublish("t", "0"), sub.expectPublish("t", "1")
	sub.ping() // no third one
	sub.finish(first)
	third := sub.expectPublish("t", "2")
	sub.ping()
	sub.send(&packet.Ack{Kind: packet.PUBREC, PacketID: second.PacketID})
	sub.expectAck(packet.PUBREL, second.PacketID, 0)
	sub.ping() // PUBREC frees nothing
	sub.send(&packet.Ack{Kind: packet.PUBCOMP, PacketID: second.PacketID}, &packet.Ack{Kind: packet.PUBACK, PacketID: third.PacketID})
	sub.receive(7)
}

func TestReceiveMaximumOfBroker(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{ReceiveMaximum: 2}})
	c := p.v5("c", 0)
	if c.connack.ReceiveMaximum != 2 {
		t.Fatalf("announced %d", c.connack.ReceiveMaximum)
	}
	for i := range 3 {
		c.send(&packet.Publish{Topic: "t", QoS: 2, PacketID: uint16(i + 1)})
		if i < 2 {
			c.expectAck(packet.PUBREC, uint16(i+1), 0)
		}
	}
	c.expectEnd(mqtt.ReceiveMaximumExceeded) // [MQTT-3.3.4-7]
	c = p.v5("d", 0)
	for i := range 10 { // the quota comes back
		c.publish("t", "x", mqtt.QoS(1+i%2), uint16(i+1))
	}
}

func TestPacketSizes(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{PacketSize: 1000}})
	sub := p.connect(packet.Connect{ClientID: "sub", MaximumPacketSize: 100, SessionExpiry: 100})
	sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 2})
	pub := p.v5("pub", 0)
	for qos := mqtt.AtMostOnce; qos <= mqtt.ExactlyOnce; qos++ {
		pub.publish("t", string(make([]byte, 200)), qos, 1) // [MQTT-3.1.2-25]
		pub.publish("t", "small", qos, 2)
		sub.finish(sub.expectPublish("t", "small"))
	}
	sub.ping()
	if n := p.Status().Queued; n != 0 {
		t.Errorf("%d queued, want 0", n)
	}
	pub.send(&packet.Publish{Topic: "t", Payload: make([]byte, 2000)})
	pub.expectEnd(mqtt.PacketTooLarge)
}

func TestAcknowledgementsOfUnknown(t *testing.T) {
	p := newPlant(t, broker.Options{})
	c := p.v5("c", 0)
	c.send(&packet.Ack{Kind: packet.PUBACK, PacketID: 7}, &packet.Ack{Kind: packet.PUBCOMP, PacketID: 7})
	c.ping()
	c.send(&packet.Ack{Kind: packet.PUBREC, PacketID: 7})
	c.expectAck(packet.PUBREL, 7, mqtt.PacketIdentifierNotFound)
	c.send(&packet.Ack{Kind: packet.PUBREL, PacketID: 7})
	c.expectAck(packet.PUBCOMP, 7, mqtt.PacketIdentifierNotFound)
	c.subscribe(mqtt.Subscription{Filter: "t", QoS: 2})
	c.send(&packet.Publish{Topic: "t", QoS: 2, PacketID: 1})
	var got *packet.Publish
	for range 2 { // the message and its PUBREC, in either order
		p, err := c.next()
		if err != nil {
			t.Fatal(err)
		}
		if message, isMessage := p.(*packet.Publish); isMessage {
			got = message
		}
	}
	c.send(&packet.Ack{Kind: packet.PUBACK, PacketID: got.PacketID})
	c.expectEnd(mqtt.ProtocolError)
}

func TestRefusedByReceiverIsOver(t *testing.T) {
	p := newPlant(t, broker.Options{})
	sub := p.v5("sub", 100)
	sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 2})
	pub := p.v5("pub", 0)
	pub.publish("t", "a", 1, 1)
	pub.publish("t", "b", 2, 2)
	sub.send(&packet.Ack{Kind: packet.PUBACK, PacketID: sub.expectPublish("t", "a").PacketID, Code: mqtt.QuotaExceeded})
	sub.send(&packet.Ack{Kind: packet.PUBREC, PacketID: sub.expectPublish("t", "b").PacketID, Code: mqtt.NotAuthorized})
	sub.ping()
	if q := p.session("sub").Queue; q.Messages != 0 || q.Refused != 2 {
		t.Errorf("queue %+v, want 2 refused and none left", q)
	}
}

func (p *plant) session(id string) broker.SessionInfo {
	p.t.Helper()
	for _, s := range p.Sessions() {
		if s.ID == id {
			return s
		}
	}
	p.t.Fatalf("there is no session %q", id)
	return broker.SessionInfo{}
}

// TestNothingIsAcknowledgedThatIsNotStored fails the store after it admitted.
func TestNothingIsAcknowledgedThatIsNotStored(t *testing.T) {
	store := &unreliable{Memory: broker.NewMemory(0)}
	p := newPlantOn(t, store.Memory, broker.Options{Store: store})
	sub := p.v5("sub", 100)
	sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 2})
	sub.drop()
	p.offline("sub")
	five, three := p.v5("five", 0), p.v3("three", true)
	store.Fail(errDisk)
	five.send(&packet.Publish{Topic: "t", QoS: 1, PacketID: 1, Payload: []byte("x")})
	five.expectAck(packet.PUBACK, 1, mqtt.ImplementationSpecificError)
	five.send(&packet.Publish{Topic: "t", QoS: 2, PacketID: 2, Payload: []byte("x")})
	five.expectAck(packet.PUBREC, 2, mqtt.ImplementationSpecificError)
	three.send(&packet.Publish{Topic: "t", QoS: 1, PacketID: 1, Payload: []byte("x")})
	three.expectClosed() // [MQTT3-4.8.0-2]
	if codes := five.subscribe(mqtt.Subscription{Filter: "memory"}); codes[0] != 0 {
		t.Errorf("suback %v: a session without expiry needs no disk", codes)
	}
	store.Fail(nil)
	five.publish("t", "y", 2, 2)
	sub = p.v5("sub", 100)
	if got := sub.receive(1); got[0] != "y" {
		t.Errorf("got %q, want only what was acknowledged", got)
	}
	sub.ping()
	store.Fail(errDisk)
	if codes := sub.subscribe(mqtt.Subscription{Filter: "new"}); !codes[0].Failed() {
		t.Errorf("suback %v, want a failure", codes)
	}
	if s := p.session("sub"); len(s.Subscriptions) != 1 {
		t.Errorf("subscriptions %v, want t", s.Subscriptions)
	}
	if c := p.try(packet.Connect{ClientID: "other", SessionExpiry: 10}); !c.connack.Code.Failed() {
		t.Errorf("connack %v, want a failure", c.connack.Code)
	}
	store.Fail(nil)
}

func TestSlowClientHurtsNobody(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{QueueQoS0: 10, MemoryMessages: 10, WriteTimeout: 200 * time.Millisecond}})
	slow := p.v5("slow", 0)
	slow.subscribe(mqtt.Subscription{Filter: "#", QoS: 1})
	quick := p.v5("quick", 0)
	quick.subscribe(mqtt.Subscription{Filter: "end"})
	pub := p.v5("pub", 0)
	payload := string(make([]byte, 100_000))
	for i := range 200 {
		pub.publish("big", payload, mqtt.QoS(i%2), uint16(i+1))
	}
	pub.publish("end", "x", 1, 1)
	quick.expectPublish("end", "x")
	eventually(t, "the slow client is gone", func() bool { return p.Status().Clients == 2 })
	if p.Status().Dropped == 0 {
		t.Error("nothing was counted as dropped")
	}
}

func TestFullQueueDropsItsOldest(t *testing.T) {
	for _, window := range []int{10, 1000} {
		t.Run(fmt.Sprintf("window %d", window), func(t *testing.T) {
			p := newPlant(t, broker.Options{Limits: broker.Limits{QueueMessages: 100, Window: window}})
			sub := p.connect(packet.Connect{ClientID: "sub", SessionExpiry: 100, ReceiveMaximum: 3})
			sub.subscribe(mqtt.Subscription{Filter: "#", QoS: 1})
			pub := p.v5("pub", 0)
			pub.publish("t", "0", 1, 1)
			sub.expectPublish("t", "0") // in flight: never dropped
			sub.drop()
			p.offline("sub")
			for i := 1; i < 500; i++ {
				pub.publish("t", fmt.Sprint(i), 1, uint16(i+1))
			}
			eventually(t, "the queue is cut", func() bool { return p.Status().Queued <= 100 })
			q := p.session("sub").Queue
			if q.Messages != 100 || q.Dropped != 400 {
				t.Fatalf("queue %+v, want 100 left and 400 dropped", q)
			}
			p.restart()
			got := p.v5("sub", 100).receive(100)
			if got[0] != "0" || got[1] != "401" || got[99] != "499" {
				t.Errorf("got %s, %s ... %s, want 0, 401 ... 499", got[0], got[1], got[99])
			}
		})
	}
}
