package broker_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

func (p *plant) open(id string, options broker.SessionOptions) mqtt.Session {
	p.t.Helper()
	s, err := p.Session(p.t.Context(), id, options)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func subscribe(t testing.TB, s mqtt.Session, subs ...mqtt.Subscription) {
	t.Helper()
	if err := s.Subscribe(t.Context(), subs...); err != nil {
		t.Fatal(err)
	}
}

// put publishes and waits until the message is kept.
func put(t testing.TB, s mqtt.Session, m *mqtt.Message, from mqtt.Origin) {
	t.Helper()
	done := make(chan error, 1)
	if err := s.Publish(t.Context(), m, from, func(err error) { done <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func text(topic, payload string, qos mqtt.QoS) *mqtt.Message {
	return &mqtt.Message{Topic: topic, Payload: []byte(payload), QoS: qos}
}

func receive(t testing.TB, link mqtt.Link, payload string, state mqtt.DeliveryState) mqtt.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	d, err := link.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if string(d.Message().Payload) != payload || d.State() != state {
		t.Fatalf("got %s in state %d, want %s in state %d", d.Message().Payload, d.State(), payload, state)
	}
	return d
}

// received records a PUBREC and waits for it.
func received(d mqtt.Delivery) error {
	done := make(chan error, 1)
	d.Received(func(err error) { done <- err })
	return <-done
}

func TestAttachBeginsWithTheOldestUnsettled(t *testing.T) {
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 4}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$bridge/a", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	for i := range 10 {
		put(t, driver, text("t", fmt.Sprint(i), 2), mqtt.Origin{})
	}
	link := s.Attach()
	first := receive(t, link, "0", mqtt.DeliveryNew)
	second := receive(t, link, "1", mqtt.DeliveryNew)
	third := receive(t, link, "2", mqtt.DeliveryNew)
	if err := received(second); err != nil {
		t.Fatal(err)
	}
	third.Settle(nil)
	link.Detach()
	if _, err := link.Receive(t.Context()); !errors.Is(err, mqtt.ErrDetached) {
		t.Fatalf("receive after detach: %v", err)
	}
	check := func(link mqtt.Link) {
		t.Helper()
		if d := receive(t, link, "0", mqtt.DeliverySent); d.PacketID() != first.PacketID() {
			t.Errorf("packet identifier %d, was %d", d.PacketID(), first.PacketID())
		}
		if d := receive(t, link, "1", mqtt.DeliveryReceived); d.PacketID() != second.PacketID() {
			t.Errorf("packet identifier %d, was %d", d.PacketID(), second.PacketID())
		}
	}
	link = s.Attach()
	check(link)
	next := s.Attach() // takes over
	if _, err := link.Receive(t.Context()); !errors.Is(err, mqtt.ErrDetached) {
		t.Fatalf("receive after a take-over: %v", err)
	}
	check(next)
	p.restart()
	s = p.open("$bridge/a", broker.SessionOptions{})
	link = s.Attach()
	check(link)
	if q := s.Queue(); q.Messages != 9 {
		t.Errorf("%d queued, want 9", q.Messages)
	}
}

func TestAcknowledgedBeforeCommitIsNeverWritten(t *testing.T) {
	store := broker.NewMemory(time.Hour) // Soon never comes by itself
	p := newPlantOn(t, store, broker.Options{})
	driver := p.open("$driver", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	s := p.open("$bridge/a", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	settled := make(chan error, 2)
	for i := range 2 {
		if err := driver.Publish(t.Context(), text("t", fmt.Sprint(i), 1), mqtt.Origin{}, func(err error) { settled <- err }); err != nil {
			t.Fatal(err)
		}
	}
	link := s.Attach()
	receive(t, link, "0", mqtt.DeliveryNew).Settle(nil)
	receive(t, link, "1", mqtt.DeliveryNew)
	if err := s.MarkUsed(t.Context(), "peer"); err != nil { // a unit that is Now takes the others along
		t.Fatal(err)
	}
	for range 2 {
		if err := <-settled; err != nil {
			t.Fatal(err)
		}
	}
	rows, err := store.Backlog(t.Context(), "$bridge/a", 0, 0, 10, 1<<20)
	if err != nil || len(rows) != 1 || string(rows[0].Message.Payload) != "1" {
		t.Errorf("%d rows (%v), want that of the second message only", len(rows), err)
	}
}

func TestQoS2LeavesAfterItsCommit(t *testing.T) {
	p := newPlantOn(t, broker.NewMemory(time.Hour), broker.Options{})
	driver := p.open("$driver", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	s := p.open("$bridge/a", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	link := s.Attach()
	if err := driver.Publish(t.Context(), text("t", "x", 2), mqtt.Origin{}, nil); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := link.Receive(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("receive before the commit: %v", err)
	}
	if err := s.MarkUsed(t.Context(), "peer"); err != nil {
		t.Fatal(err)
	}
	receive(t, link, "x", mqtt.DeliveryNew)
}

func TestOriginIsKnownUntilReleased(t *testing.T) {
	p := newPlant(t, broker.Options{})
	bridge := p.open("$bridge/a", broker.SessionOptions{})
	sink := p.open("$sink", broker.SessionOptions{})
	subscribe(t, sink, mqtt.Subscription{Filter: "#", QoS: 2})
	from := mqtt.Origin{Session: "$bridge/a", PacketID: 9}
	for range 3 {
		put(t, bridge, text("t", "x", 2), from)
		p.restart()
		bridge, sink = p.open("$bridge/a", broker.SessionOptions{}), p.open("$sink", broker.SessionOptions{})
	}
	if q := sink.Queue(); q.Messages != 1 {
		t.Fatalf("%d messages, want 1", q.Messages)
	}
	for range 2 {
		done := make(chan error, 1)
		bridge.Release(from, func(err error) { done <- err })
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	put(t, bridge, text("t", "y", 2), from)
	if err := bridge.ForgetInbound(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, bridge, text("t", "z", 2), from)
	if q := sink.Queue(); q.Messages != 3 {
		t.Errorf("%d messages, want 3", q.Messages)
	}
}

func TestFreshUntilMarkedUsed(t *testing.T) {
	p := newPlant(t, broker.Options{})
	s := p.open("$bridge/a", broker.SessionOptions{})
	if !s.Fresh() {
		t.Fatal("a new session is not fresh")
	}
	p.restart()
	if s = p.open("$bridge/a", broker.SessionOptions{}); !s.Fresh() {
		t.Fatal("not fresh after a restart")
	}
	if err := s.MarkUsed(t.Context(), "peer"); err != nil {
		t.Fatal(err)
	}
	p.restart()
	if s = p.open("$bridge/a", broker.SessionOptions{}); s.Fresh() || s.Peer() != "peer" {
		t.Fatal("fresh after it was used")
	}
	if err := p.RemoveSession(t.Context(), "$bridge/a"); err != nil {
		t.Fatal(err)
	}
	p.restart()
	if s = p.open("$bridge/a", broker.SessionOptions{}); !s.Fresh() || len(s.Subscriptions()) != 0 {
		t.Fatal("the removed session came back")
	}
}

func TestQoS0OfLocalSessions(t *testing.T) {
	p := newPlant(t, broker.Options{})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	keeper := p.open("$keeper", broker.SessionOptions{QueueQoS0: true})
	other := p.open("$other", broker.SessionOptions{})
	subscribe(t, keeper, mqtt.Subscription{Filter: "#", QoS: 1})
	subscribe(t, other, mqtt.Subscription{Filter: "#", QoS: 1})
	put(t, driver, text("t", "absent", 0), mqtt.Origin{})
	link, otherLink := keeper.Attach(), other.Attach()
	put(t, driver, text("t", "there", 0), mqtt.Origin{})
	for _, want := range []string{"absent", "there"} {
		d := receive(t, link, want, mqtt.DeliveryNew)
		if d.QoS() != 0 || d.PacketID() != 0 {
			t.Errorf("QoS %d and identifier %d", d.QoS(), d.PacketID())
		}
		d.Settle(nil)
	}
	receive(t, otherLink, "there", mqtt.DeliveryNew)
	if q := keeper.Queue(); q.Messages != 0 {
		t.Errorf("%d queued, want 0", q.Messages)
	}
	if q := other.Queue(); q.Dropped != 1 {
		t.Errorf("%d dropped, want 1", q.Dropped)
	}
}

// TestQueueUnderLoad drains a session while it is filled, with spilling, cuts and a restart: nothing is lost, the order
// holds, and at QoS 2 nothing comes twice.
func TestQueueUnderLoad(t *testing.T) {
	const count = 5000
	p := newPlantOn(t, broker.NewMemory(time.Millisecond), broker.Options{Limits: broker.Limits{Window: 20}})
	driver := p.open("$driver", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	s := p.open("$bridge/a", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		for i := range count {
			m := text("t", fmt.Sprint(i), 2)
			if err := driver.Publish(t.Context(), m, mqtt.Origin{}, nil); err != nil {
				t.Error(err)
				return
			}
			if i%100 == 0 {
				pause(time.Millisecond)
			}
		}
	})
	var cloud remote
	for attempt := 0; len(cloud.taken) < count; attempt++ {
		cut := 97 * (attempt + 1)
		if err := cloud.connect(t, s, min(cut, count-len(cloud.taken))); err != nil {
			t.Fatal(err)
		}
	}
	for i, payload := range cloud.taken {
		if payload != fmt.Sprint(i) {
			t.Fatalf("message %d is %s", i, payload)
		}
	}
}

// remote is a receiver that keeps the rules of QoS 2 and forgets no identifier when its connection is cut.
type remote struct {
	taken []string
	known map[uint16]bool
}

// connect takes n new messages, several in flight, and is cut in the middle of the next.
func (r *remote) connect(t *testing.T, s mqtt.Session, n int) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if r.known == nil {
		r.known = map[uint16]bool{}
	}
	link := s.Attach()
	defer link.Detach()
	for before := len(r.taken); len(r.taken) < before+n; {
		d, err := link.Receive(ctx)
		if err != nil {
			return fmt.Errorf("after %d messages: %w", len(r.taken), err)
		}
		if d.State() != mqtt.DeliveryReceived {
			if !r.known[d.PacketID()] {
				r.known[d.PacketID()] = true
				r.taken = append(r.taken, string(d.Message().Payload))
			}
			if len(r.taken)%5 == 0 && len(r.taken) < before+n {
				// PUBREC is on its way when the next one comes.
				d.Received(func(error) {
					d.Settle(nil)
				})
				delete(r.known, d.PacketID())
				continue
			}
			if err := received(d); err != nil {
				return err
			}
		}
		if len(r.taken) == before+n && n%2 == 1 {
			return nil // cut before PUBCOMP
		}
		delete(r.known, d.PacketID())
		d.Settle(nil)
	}
	return nil
}
