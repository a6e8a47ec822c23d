package queue_test

import (
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage/queue"
)

// fakeClock is the clocks of a machine, which a test sets.
type fakeClock struct {
	mu           sync.Mutex // guards what follows
	wall         time.Time
	sinceBoot    time.Duration
	synchronised bool
	boot         string
}

func (c *fakeClock) clock() queue.Clock {
	return queue.Clock{
		Now:          func() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.wall },
		SinceBoot:    func() time.Duration { c.mu.Lock(); defer c.mu.Unlock(); return c.sinceBoot },
		Synchronised: func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.synchronised },
		BootID:       c.boot,
	}
}

// pass lets time go by on both clocks.
func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(d)
	c.sinceBoot += d
}

// step sets the wall clock.
func (c *fakeClock) step(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = to
}

func (c *fakeClock) synchronise(is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.synchronised = is
}

// reboot starts another boot after a time without power.
func (c *fakeClock) reboot(off time.Duration, synchronised bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall = c.wall.Add(off)
	c.sinceBoot = 5 * time.Second
	c.boot += "'"
	c.synchronised = synchronised
}

func TestTimeOfTheQueue(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	tests := []struct {
		name   string
		before func(*fakeClock) // while the first run lasts
		during func(*fakeClock) // between the runs
		want   time.Duration    // since the first open
	}{
		{"time passes", func(c *fakeClock) { c.pass(time.Hour) }, nil, time.Hour},
		{"a step forward is no time", func(c *fakeClock) { c.step(noon.Add(day)); c.pass(time.Hour) }, nil, time.Hour},
		{"a step back is no time", func(c *fakeClock) { c.step(noon.Add(-day)); c.pass(time.Hour) }, nil, time.Hour},
		{"restart in one boot", nil, func(c *fakeClock) { c.pass(time.Hour) }, time.Hour},
		{"restart in one boot, clock stepped", nil, func(c *fakeClock) { c.pass(time.Hour); c.step(noon.Add(-day)) }, time.Hour},
		{"another boot, synchronised", nil, func(c *fakeClock) { c.reboot(time.Hour, true) }, time.Hour},
		{"another boot, not synchronised after", nil, func(c *fakeClock) { c.reboot(time.Hour, false) }, 0},
		{
			"another boot, not synchronised before",
			func(c *fakeClock) { c.synchronise(false) },
			func(c *fakeClock) { c.reboot(time.Hour, true) },
			0,
		},
		{"another boot, the clock went back", nil, func(c *fakeClock) { c.reboot(-day, true) }, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &fakeClock{wall: noon, sinceBoot: time.Minute, synchronised: true, boot: "boot"}
			path := t.TempDir() + "/queue.db"
			q := MustOpen(t, path, queue.Options{Clock: c.clock()})
			if !q.Now().Equal(noon) {
				t.Fatalf("a new queue begins at %s", q.Now())
			}
			if test.before != nil {
				test.before(c)
			}
			if test.during != nil {
				q.stop()
				test.during(c)
				q = MustOpen(t, path, queue.Options{Clock: c.clock()})
			}
			if got := q.Now().Sub(noon); got != test.want {
				t.Errorf("%s passed, want %s", got, test.want)
			}
			q.stop()
		})
	}
}

// TestABootIn1970 is a machine without a battery: its clock starts at 0, and jumps when the network is there.
func TestABootIn1970(t *testing.T) {
	c := &fakeClock{wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), synchronised: true, boot: "first"}
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{Clock: c.clock()})
	start := q.Now()
	q.stop()
	c.reboot(0, false)
	c.step(time.Unix(10, 0))
	q = MustOpen(t, path, queue.Options{Clock: c.clock()})
	c.pass(time.Minute)
	c.step(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))
	c.synchronise(true)
	c.pass(time.Minute)
	if got := q.Now().Sub(start); got != 2*time.Minute {
		t.Errorf("%s passed, want 2m", got)
	}
	q.stop()
}

// TestTimeIsRememberedAtTheStart: a crash soon after the start finds a moment to go on from.
func TestTimeIsRememberedAtTheStart(t *testing.T) {
	c := &fakeClock{wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), synchronised: true, boot: "first"}
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{Clock: c.clock()})
	start := q.Now()
	q.Must(addSession("a")) // takes the time along
	c.pass(time.Hour)
	// The second reader of the file sees what a crash would leave.
	crashed, err := queue.Open(copyOf(t, path), queue.Options{Clock: c.clock()})
	if err != nil {
		t.Fatal(err)
	}
	if got := crashed.Now().Sub(start); got != time.Hour {
		t.Errorf("%s passed, want 1h", got)
	}
	if err := crashed.Close(); err != nil {
		t.Error(err)
	}
	q.stop()
}

// copyOf copies the files of an open database, as a crash leaves them.
func copyOf(t *testing.T, path string) string {
	t.Helper()
	target := t.TempDir() + "/queue.db"
	for _, suffix := range []string{"", "-wal"} {
		copyFile(t, path+suffix, target+suffix)
	}
	return target
}
