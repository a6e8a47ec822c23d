package broker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// TestAgeOfTheOldestMessage within a hundredth, also for what is on disk only after a restart.
func TestAgeOfTheOldestMessage(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p := newPlant(t, broker.Options{Now: clock.now, Limits: broker.Limits{Window: 4}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$s", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 1})
	if _, found := p.Broker.OldestQueued(t.Context(), "$s"); found {
		t.Error("the oldest of nothing")
	}
	eventually(t, "there is a first mark", func() bool {
		snapshot, err := p.store.Load(t.Context())
		return err == nil && len(snapshot.Marks) > 0
	})
	for i := range 20 {
		put(t, driver, text("t", fmt.Sprint(i), 1), mqtt.Origin{})
	}
	began := clock.now()
	clock.add(2 * time.Hour)
	p.marked(clock)
	clock.add(100 * time.Hour)
	near := func(when string, deviation time.Duration) {
		t.Helper()
		age, found := p.Broker.OldestQueued(t.Context(), "$s")
		if want := clock.now().Sub(began); !found || age < want || age > want+deviation {
			t.Errorf("%s: %s, %v; want %s", when, age, found, want)
		}
	}
	near("at once", 2*time.Minute)
	p.restart()
	s = p.open("$s", broker.SessionOptions{})
	near("after a restart", time.Hour)
	link := s.Attach()
	for range 20 {
		d, err := link.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d.Settle(nil)
	}
	if q := s.Queue(); q.Added.Messages != 0 || q.Done.Messages != 20 || q.Done.Bytes == 0 {
		t.Errorf("%+v", q)
	}
}

// TestPurgeGivesUpWhatIsNotInFlight in memory and on disk, and nothing that comes later.
func TestPurgeGivesUpWhatIsNotInFlight(t *testing.T) {
	t.Parallel()
	p := newPlant(t, broker.Options{Limits: broker.Limits{Window: 4}})
	driver := p.open("$driver", broker.SessionOptions{Transient: true})
	s := p.open("$s", broker.SessionOptions{})
	subscribe(t, s, mqtt.Subscription{Filter: "#", QoS: 2})
	for i := range 3000 { // more than two steps
		put(t, driver, text("t", fmt.Sprint(i), 2), mqtt.Origin{})
	}
	link := s.Attach()
	first := receive(t, link, "0", mqtt.DeliveryNew)
	removed, left, err := p.Broker.Purge(t.Context(), "$s")
	if removed != 2999 || left != 1 || err != nil {
		t.Fatalf("%d removed, %d left: %v", removed, left, err)
	}
	put(t, driver, text("t", "later", 2), mqtt.Origin{})
	first.Settle(nil)
	receive(t, link, "later", mqtt.DeliveryNew).Settle(nil)
	q := s.Queue()
	if q.Messages != 0 || q.GivenUp[mqtt.Purged] != 2999 || q.Dropped != 0 || q.Added.Messages != 3001 || q.Done.Messages != 2 {
		t.Errorf("%+v", q)
	}
	if n := p.audited("$s", mqtt.Purged); n != 2999 {
		t.Errorf("the audit has %d", n)
	}
}
