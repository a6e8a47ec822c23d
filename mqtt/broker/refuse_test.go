package broker_test

import (
	"cmp"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// errFull is what the queue says of a full disk.
var errFull = fmt.Errorf("%w: the storage is full", mqtt.QuotaExceeded)

// keeper is a durable session that is away, so that messages have to be stored.
func (p *plant) keeper(filter string) {
	p.t.Helper()
	c := p.v5("keeper", 3600)
	c.subscribe(mqtt.Subscription{Filter: filter, QoS: mqtt.ExactlyOnce})
	c.drop()
	p.offline("keeper")
}

// TestAFullDiskIsAQuotaForMQTT5: the client is told at once, and the next message may go well.
func TestAFullDiskIsAQuotaForMQTT5(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{})
	p.keeper("a")
	c := p.v5("publisher", 0)
	p.store.Fail(errFull)
	c.send(&packet.Publish{Topic: "a", QoS: mqtt.AtLeastOnce, PacketID: 1}, &packet.Publish{Topic: "a", QoS: mqtt.ExactlyOnce, PacketID: 2})
	c.expectAck(packet.PUBACK, 1, mqtt.QuotaExceeded)
	c.expectAck(packet.PUBREC, 2, mqtt.QuotaExceeded)
	p.store.Fail(nil)
	c.publish("a", "room again", mqtt.ExactlyOnce, 2)
}

// TestAFullDiskIsSilenceForMQTT3: no acknowledgement, no message that overtakes the refused one although there is room
// again, and the end of the connection after a while.
func TestAFullDiskIsSilenceForMQTT3(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{RefusalPause: 300 * time.Millisecond}})
	p.keeper("a")
	c := p.v3("publisher", false)
	began := time.Now()
	p.store.Fail(errFull)
	c.send(&packet.Publish{Topic: "a", Payload: []byte("first"), QoS: mqtt.AtLeastOnce, PacketID: 1})
	c.ping()
	p.store.Fail(nil)
	c.send(&packet.Publish{Topic: "a", Payload: []byte("second"), QoS: mqtt.AtLeastOnce, PacketID: 2})
	c.ping()
	c.expectClosed()
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("the client was disconnected after %s", took)
	}
	c = p.v3("publisher", false)
	c.publish("a", "first", mqtt.AtLeastOnce, 1)
	c.publish("a", "second", mqtt.AtLeastOnce, 2)
	if got := p.v5("keeper", 3600).receive(2); got[0] != "first" || got[1] != "second" {
		t.Errorf("the receiver got %q", got)
	}
}

// TestAnUncertainCommitIsNotAnswered: after a failed sync neither yes nor no is true, also for MQTT 5.
func TestAnUncertainCommitIsNotAnswered(t *testing.T) {
	t.Parallel()
	store := broker.NewMemory(0)
	p := newPlantOn(t, store, broker.Options{Store: unreliable{store}})
	p.keeper("a")
	c := p.v5("publisher", 0)
	store.Fail(fmt.Errorf("%w: disk I/O error", mqtt.ErrUncertain))
	c.send(&packet.Publish{Topic: "a", QoS: mqtt.ExactlyOnce, PacketID: 1})
	c.expectEnd(mqtt.ServerBusy)
}

// TestLiveMessagesGoOnOnADeadDisk: who is there and needs no row gets everything at QoS 0, also a durable session.
func TestLiveMessagesGoOnOnADeadDisk(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{})
	p.keeper("live/a") // would need rows for messages at QoS 1 and 2
	away := p.v5("away", 3600)
	away.subscribe(mqtt.Subscription{Filter: "kept/#", QoS: mqtt.AtLeastOnce})
	away.drop()
	durable, clean := p.v5("durable", 3600), p.v3("clean", true)
	durable.subscribe(mqtt.Subscription{Filter: "#", QoS: mqtt.AtMostOnce})
	clean.subscribe(mqtt.Subscription{Filter: "#", QoS: mqtt.AtMostOnce})
	drivers, err := p.Session(t.Context(), "$drivers", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	p.store.Fail(errFull)
	p.offline("away")
	before := p.Status().Dropped
	publisher := p.v5("publisher", 0)
	publisher.publish("live/a", "1", mqtt.AtMostOnce, 0)
	for _, c := range []*client{durable, clean} {
		c.expectPublish("live/a", "1")
	}
	reading := &mqtt.Message{Topic: "kept/b", Payload: []byte("21.5"), QoS: mqtt.AtLeastOnce}
	if err := drivers.Publish(t.Context(), reading, mqtt.Origin{}, nil); err == nil {
		t.Error("a reading was taken that cannot be kept")
	}
	for _, c := range []*client{durable, clean} {
		c.expectPublish("kept/b", "21.5")
	}
	if got := p.Status().Dropped - before; got != 2 {
		t.Errorf("%d copies for absent sessions are counted as dropped, want 2", got)
	}
}

// TestAKnownClientComesBackOnAFullDisk: with its subscriptions, so that it can fetch what is queued; what is new waits for
// room.
func TestAKnownClientComesBackOnAFullDisk(t *testing.T) {
	t.Parallel()
	store := broker.NewMemory(0)
	p := newPlantOn(t, store, broker.Options{Store: full{store}})
	known := mqtt.Subscription{Filter: "a", QoS: mqtt.AtLeastOnce}
	unit := &mqtt.Unit{Session: &mqtt.SessionState{ID: "known", Expiry: 3600}, SubscriptionsOf: "known", Subscribe: []mqtt.Subscription{known}}
	stored := make(chan error, 1)
	store.Commit(unit, func(err error) { stored <- err })
	if err := <-stored; err != nil {
		t.Fatal(err)
	}
	p.restart()
	c := p.v5("known", 3600)
	if !c.connack.SessionPresent {
		t.Error("the session is not there any more")
	}
	if codes := c.subscribe(known); codes[0] != mqtt.GrantedQoS1 {
		t.Errorf("the subscription that it has: %v", codes[0])
	}
	if codes := c.subscribe(mqtt.Subscription{Filter: "b"}); codes[0] != mqtt.QuotaExceeded {
		t.Errorf("a new subscription: %v", codes[0])
	}
	if got := p.try(packet.Connect{ClientID: "new", SessionExpiry: 3600}).connack.Code; got != mqtt.QuotaExceeded {
		t.Errorf("a new session: %v", got)
	}
	// A fresh start of a known client takes no more room than there was.
	if got := p.try(packet.Connect{ClientID: "known", SessionExpiry: 3600, CleanStart: true}).connack.Code; got != mqtt.Success {
		t.Errorf("a known client that starts afresh: %v", got)
	}
}

// full admits nothing and commits everything, as the queue does with small changes on a full disk.
type full struct{ *broker.Memory }

func (full) Admit(ctx context.Context, size int) error {
	if size == 0 {
		return ctx.Err()
	}
	return cmp.Or(ctx.Err(), errFull)
}

// TestAWillWaitsForRoom: a full disk when it is due does not lose it, whether its session goes on or ends with it.
func TestAWillWaitsForRoom(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{})
	p.keeper("will/#")
	var clients []*client
	for id, expiry := range map[string]uint32{"stays": 3600, "ends": 0} {
		clients = append(clients, p.connect(packet.Connect{
			ClientID: id, SessionExpiry: expiry, CleanStart: true,
			Will: &mqtt.Will{Message: mqtt.Message{Topic: "will/" + id, Payload: []byte("gone"), QoS: mqtt.AtLeastOnce}},
		}))
	}
	p.store.Fail(errFull)
	for _, c := range clients {
		c.drop()
	}
	p.offline("stays")
	p.offline("ends")
	p.store.Fail(nil)
	if got := p.v5("keeper", 3600).receive(2); got[0] != "gone" || got[1] != "gone" {
		t.Errorf("the receiver got %q", got)
	}
	p.restart()
	eventually(t, "only the session that goes on is there", func() bool { return p.Status().Sessions == 2 })
}

// TestARetainedMessageIsRemovedOnAFullDisk: what only removes needs no room, at no quality, and is gone after a restart too.
func TestARetainedMessageIsRemovedOnAFullDisk(t *testing.T) {
	t.Parallel()
	for qos := mqtt.AtMostOnce; qos <= mqtt.ExactlyOnce; qos++ {
		t.Run(fmt.Sprintf("QoS %d", qos), func(t *testing.T) {
			store := broker.NewMemory(0)
			p := newPlantOn(t, store, broker.Options{Store: full{store}})
			stored := make(chan error, 1)
			m := &mqtt.Message{Topic: "a", Payload: []byte("old"), Retain: true}
			unit := &mqtt.Unit{Retained: []*mqtt.Message{m}, Session: &mqtt.SessionState{ID: "publisher", Expiry: 3600}}
			store.Commit(unit, func(err error) { stored <- err })
			if err := <-stored; err != nil {
				t.Fatal(err)
			}
			p.restart()
			c := p.v5("publisher", 3600)
			c.send(&packet.Publish{Topic: "a", Payload: []byte("new"), Retain: true, QoS: mqtt.AtLeastOnce, PacketID: 9})
			c.expectAck(packet.PUBACK, 9, mqtt.QuotaExceeded)
			c.send(&packet.Publish{Topic: "a", Retain: true, QoS: qos, PacketID: uint16(qos)})
			switch qos {
			case mqtt.AtLeastOnce:
				c.expectAck(packet.PUBACK, 1, 0)
			case mqtt.ExactlyOnce:
				c.expectAck(packet.PUBREC, 2, 0)
			}
			c.ping()
			c.noneRetained("a")
			p.restart()
			p.v5("other", 0).noneRetained("a")
		})
	}
}

func (c *client) noneRetained(filter string) {
	c.t.Helper()
	c.subscribe(mqtt.Subscription{Filter: filter})
	c.ping()
}

// TestARefusedMessageIsNotRetained: who subscribes gets what the disk has, whatever was refused in between, and however
// many at once.
func TestARefusedMessageIsNotRetained(t *testing.T) {
	t.Parallel()
	store := broker.NewMemory(time.Millisecond)
	p := newPlantOn(t, store, broker.Options{Store: unreliable{store}})
	c := p.v5("publisher", 0)
	before := p.Status().Retained
	c.retain("kept", "old")
	store.Fail(errFull)
	var refused []packet.Packet
	for i, m := range []packet.Publish{
		{Topic: "kept", Payload: []byte("refused")},
		{Topic: "kept"},
		{Topic: "kept", Payload: []byte("refused too")},
		{Topic: "none", Payload: []byte("refused")},
		{Topic: "none"},
		{Topic: "none", Payload: []byte("refused too")},
	} {
		m.Retain, m.QoS, m.PacketID = true, mqtt.AtLeastOnce, uint16(i+1)
		refused = append(refused, &m)
	}
	c.send(refused...)
	for i := range refused {
		c.expectAck(packet.PUBACK, uint16(i+1), mqtt.QuotaExceeded)
	}
	store.Fail(nil)
	sub := p.v5("subscriber", 0)
	sub.subscribe(mqtt.Subscription{Filter: "#"})
	sub.expectPublish("kept", "old")
	sub.ping()
	if got := p.Status().Retained - before; got != 1 {
		t.Errorf("%d are counted, want 1", got)
	}
	c.retain("kept", "new")
	sub.expectPublish("kept", "new")
}
