package broker_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
			// What was not sent did not wait for the end.
			if got := other.receive(5); !slices.Equal(got, []string{"2", "3", "4", "0", "1"}) {
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
		if line.Reason == mqtt.SessionEnded && line.Session == "$share/g/t" {
			messages += line.Messages
		}
	}
	if messages != 3 {
		t.Errorf("the audit has %d, want 3", messages)
	}
}

// TestTheQueueOfAGroupIsForWhoeverComes: what came while nobody was there waits for no one in particular, also after a
// restart, and also for a member that is new.
func TestTheQueueOfAGroupIsForWhoeverComes(t *testing.T) {
	for _, comes := range []string{"a", "b", "new"} {
		t.Run(comes, func(t *testing.T) {
			p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 4}})
			for _, id := range []string{"a", "b"} {
				p.join(id, 100, 0).drop()
				p.offline(id)
			}
			p.send(1, 0, 10)
			p.send(2, 10, 10)
			p.restart()
			first := p.v5(comes, 100)
			if comes == "new" {
				first.subscribe(mqtt.Subscription{Filter: "$share/g/t", QoS: 2})
			}
			if got := first.receive(20); !slices.IsSortedFunc(got, byNumber) {
				t.Errorf("got %v", got)
			}
			for _, id := range []string{"a", "b"} {
				if id != comes {
					p.v5(id, 100).ping()
				}
			}
			eventually(t, "nothing is queued", func() bool { return p.Status().Queued == 0 })
		})
	}
}

func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// TestTheQueueOfAGroupIsNobodyElses: it cannot be opened, nor removed while there are members.
func TestTheQueueOfAGroupIsNobodyElses(t *testing.T) {
	p := newPlant(t, broker.Options{})
	p.join("member", 100, 0)
	if _, err := p.Session(t.Context(), "$share/g/t", broker.SessionOptions{}); err == nil {
		t.Error("it was opened as a session")
	}
	if err := p.RemoveSession(t.Context(), "$share/g/t"); err == nil {
		t.Error("it was removed")
	}
}

// TestASlowMemberDoesNotHoldTheGroupUp: who does not answer gets what it allowed, the others the rest.
func TestASlowMemberDoesNotHoldTheGroupUp(t *testing.T) {
	p := newPlant(t, broker.Options{})
	slow := p.join("slow", 100, 2)
	quick := p.join("quick", 100, 0)
	p.send(1, 0, 100)
	if got := quick.receive(98); !slices.IsSortedFunc(got, byNumber) {
		t.Errorf("got %v", got)
	}
	slow.receive(2)
	eventually(t, "nothing is queued", func() bool { return p.Status().Queued == 0 })
}

// TestALoanIsBackAfterACrash: a member that is not stored has not acknowledged.
func TestALoanIsBackAfterACrash(t *testing.T) {
	p := newPlant(t, broker.Options{})
	p.join("absent", 100, 0).drop()
	p.offline("absent")
	passing := p.join("passing", 0, 0)
	p.send(1, 0, 3)
	passing.expectPublish("t", "0")
	p.restart()
	if got := p.v5("absent", 100).receive(3); !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("got %v", got)
	}
}

// TestAGroupBecomesDurable with its first durable member: what waits by then is stored.
func TestAGroupBecomesDurable(t *testing.T) {
	p := newPlant(t, broker.Options{})
	busy := p.join("busy", 0, 1)
	p.send(1, 0, 3)
	p.send(2, 3, 2)
	busy.expectPublish("t", "0")
	durable := p.join("durable", 100, 1)
	durable.expectPublish("t", "1")
	durable.drop()
	p.offline("durable")
	busy.drop()
	p.offline("busy")
	p.restart()
	got := p.v5("durable", 100).receive(5)
	slices.Sort(got)
	if !slices.Equal(got, []string{"0", "1", "2", "3", "4"}) {
		t.Errorf("got %v", got)
	}
}

// groupsStored are the queues of groups in the store.
func (p *plant) groupsStored() (ids []string) {
	p.t.Helper()
	snapshot, err := p.store.Load(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, s := range snapshot.Sessions {
		if strings.HasPrefix(s.ID, "$share/") {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// TestTheQueueOfAGroupLivesAsLongAsItsMembers, whatever was stored by a program that had none or ended too early.
func TestTheQueueOfAGroupLivesAsLongAsItsMembers(t *testing.T) {
	p := newPlant(t, broker.Options{})
	member := p.join("member", 100, 0)
	if got := p.groupsStored(); !slices.Equal(got, []string{"$share/g/t"}) {
		t.Errorf("stored: %v", got)
	}
	member.send(&packet.Unsubscribe{PacketID: 1, Filters: []string{"$share/g/t"}})
	expect[*packet.Unsuback](member)
	eventually(t, "the queue is gone", func() bool { return len(p.groupsStored()) == 0 })
	p.join("member", 100, 0).drop()
	p.offline("member")

	orphan := &mqtt.SessionState{ID: "$share/nobody/t", Expiry: mqtt.NeverExpires}
	p.store.Commit(&mqtt.Unit{Groups: []*mqtt.SessionState{orphan}, SessionRemove: "$share/g/t"}, nil)
	p.restart()
	eventually(t, "the member has a queue, the other is gone", func() bool {
		return slices.Equal(p.groupsStored(), []string{"$share/g/t"})
	})
	p.send(1, 0, 3)
	p.restart()
	p.v5("member", 100).receive(3)
}

// TestAMoveThatFailsComesAgain: a message at QoS 2 is bound when its row is with the member, and not before.
func TestAMoveThatFailsComesAgain(t *testing.T) {
	for name, failure := range map[string]error{"failed": mqtt.QuotaExceeded, "uncertain": mqtt.ErrUncertain} {
		t.Run(name, func(t *testing.T) {
			p := newPlant(t, broker.Options{})
			member, err := p.Session(t.Context(), "$member", broker.SessionOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := member.Subscribe(t.Context(), mqtt.Subscription{Filter: "$share/g/t", QoS: 2}); err != nil {
				t.Fatal(err)
			}
			p.send(2, 0, 1)
			p.store.Fail(failure)
			link := member.Attach()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if d, err := link.Receive(ctx); err == nil {
				t.Fatalf("%s was handed out, and its row is not there", d.Message().Payload)
			}
			p.store.Fail(nil)
			p.send(2, 1, 1)
			for i := range 2 {
				d, err := link.Receive(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if got := string(d.Message().Payload); got != fmt.Sprint(i) && failure == mqtt.QuotaExceeded {
					t.Errorf("got %s, want %d", got, i)
				}
				d.Settle(nil)
			}
			eventually(t, "nothing is queued", func() bool { return p.Status().Queued == 0 })
		})
	}
}

// TestWhatExpiresInAGroupIsCountedThere, whether it waits in the queue or at a member.
func TestWhatExpiresInAGroupIsCountedThere(t *testing.T) {
	time := newClock()
	p := newPlant(t, broker.Options{Now: time.now})
	member := p.join("member", 100, 1)
	pub := p.v5("pub", 0)
	for i := range 30 {
		pub.send(&packet.Publish{Topic: "t", QoS: 1, PacketID: uint16(i + 1), Payload: fmt.Append(nil, i), MessageExpiry: new(uint32(5))})
		pub.expectAck(packet.PUBACK, uint16(i+1), 0)
	}
	first := member.expectPublish("t", "0") // before the clock moves, or it expires too
	time.add(6e9)
	member.send(&packet.Ack{Kind: packet.PUBACK, PacketID: first.PacketID})
	eventually(t, "all others expired", func() bool { return p.Status().GivenUp[mqtt.Expired] == 29 })
	for _, s := range p.Sessions() {
		if got := s.Queue.GivenUp[mqtt.Expired]; s.ID != "$share/g/t" && got > 0 {
			t.Errorf("%s lost %d", s.ID, got)
		}
	}
	if got := p.Status().Queued; got != 0 {
		t.Errorf("%d are queued", got)
	}
}
