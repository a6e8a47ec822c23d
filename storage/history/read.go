package history

import (
	"cmp"
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"github.com/tidegate/tidegate/storage"
)

// fewRows: a bucket with less than so many rows is not worth a query of its own.
const fewRows = 4

// reader answers one question about a point. Buckets are put together by SQLite where their rows have no marks, which is
// many times faster than to fetch each row.
type reader struct {
	ctx     context.Context
	conn    *storage.Conn
	id      int64
	buckets *buckets
	// recentRows and recentMinutes are those that are not sorted in, by time.
	recentRows, recentMinutes []sample
}

// choose finds the level that is fine enough for the width of buckets, or a coarser one that goes further back.
func (r *reader) choose() (*level, error) {
	if err := r.loadRecent(); err != nil {
		return levels[0], err
	}
	chosen, known, have := levels[0], int64(0), false
	for _, l := range levels {
		first, found, err := r.first(l)
		if err != nil {
			return l, err
		}
		fine := r.buckets.width >= l.unit
		missing := !have || known > r.buckets.from && floor(known, l.unit)*l.unit > first
		if found && (fine || missing) {
			chosen, known, have = l, first, true
		}
	}
	return chosen, nil
}

// first is the time of the first value of a level.
func (r *reader) first(l *level) (first int64, found bool, err error) {
	first, found, err = r.conn.Int(l.first, r.id)
	first *= l.unit
	recent := r.recent(l)
	i := slices.IndexFunc(recent, func(s sample) bool { return s.count > 0 || l == levels[0] })
	if i < 0 {
		return first, found, err
	}
	at := floor(recent[i].time, l.unit) * l.unit
	if found {
		at = min(at, first)
	}
	return at, true, err
}

var (
	recentRows    = batches("recent") + "SELECT time, value, quality FROM b CROSS JOIN recent ON batch = n AND point = ?"
	recentMinutes = batches("recent_minute") + "SELECT time, min, max, sum, count, flags FROM b CROSS JOIN recent_minute " +
		"ON batch = n AND point = ?"
)

// loadRecent reads what is not sorted in.
func (r *reader) loadRecent() error {
	sorted, _, err := r.conn.Int("SELECT sorted FROM meta")
	if err != nil || r.id <= sorted {
		return err
	}
	if r.recentRows, err = r.samples(levels[0], recentRows, r.id); err != nil {
		return err
	}
	r.recentMinutes, err = r.samples(levels[1], recentMinutes, r.id)
	byTime := func(a, b sample) int { return cmp.Compare(a.time, b.time) }
	slices.SortStableFunc(r.recentRows, byTime)
	slices.SortStableFunc(r.recentMinutes, byTime)
	return err
}

// read fills the buckets. Hours that are not all in the time that is asked for are read as minutes.
func (r *reader) read(l *level) error {
	from, to := r.buckets.from, r.buckets.to
	if l.unit < time.Hour.Milliseconds() {
		return r.readSpan(l, from, to)
	}
	first, last := ceil(from, l.unit)*l.unit, floor(to+1, l.unit)*l.unit
	if first >= last {
		return r.readSpan(levels[1], from, to)
	}
	for _, span := range []struct {
		level    *level
		from, to int64
	}{{levels[1], from, first - 1}, {l, first, last - 1}, {levels[1], last, to}} {
		if err := r.readSpan(span.level, span.from, span.to); err != nil {
			return err
		}
	}
	return nil
}

// readSpan reads the rows between two times, both included.
func (r *reader) readSpan(l *level, from, to int64) error {
	width := r.buckets.width
	if width < fewRows*max(l.unit, time.Second.Milliseconds()) {
		return r.readRows(l, from, to)
	}
	for number := (from - r.buckets.from) / width; ; number++ {
		begin := r.buckets.from + number*width
		if begin > to {
			return nil
		}
		if err := r.ctx.Err(); err != nil {
			return context.Cause(r.ctx)
		}
		if err := r.readBucket(l, max(begin, from), min(begin+width-1, to)); err != nil {
			return err
		}
	}
}

// readBucket takes the summary, or each row where that does not do.
func (r *reader) readBucket(l *level, from, to int64) error {
	if len(within(r.recent(l), from, to)) > 0 {
		return r.readRows(l, from, to)
	}
	can := true
	err := r.conn.Query(func(row storage.Row) error {
		if row[0] == nil {
			return nil
		}
		var s sample
		if s, can = summarySample(l, row); can {
			r.buckets.add(s)
		}
		return nil
	}, l.summary, r.id, ceil(from, l.unit), floor(to, l.unit))
	if err == nil && !can {
		err = r.readRows(l, from, to)
	}
	return err
}

// readRows looks at each row, also at those that are not sorted in. Of two readings with the same time, the later one
// counts.
func (r *reader) readRows(l *level, from, to int64) error {
	rows, err := r.samples(l, l.rows, r.id, ceil(from, l.unit), floor(to, l.unit))
	if err != nil {
		return err
	}
	if recent := within(r.recent(l), from, to); len(recent) > 0 {
		rows = append(rows, recent...)
		slices.SortStableFunc(rows, func(a, b sample) int { return cmp.Compare(a.time, b.time) })
	}
	for i, s := range rows {
		if l == levels[0] && i+1 < len(rows) && rows[i+1].time == s.time {
			rows[i+1].broken = rows[i+1].broken || s.broken
			continue
		}
		r.buckets.add(s)
	}
	return nil
}

func (r *reader) recent(l *level) []sample {
	if l == levels[0] {
		return r.recentRows
	}
	return r.recentMinutes
}

// within is the part of samples between two times.
func within(samples []sample, from, to int64) []sample {
	byTime := func(s sample, at int64) int { return cmp.Compare(s.time, at) }
	begin, _ := slices.BinarySearchFunc(samples, from, byTime)
	end, _ := slices.BinarySearchFunc(samples, to+1, byTime)
	return samples[begin:end]
}

func (r *reader) samples(l *level, query string, args ...driver.Value) (samples []sample, err error) {
	err = r.conn.Query(func(row storage.Row) error {
		samples = append(samples, l.sampleOf(l, row))
		return nil
	}, query, args...)
	return samples, err
}
