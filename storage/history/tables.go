package history

import (
	"database/sql/driver"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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
		t.rawRows, t.minuteRows = row.Int(0), row.Int(1)
		t.clock = ageClock{at: row.Int(2), doubt: time.Duration(row.Int(3)) * time.Millisecond}
		return storage.ErrStop
	}, "SELECT raw_rows, minute_rows, clock, doubt FROM meta")
	if err != nil {
		return err
	}
	t.recent, _, err = conn.Int("SELECT (SELECT count(*) FROM recent) + (SELECT count(*) FROM recent_minute)")
	return err
}

// save is the last step of each change.
func (t *tables) save(conn *storage.Conn) error {
	err := conn.Do("UPDATE meta SET raw_rows = ?, minute_rows = ?, clock = ?, doubt = ?",
		t.rawRows, t.minuteRows, t.clock.at, t.clock.doubt.Milliseconds())
	if err != nil {
		return err
	}
	if t.pages, _, err = conn.Int("PRAGMA page_count"); err != nil {
		return err
	}
	t.freePages, _, err = conn.Int("PRAGMA freelist_count")
	return err
}

// blockRows go in with one statement, which has a price of its own.
const blockRows = 16

func insert(table string, columns ...string) (one, block string) {
	row := "(?" + strings.Repeat(", ?", len(columns)-1) + ")"
	one = "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + row
	return one, one + strings.Repeat(", "+row, blockRows-1)
}

var (
	insertRow, insertRows       = insert("recent", "point", "time", "value", "quality")
	insertMinute, insertMinutes = insert("recent_minute", "point", "time", "min", "max", "sum", "count", "flags")
)

// write appends a batch.
func (t *tables) write(conn *storage.Conn, b batch) error {
	if err := t.number(conn, b); err != nil {
		return err
	}
	err := appendRows(conn, insertRow, insertRows, len(b.rows), func(i int, values []driver.Value) []driver.Value {
		r := &b.rows[i]
		return append(values, t.points[r.track.key], r.time, stored(r), r.quality)
	})
	if err != nil {
		return err
	}
	t.recent += int64(len(b.rows) + len(b.minutes))
	if t.oldest == 0 && len(b.rows) > 0 {
		t.oldest = b.rows[0].time
	}
	return appendRows(conn, insertMinute, insertMinutes, len(b.minutes), func(i int, values []driver.Value) []driver.Value {
		m := &b.minutes[i]
		if m.count == 0 {
			return append(values, t.points[m.track.key], m.time, nil, nil, nil, m.count, m.flags)
		}
		return append(values, t.points[m.track.key], m.time, m.min, m.max, m.sum, m.count, m.flags)
	})
}

func appendRows(conn *storage.Conn, one, block string, n int, row func(int, []driver.Value) []driver.Value) error {
	var values []driver.Value
	for i := 0; i < n; {
		query, size := one, 1
		if n-i >= blockRows {
			query, size = block, blockRows
		}
		values = values[:0]
		for j := range size {
			values = row(i+j, values)
		}
		if err := conn.Do(query, values...); err != nil {
			return err
		}
		i += size
	}
	return nil
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

// stored is the value as SQLite keeps it.
func stored(r *row) driver.Value {
	if r.quality&qualityMask == qualityBad {
		return nil
	}
	if text, is := r.value.Text(); is {
		return bounded(text)
	}
	if number, is := r.value.Float(); is {
		if whole, exact := r.value.Whole(); exact && float64(whole) == number {
			return whole
		}
		return number
	}
	return nil
}

// bounded cuts a text where a character begins.
func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// merge sorts recent rows into their tables.
func (t *tables) merge(conn *storage.Conn) error {
	raw, err := conn.Exec("INSERT INTO raw (point, time, value, quality) " +
		"SELECT point, time, value, quality FROM recent WHERE true ORDER BY point, time, id " +
		"ON CONFLICT (point, time) DO UPDATE SET value = excluded.value, quality = excluded.quality | (quality & 4)")
	if err != nil {
		return err
	}
	minutes, err := conn.Exec("INSERT INTO minute (point, time, min, max, sum, count, flags) " +
		"SELECT point, time, min, max, sum, count, flags FROM recent_minute WHERE true ORDER BY point, time, id " +
		"ON CONFLICT (point, time) DO UPDATE SET " +
		"min = coalesce(min(min, excluded.min), min, excluded.min), " +
		"max = coalesce(max(max, excluded.max), max, excluded.max), " +
		"sum = coalesce(sum + excluded.sum, sum, excluded.sum), count = count + excluded.count, " +
		// A break before the later part, or a bad end of the earlier one that is over, is a gap inside.
		"flags = (flags & 1) | (excluded.flags & 2) | ((flags | excluded.flags) & 4) | " +
		"CASE WHEN (flags & 2 AND excluded.count > 0) OR (excluded.flags & 1 AND count > 0) THEN 4 ELSE 0 END")
	if err != nil {
		return err
	}
	for _, clear := range []string{"DELETE FROM recent", "DELETE FROM recent_minute"} {
		if err := conn.Do(clear); err != nil {
			return err
		}
	}
	t.rawRows, t.minuteRows, t.recent = t.rawRows+raw, t.minuteRows+minutes, 0
	return nil
}
