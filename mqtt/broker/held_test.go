package broker_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// TestWhatAllReceiversHaveNeedsNoDisk: the disk takes nothing, and still the publisher is told yes, since the receivers
// acknowledged before anything had to be written.
func TestWhatAllReceiversHaveNeedsNoDisk(t *testing.T) {
	for _, receivers := range []int{1, 3} {
		t.Run(strconv.Itoa(receivers), func(t *testing.T) {
			store := broker.NewMemory(0)
			p := newPlantOn(t, store, broker.Options{Store: unreliable{store}})
			members := make([]*client, receivers)
			for i := range members {
				members[i] = p.v5("s"+strconv.Itoa(i), 100)
				members[i].subscribe(mqtt.Subscription{Filter: "t", QoS: 1})
			}
			pub := p.v5("pub", 0)
			store.Fail(mqtt.QuotaExceeded)
			// On a busy machine a receiver may take too long for one message.
			for id := range uint16(100) {
				pub.send(&packet.Publish{Topic: "t", QoS: 1, PacketID: id + 1})
				for _, m := range members {
					m.receive(1)
				}
				if expect[*packet.Ack](pub).Code == mqtt.Success {
					return
				}
			}
			t.Error("every message had to be written")
		})
	}
}

// TestWhatOneReceiverLacksIsWritten: a yes means that everybody has it, or the disk.
func TestWhatOneReceiverLacksIsWritten(t *testing.T) {
	store := broker.NewMemory(0)
	p := newPlantOn(t, store, broker.Options{Store: unreliable{store}})
	quick, slow := p.v5("quick", 100), p.v5("slow", 100)
	for _, c := range []*client{quick, slow} {
		c.subscribe(mqtt.Subscription{Filter: "t", QoS: 1})
	}
	pub := p.v5("pub", 0)
	store.Fail(mqtt.QuotaExceeded)
	pub.send(&packet.Publish{Topic: "t", QoS: 1, PacketID: 1})
	quick.receive(1)
	late := slow.expectPublish("t", "")
	pub.expectAck(packet.PUBACK, 1, mqtt.QuotaExceeded)
	store.Fail(nil)
	pub.send(&packet.Publish{Topic: "t", QoS: 1, PacketID: 2})
	quick.receive(1)
	pub.expectAck(packet.PUBACK, 2, mqtt.Success)
	slow.send(&packet.Ack{Kind: packet.PUBACK, PacketID: late.PacketID})
	slow.receive(1)
}

// TestWhatWasHeldKeepsItsOrder: a session that begins anew has nothing of the one before, though its message was not
// with the store yet; and what was acknowledged to the publisher is there after a restart.
func TestWhatWasHeldKeepsItsOrder(t *testing.T) {
	p := newPlant(t, broker.Options{})
	pub := p.v5("pub", 0)
	for i := range 20 {
		payload := strconv.Itoa(i)
		sub := p.connect(packet.Connect{ClientID: "sub", CleanStart: true, SessionExpiry: 100})
		sub.subscribe(mqtt.Subscription{Filter: "t", QoS: 1})
		pub.send(&packet.Publish{Topic: "t", QoS: 1, PacketID: 1, Payload: []byte(payload)})
		sub.expectPublish("t", payload)
		if i%2 == 0 {
			sub.drop() // the next one begins anew
			pub.expectAck(packet.PUBACK, 1, mqtt.Success)
			continue
		}
		pub.expectAck(packet.PUBACK, 1, mqtt.Success)
		sub.drop()
		p.restart()
		again := p.v5("sub", 100)
		again.expectPublish("t", payload)
		again.ping()
		again.drop()
		pub = p.v5("pub", 0)
	}
}

// counting counts the messages that the store got.
type counting struct {
	*broker.Memory

	messages atomic.Int64
}

func (c *counting) Commit(u *mqtt.Unit, done mqtt.Settle) {
	if u.Message != nil {
		c.messages.Add(1)
	}
	c.Memory.Commit(u, done)
}

// TestASlowReceiverMakesNobodyWait: once it is known to be slow, messages go to the store at once.
func TestASlowReceiverMakesNobodyWait(t *testing.T) {
	store := &counting{Memory: broker.NewMemory(0)}
	p := newPlantOn(t, store.Memory, broker.Options{Store: store})
	slow := p.v5("slow", 100)
	slow.subscribe(mqtt.Subscription{Filter: "t", QoS: 1})
	pub := p.v5("pub", 0)
	quickest := patience
	for id := range uint16(50) {
		began := time.Now()
		pub.publish("t", "", 1, id+1)
		quickest = min(quickest, time.Since(began))
		if got := store.messages.Load(); got != int64(id)+1 {
			t.Fatalf("%d of %d messages were written, nobody has acknowledged any", got, id+1)
		}
	}
	if quickest > 10*time.Millisecond {
		t.Errorf("the quickest acknowledgement took %s: all were held back", quickest)
	}
	slow.receive(50)
}
