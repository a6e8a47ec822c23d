package queue_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

// MustServe runs a broker on the queue until the end of the test or stop.
func (r *running) MustServe(limits broker.Limits) (b *broker.Broker, stop func()) {
	r.tb.Helper()
	b = broker.New(broker.Options{Store: r.Queue, Now: r.Now, Limits: limits})
	if err := b.Open(context.Background()); err != nil {
		r.tb.Fatalf("open the broker: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		if err := b.Run(ctx); err != nil {
			r.tb.Errorf("run the broker: %v", err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		group.Wait()
	})
	r.tb.Cleanup(stop)
	return b, stop
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come true", what)
		}
	}
}

// TestExpiryAcrossRestarts is a session that ends after an hour, with a message that expires after an hour, whose client
// went before the stop.
func TestExpiryAcrossRestarts(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	tests := []struct {
		name  string
		while func(*fakeClock) // between the runs
		ended bool
		rest  time.Duration // after which all is over in any case
	}{
		{"same boot, 59 minutes", func(c *fakeClock) { c.pass(59 * time.Minute) }, false, time.Minute},
		{"same boot, an hour", func(c *fakeClock) { c.pass(time.Hour) }, true, 0},
		{"same boot, clock a day ahead", func(c *fakeClock) { c.step(noon.Add(day)) }, false, time.Hour},
		{"same boot, clock a day back", func(c *fakeClock) { c.pass(59 * time.Minute); c.step(noon.Add(-day)) }, false, time.Minute},
		{"another boot, 59 minutes", func(c *fakeClock) { c.reboot(59*time.Minute, true) }, false, time.Minute},
		{"another boot, an hour", func(c *fakeClock) { c.reboot(time.Hour, true) }, true, 0},
		{"another boot, time unknown", func(c *fakeClock) { c.reboot(day, false) }, false, time.Hour},
		{"another boot, in 1970", func(c *fakeClock) { c.reboot(0, false); c.step(time.Unix(9, 0)) }, false, time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := &fakeClock{wall: noon, sinceBoot: time.Minute, synchronised: true, boot: "boot"}
			path := t.TempDir() + "/queue.db"
			q := MustOpen(t, path, queue.Options{Clock: c.clock()})
			q.Must(&mqtt.Unit{Session: &mqtt.SessionState{ID: "client", Expiry: 3600, Disconnected: q.Now()}})
			q.Must(addSession("keeper"))
			q.Must(expiring(1, 0, q.Now().Add(time.Hour), "client", "keeper"))
			q.stop()
			test.while(c)
			q = MustOpen(t, path, queue.Options{Clock: c.clock()})
			b, stop := q.MustServe(broker.Limits{})
			if !test.ended {
				if got := b.Status(); got.Sessions != 2 || got.Queued != 2 {
					t.Errorf("%d sessions with %d messages, want both", got.Sessions, got.Queued)
				}
				c.step(time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)) // the network is there: no time passes
				<-time.After(2500 * time.Millisecond)
				if got := b.Status(); got.Sessions != 2 || got.Queued != 2 {
					t.Errorf("%d sessions with %d messages after the clock was set, want both", got.Sessions, got.Queued)
				}
				c.pass(test.rest)
			}
			eventually(t, "session and message are over", func() bool {
				got := b.Status()
				return got.Sessions == 1 && got.Queued == 0
			})
			stop()
			q.stop()
			checkEmpty(t, path)
		})
	}
}

// TestIdentifiersDoNotGoBehindTheMarks: what tells the age of messages must not make new ones look old after a start with
// an empty queue.
func TestIdentifiersDoNotGoBehindTheMarks(t *testing.T) {
	t.Parallel()
	c := &fakeClock{wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), boot: "boot"}
	path := t.TempDir() + "/queue.db"
	limits := broker.Limits{QueueAge: time.Hour}
	q := MustOpen(t, path, queue.Options{Clock: c.clock()})
	b, stop := q.MustServe(limits)
	mustSubscribe(t, b, "old", "t")
	driver, err := b.Session(t.Context(), "$driver", broker.SessionOptions{Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		mustPut(t, driver, "t")
	}
	c.pass(time.Minute)
	eventually(t, "a mark was made", func() bool {
		marks := q.MustLoad().Marks
		return len(marks) > 0 && marks[len(marks)-1].MessageID > 50
	})
	if err := b.RemoveSession(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	stop()
	q.stop()

	q = MustOpen(t, path, queue.Options{Clock: c.clock()})
	b, _ = q.MustServe(limits)
	mustSubscribe(t, b, "new", "t")
	c.pass(55 * time.Minute)
	if driver, err = b.Session(t.Context(), "$driver", broker.SessionOptions{Transient: true}); err != nil {
		t.Fatal(err)
	}
	mustPut(t, driver, "t")
	c.pass(10 * time.Minute) // the mark is too old now, the message is not
	<-time.After(4 * time.Second)
	if got := b.Status().Queued; got != 1 {
		t.Errorf("%d messages are queued, want 1", got)
	}
	c.pass(time.Hour)
	eventually(t, "the message is too old", func() bool { return b.Status().Queued == 0 })
}

func mustSubscribe(t *testing.T, b *broker.Broker, session, filter string) mqtt.Session {
	t.Helper()
	s, err := b.Session(t.Context(), session, broker.SessionOptions{})
	if err == nil {
		err = s.Subscribe(t.Context(), mqtt.Subscription{Filter: filter, QoS: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustPut(t *testing.T, s mqtt.Session, topic string) {
	t.Helper()
	done := make(chan error, 1)
	m := &mqtt.Message{Topic: topic, Payload: []byte("x"), QoS: mqtt.AtLeastOnce}
	err := s.Publish(t.Context(), m, mqtt.Origin{}, func(err error) { done <- err })
	if err == nil {
		err = <-done
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestSpaceIsGivenBack: after a long queue was given up the file is small again, though nothing is written any more. What
// is free up to 16 MB stays for the next queue.
func TestSpaceIsGivenBack(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{Durability: storage.Normal})
	const n = 200_000
	fill(q, "away", n)
	for more := true; more; {
		more = q.MustRemove(mqtt.Removal{Session: "away", Below: n, Messages: n}).More
	}
	if left := q.MustLoad().Sessions[0].Lanes[0]; left.Messages != 0 || left.Bytes != 0 {
		t.Fatalf("left: %+v", left)
	}
	eventually(t, "the space is given back", func() bool { return size(t, path) < 18<<20 })
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestRetainedIsRemovedOnAFullDisk: the removal runs from the ballast, a new message is refused.
func TestRetainedIsRemovedOnAFullDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := folder + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	q.Must(&mqtt.Unit{Retained: []*mqtt.Message{{Topic: "t", Payload: []byte("x"), Retain: true}}})
	q.stop()
	space, err := storage.OpenSpace(folder, storage.SpaceOptions{Floor: 1 << 60})
	if err != nil {
		t.Fatal(err)
	}
	q = MustOpen(t, path, queue.Options{Space: space})
	b, stop := q.MustServe(broker.Limits{})
	s, err := b.Session(t.Context(), "$network", broker.SessionOptions{Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	outcome := make(chan error, 1)
	settle := func(err error) { outcome <- err }
	for _, m := range []*mqtt.Message{{Topic: "u", Payload: []byte("y"), Retain: true}, {Topic: "t", Retain: true, QoS: mqtt.AtLeastOnce}} {
		err := s.Publish(t.Context(), m, mqtt.Origin{}, settle)
		if err == nil {
			err = <-outcome
		}
		if isNew := len(m.Payload) > 0; isNew != errors.Is(err, mqtt.QuotaExceeded) || !isNew && err != nil {
			t.Errorf("%q with %q: %v", m.Topic, m.Payload, err)
		}
	}
	stop()
	if left := q.MustLoad().Retained; len(left) != 0 {
		t.Errorf("retained: %+v", left)
	}
}
