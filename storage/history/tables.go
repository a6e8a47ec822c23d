package history

import (
	"maps"
	"slices"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// pageSize is that of every file of ours.
const pageSize = 4096

// used is what the rows take on disk.
func (t *tables) used() int64 { return (t.pages - t.freePages) * pageSize }

func (t *tables) load(conn *storage.Conn) error {
	points := map[gateway.PointKey]int64{}
	err := conn.Query(func(row storage.Row) error {
		points[gateway.PointKey{Device: row.Text(1), Point: row.Text(2)}] = row.Int(0)
		return nil
	}, "SELECT id, device, point FROM point")
	if err != nil {
		return err
	}
	t.points = points
	err = conn.Query(func(row storage.Row) error {
		t.rawRows, t.minuteRows, t.hourRows = row.Int(0), row.Int(1), row.Int(2)
		t.clock = ageClock{at: row.Int(3), doubt: time.Duration(row.Int(4)) * time.Millisecond}
		t.sorted = row.Int(5)
		return storage.ErrStop
	}, "SELECT raw_rows, minute_rows, hour_rows, clock, doubt, sorted FROM meta")
	if err != nil {
		return err
	}
	t.recent, _, err = conn.Int("SELECT (SELECT count(*) FROM recent) + (SELECT count(*) FROM recent_minute)")
	if err != nil {
		return err
	}
	t.batch, _, err = conn.Int("SELECT max(coalesce((SELECT max(batch) FROM recent), 0), " +
		"coalesce((SELECT max(batch) FROM recent_minute), 0))")
	return err
}

// save is the last step of each change.
func (t *tables) save(conn *storage.Conn) error {
	err := conn.Do("UPDATE meta SET raw_rows = ?, minute_rows = ?, hour_rows = ?, clock = ?, doubt = ?, sorted = ?",
		t.rawRows, t.minuteRows, t.hourRows, t.clock.at, t.clock.doubt.Milliseconds(), t.sorted)
	if err != nil {
		return err
	}
	if t.pages, _, err = conn.Int("PRAGMA page_count"); err != nil {
		return err
	}
	t.freePages, _, err = conn.Int("PRAGMA freelist_count")
	return err
}

// number gives numbers to points that have none. The numbers are shared with the state before this change, which may
// be rolled back, so they are changed in a copy.
func (t *tables) number(conn *storage.Conn, b batch) error {
	if !t.areNew(b) {
		return nil
	}
	t.points = maps.Clone(t.points)
	add := func(key gateway.PointKey) error {
		if _, known := t.points[key]; known {
			return nil
		}
		err := conn.Do("INSERT INTO point (device, point) VALUES (?, ?)", key.Device, key.Point)
		if err == nil {
			t.points[key], _, err = conn.Int("SELECT last_insert_rowid()")
		}
		return err
	}
	for i := range b.rows {
		if err := add(b.rows[i].track.key); err != nil {
			return err
		}
	}
	for i := range b.minutes {
		if err := add(b.minutes[i].track.key); err != nil {
			return err
		}
	}
	return nil
}

func (t *tables) areNew(b batch) bool {
	isNew := func(track *track) bool {
		_, known := t.points[track.key]
		return !known
	}
	return slices.ContainsFunc(b.rows, func(r row) bool { return isNew(r.track) }) ||
		slices.ContainsFunc(b.minutes, func(m minute) bool { return isNew(m.track) })
}
