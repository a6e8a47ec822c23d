package broker_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// join connects a member of the group that takes what is sent to t.
func (p *plant) join(id string, expiry uint32, receiveMaximum uint16) *client {
	p.t.Helper()
	c := p.connect(packet.Connect{
		ClientID: id, SessionExpiry: expiry, CleanStart: expiry == 0, ReceiveMaximum: receiveMaximum,
	})
	c.subscribe(mqtt.Subscription{Filter: "$share/g/t", QoS: 2})
	return c
}

// send publishes numbers from first on at a quality.
func (p *plant) send(qos mqtt.QoS, first, n int) {
	p.t.Helper()
	pub := p.v5("pub", 0)
	for i := first; i < first+n; i++ {
		pub.publish("t", fmt.Sprint(i), qos, uint16(i+1))
	}
	pub.leave()
}

func TestUnacknowledgedOfALostMemberGoesToAnother(t *testing.T) {
	p := newPlant(t, broker.Options{})
	lost := p.join("lost", 0, 0)
	p.send(1, 0, 3)
	for i := range 3 {
		lost.expectPublish("t", fmt.Sprint(i))
	}
	other := p.join("other", 0, 0)
	lost.drop()
	for i := range 3 {
		m := other.expectPublish("t", fmt.Sprint(i))
		if m.DUP {
			t.Errorf("%d came as a duplicate, but it is new to this client", i) // [MQTT-3.3.1-1]
		}
		other.send(&packet.Ack{Kind: packet.PUBACK, PacketID: m.PacketID})
	}
	other.ping()
}

func TestUnacknowledgedOfALostMemberWaitsForAnAbsentOne(t *testing.T) {
	p := newPlant(t, broker.Options{})
	p.join("absent", 100, 0).drop()
	p.offline("absent")
	lost := p.join("lost", 0, 0)
	p.send(1, 0, 3)
	lost.expectPublish("t", "0")
	lost.drop()
	p.offline("lost")
	p.restart()
	if got := p.v5("absent", 100).receive(3); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("got %v", got)
	}
}

// TestEndedSessionLeavesItsMessagesToTheGroup for each way in which a session ends.
func TestEndedSessionLeavesItsMessagesToTheGroup(t *testing.T) {
	for name, end := range map[string]func(p *plant, time *clock){
		"clean start": func(p *plant, _ *clock) { p.v5("durable", 0).leave() },
		"removed":     func(p *plant, _ *clock) { _ = p.RemoveSession(p.t.Context(), "durable") },
		"expired": func(p *plant, time *clock) {
			time.add(101e9)
			// Something that is due makes Run look again.
			p.v5("short", 1).drop()
			p.offline("short")
			time.add(2e9)
		},
	} {
		t.Run(name, func(t *testing.T) {
			time := newClock()
			p := newPlant(t, broker.Options{Now: time.now})
			durable := p.join("durable", 100, 2)
			p.send(1, 0, 5)
			durable.expectPublish("t", "0")
			durable.expectPublish("t", "1")
			durable.drop()
			p.offline("durable")
			other := p.join("other", 1000, 0)
			end(p, time)
			if got := other.receive(5); !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
				t.Errorf("got %v", got)
			}
			if lost := p.store.GivenUp(); len(lost) != 0 {
				t.Errorf("the audit has %v", lost)
			}
			if s := p.Status(); s.GivenUp != (mqtt.Losses{}) {
				t.Errorf("given up: %v", s.GivenUp)
			}
			eventually(t, "nothing is queued", func() bool { return p.Status().Queued == 0 })
		})
	}
}

// TestQoS2StaysWithItsMember: what a member is receiving goes to nobody else [MQTT-4.8.2-5]; what was not begun does.
func TestQoS2StaysWithItsMember(t *testing.T) {
	for _, expiry := range []uint32{0, 100} {
		t.Run(fmt.Sprintf("expiry %d", expiry), func(t *testing.T) {
			p := newPlant(t, broker.Options{})
			lost := p.join("lost", expiry, 2)
			p.send(2, 0, 4)
			first := lost.expectPublish("t", "0")
			lost.expectPublish("t", "1")
			lost.send(&packet.Ack{Kind: packet.PUBREC, PacketID: first.PacketID})
			lost.expectAck(packet.PUBREL, first.PacketID, 0)
			lost.drop()
			p.offline("lost")
			other := p.join("other", 100, 0)
			p.v5("lost", 0).leave() // a clean start ends what is left of it
			p.send(2, 4, 1)
			want := []string{"4"} // with an end of the connection, nobody was there for the rest
			if expiry > 0 {
				want = []string{"2", "3", "4"}
			}
			if got := other.receive(len(want)); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			other.ping()
		})
	}
}

// cutOff is a store that never gets to the removal of a session: the power failed before.
type cutOff struct{ *broker.Memory }

func (s cutOff) Commit(unit *mqtt.Unit, done mqtt.Settle) {
	if unit.SessionRemove == "ends" {
		unit = &mqtt.Unit{}
	}
	s.Memory.Commit(unit, done)
}

// TestACrashBeforeTheEndOfASessionLeavesNothingTwice: what went to another member is not with the old one any more.
func TestACrashBeforeTheEndOfASessionLeavesNothingTwice(t *testing.T) {
	store := broker.NewMemory(0)
	p := newPlantOn(t, store, broker.Options{Store: cutOff{store}})
	for _, id := range []string{"stays", "ends"} {
		p.join(id, 100, 0).drop()
		p.offline(id)
	}
	p.send(2, 0, 6)
	if err := p.RemoveSession(t.Context(), "ends"); err != nil {
		t.Fatal(err)
	}
	p.restart()
	p.v5("ends", 100).ping()
	got := p.v5("stays", 100).receive(6)
	slices.Sort(got)
	if !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5"}) {
		t.Errorf("got %v", got)
	}
}

// TestLastMemberTakesItsMessagesAlong: they are in the audit then.
func TestLastMemberTakesItsMessagesAlong(t *testing.T) {
	p := newPlant(t, broker.Options{})
	p.join("last", 100, 0).drop()
	p.offline("last")
	p.send(1, 0, 3)
	if err := p.RemoveSession(t.Context(), "last"); err != nil {
		t.Fatal(err)
	}
	var messages uint64
	for _, line := range p.store.GivenUp() {
		if line.Reason == mqtt.SessionEnded && line.Session == "last" {
			messages += line.Messages
		}
	}
	if messages != 3 {
		t.Errorf("the audit has %d, want 3", messages)
	}
}
