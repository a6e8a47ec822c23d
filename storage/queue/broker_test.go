package queue_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
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
