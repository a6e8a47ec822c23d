package history

import (
	"cmp"
	"database/sql/driver"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidegate/tidegate/storage"
)

// blockRows go in with one statement, which has a price of its own.
const blockRows = 16

// insert gives statements for one row and for a block of them.
func insert(table, conflict string, columns ...string) (one, block string) {
	row := "(?" + strings.Repeat(", ?", len(columns)-1) + ")"
	one = "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + row
	return one + conflict, one + strings.Repeat(", "+row, blockRows-1) + conflict
}

const (
	// replaceRow is for a second reading with the same time, which takes the place of the first.
	replaceRow = " DO UPDATE SET value = excluded.value, quality = excluded.quality | (quality & 4)"
	// addMinutes is for a later part of the same minute or hour. A break before the later part, or a bad end of the earlier
	// one that is over, is a gap inside.
	addMinutes = " DO UPDATE SET " +
		"min = coalesce(min(min, excluded.min), min, excluded.min), " +
		"max = coalesce(max(max, excluded.max), max, excluded.max), " +
		"sum = coalesce(sum + excluded.sum, sum, excluded.sum), count = count + excluded.count, " +
		"flags = (flags & 1) | (excluded.flags & 2) | ((flags | excluded.flags) & 4) | " +
		"CASE WHEN (flags & 2 AND excluded.count > 0) OR (excluded.flags & 1 AND count > 0) THEN 4 ELSE 0 END"
)

var (
	insertRow, insertRows = insert("recent", " ON CONFLICT (batch, point, time)"+replaceRow,
		"batch", "point", "time", "value", "quality")
	insertMinute, insertMinutes = insert("recent_minute", " ON CONFLICT (batch, point, time)"+addMinutes,
		"batch", "point", "time", "min", "max", "sum", "count", "flags")
)

// write appends a batch, by point and time.
func (t *tables) write(conn *storage.Conn, b batch) error {
	if err := t.number(conn, b); err != nil {
		return err
	}
	t.batch++
	rows := t.order(len(b.rows), func(i int) (*track, int64) { return b.rows[i].track, b.rows[i].time })
	err := appendRows(conn, insertRow, insertRows, rows, func(p place, values []driver.Value) []driver.Value {
		r := &b.rows[p.index]
		return append(values, t.batch, p.point, r.time, stored(r), r.quality)
	})
	if err != nil {
		return err
	}
	t.recent += int64(len(b.rows) + len(b.minutes))
	if t.oldest == 0 && len(b.rows) > 0 {
		t.oldest = b.rows[0].time
	}
	minutes := t.order(len(b.minutes), func(i int) (*track, int64) { return b.minutes[i].track, b.minutes[i].time })
	return appendRows(conn, insertMinute, insertMinutes, minutes, func(p place, values []driver.Value) []driver.Value {
		m := &b.minutes[p.index]
		if m.count == 0 {
			return append(values, t.batch, p.point, m.time, nil, nil, nil, m.count, m.flags)
		}
		return append(values, t.batch, p.point, m.time, m.min, m.max, m.sum, m.count, m.flags)
	})
}

// place is where a row of a batch belongs.
type place struct {
	point, time int64
	index       int
}

// order sorts n rows by point and time; what came later stays behind.
func (t *tables) order(n int, row func(int) (*track, int64)) []place {
	places := make([]place, n)
	for i := range places {
		track, time := row(i)
		places[i] = place{point: t.points[track.key], time: time, index: i}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.point, b.point), cmp.Compare(a.time, b.time), cmp.Compare(a.index, b.index))
	})
	return places
}

func appendRows(conn *storage.Conn, one, block string, places []place, row func(place, []driver.Value) []driver.Value) error {
	var values []driver.Value
	for len(places) > 0 {
		query, size := one, 1
		if len(places) >= blockRows {
			query, size = block, blockRows
		}
		values = values[:0]
		for _, p := range places[:size] {
			values = row(p, values)
		}
		if err := conn.Do(query, values...); err != nil {
			return err
		}
		places = places[size:]
	}
	return nil
}

// stored is the value as SQLite keeps it.
func stored(r *row) driver.Value {
	if r.quality&qualityMask == qualityBad {
		return nil
	}
	if text, is := textOf(r.value); is {
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
