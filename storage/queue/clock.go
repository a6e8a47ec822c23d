package queue

import (
	"time"

	"github.com/tidegate/tidegate/storage"
)

// Clock is what the queue has to know of time. The zero value trusts nothing: no time passes between two opens.
type Clock struct {
	// Now is the wall time.
	Now func() time.Time
	// SinceBoot is how long the machine runs, sleep included.
	SinceBoot func() time.Duration
	// Synchronised reports whether the wall time comes from a time server.
	Synchronised func() bool
	// BootID names this boot of the machine; empty when that is not known.
	BootID string
}

func (c Clock) withDefaults() Clock {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.SinceBoot == nil {
		started := time.Now()
		c.SinceBoot = func() time.Duration { return time.Since(started) }
		c.BootID = ""
	}
	if c.Synchronised == nil {
		c.Synchronised = func() bool { return false }
	}
	return c
}

// timeline is the time on which sessions and messages expire. It never steps: within one boot it goes with the machine;
// from one boot to the next it goes with the wall clock, if that was synchronised on both sides, and stands still
// otherwise. So in doubt nothing expires.
type timeline struct {
	clock Clock
	// base is the time line at sinceBoot.
	base      time.Time
	sinceBoot time.Duration
}

// moment is the row of the clock.
type moment struct {
	at, wall     time.Time
	sinceBoot    time.Duration
	synchronised bool
	boot         string
}

func (t *timeline) now() time.Time {
	return t.base.Add(t.clock.SinceBoot() - t.sinceBoot)
}

// begin takes up the line where the last run left it.
func (t *timeline) begin(last moment) {
	t.sinceBoot = t.clock.SinceBoot()
	t.base = last.at
	var passed time.Duration
	switch {
	case last.boot != "" && last.boot == t.clock.BootID:
		passed = t.sinceBoot - last.sinceBoot
	case last.synchronised && t.clock.Synchronised():
		passed = t.clock.Now().Sub(last.wall)
	}
	t.base = last.at.Add(max(passed, 0))
}

// openClock reads the last moment. A file without one has times of the wall clock: it cannot be earlier than those.
func (q *Queue) openClock(clock Clock, conn *storage.Conn) error {
	q.time.clock = clock.withDefaults()
	var last moment
	found := false
	err := conn.Query(func(row storage.Row) error {
		found = true
		last = moment{
			at: fromMillis(row.Int(0)), sinceBoot: time.Duration(row.Int(1)) * time.Millisecond, wall: fromMillis(row.Int(2)),
			synchronised: row.Int(3) != 0, boot: row.Text(4),
		}
		return nil
	}, "SELECT at, since_boot, wall, synchronised, boot FROM clock")
	if err != nil {
		return err
	}
	if !found {
		latest, _, err := conn.Int("SELECT max(disconnected) FROM session")
		if err != nil {
			return err
		}
		wall := q.time.clock.Now()
		last.at = time.UnixMilli(max(wall.UnixMilli(), latest)).UTC()
	}
	q.time.begin(last)
	return nil
}

// Now is the time on which messages and sessions expire; see mqtt.Message and mqtt.SessionState. It begins with the wall
// time of the day on which the file was made, never steps, and goes on after a restart.
func (q *Queue) Now() time.Time { return q.time.now() }

// keepTime is how often the time line is remembered: what it may lose at a crash, if the wall clock cannot help.
const keepTime = time.Minute

// commitTime rides with the next group.
func (q *Queue) commitTime() {
	q.writer.Commit(storage.Member{Class: storage.Soon, Size: rowSize, Apply: q.writeTime, Done: func(err error) {
		if err != nil {
			q.logger.Warn("the time cannot be remembered", "error", err)
		}
	}})
}

func (q *Queue) writeTime(conn *storage.Conn) error {
	clock := q.time.clock
	return conn.Do("INSERT OR REPLACE INTO clock (id, at, since_boot, wall, synchronised, boot) VALUES (1, ?, ?, ?, ?, ?)",
		q.time.now().UnixMilli(), clock.SinceBoot().Milliseconds(), clock.Now().UnixMilli(), clock.Synchronised(), clock.BootID)
}
