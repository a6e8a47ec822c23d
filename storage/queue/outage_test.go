package queue_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage/queue"
)

// TestTheClockStepsInAnOutage by a day ahead and back, again and again, while messages wait that expire after an hour, and
// over restarts: as long as less than an hour has really passed all of them are sent, with the time that is left, and after
// it only those that do not expire. TIDEGATE_CLOCK_STEPS says how often it steps.
func TestTheClockStepsInAnOutage(t *testing.T) {
	t.Parallel()
	steps := 8
	if text := os.Getenv("TIDEGATE_CLOCK_STEPS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		steps = n
	}
	for _, over := range []bool{false, true} {
		t.Run(fmt.Sprintf("more than an hour %t", over), func(t *testing.T) {
			t.Parallel()
			stepInAnOutage(t, steps, over)
		})
	}
}

func stepInAnOutage(t *testing.T, steps int, over bool) {
	const count = 30
	day := 24 * time.Hour
	c := &fakeClock{wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), sinceBoot: time.Minute, synchronised: true, boot: "boot"}
	path := t.TempDir() + "/queue.db"
	limits := broker.Limits{Window: 4, WindowBytes: 1000}
	q := MustOpen(t, path, queue.Options{Clock: c.clock()})
	b, stop := q.MustServe(limits)
	mustSubscribe(t, b, "$bridge/a", "#")
	driver, err := b.Session(t.Context(), "$driver", broker.SessionOptions{Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	for range count {
		mustPut(t, driver, "stays")
		done := make(chan error, 1)
		m := &mqtt.Message{Topic: "expires", Payload: []byte("x"), QoS: mqtt.AtLeastOnce, Expires: q.Now().Add(time.Hour)}
		if err := driver.Publish(t.Context(), m, mqtt.Origin{}, func(err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	passed := time.Duration(0)
	for i := range steps {
		c.step(c.clock().Now().Add([]time.Duration{day, -day}[rand.IntN(2)]))
		some := 55 * time.Minute / time.Duration(steps)
		c.pass(some)
		passed += some
		if i%3 == 0 {
			stop()
			q.stop()
			q = MustOpen(t, path, queue.Options{Clock: c.clock()})
			b, stop = q.MustServe(limits)
		}
	}
	if over {
		c.step(c.clock().Now().Add(-day))
		c.pass(10 * time.Minute)
		passed += 10 * time.Minute
	}
	s, err := b.Session(t.Context(), "$bridge/a", broker.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	stays, expires := 0, 0
	link := s.Attach()
	for stays < count || !over && expires < count {
		d, err := link.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d.Message().Expires.IsZero() {
			stays++
		} else {
			expires++
			if left := d.Message().Expires.Sub(q.Now()); left > time.Hour-passed+time.Second || left <= 0 && d.State() == mqtt.DeliveryNew {
				t.Errorf("%s are left after %s", left, passed)
			}
		}
		d.Settle(nil)
	}
	eventually(t, "nothing waits", func() bool { return s.Queue().Messages == 0 })
	// What may have been sent before the last start is in flight, and does not expire.
	if lost := s.Queue().GivenUp; lost[mqtt.Expired] != uint64(count-expires) || over && expires > limits.Window || lost.Total() != lost[mqtt.Expired] {
		t.Errorf("%d of %d were sent after %s, given up are %v", expires, count, passed, lost)
	}
	stop()
	q.stop()
	checkEmpty(t, path)
}
