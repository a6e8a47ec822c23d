package history

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// askEvery is after how many rows it is asked whether anybody still wants to know.
const askEvery = 4096

// Past gives what is known of a point between two times. A batch is in it when it is written, see Options.Every.
func (h *History) Past(ctx context.Context, q gateway.PastQuery) (gateway.Past, error) {
	if err := check(q); err != nil {
		return gateway.Past{}, err
	}
	h.mu.Lock()
	db, failure := h.db, h.failure
	h.mu.Unlock()
	if db == nil {
		return gateway.Past{}, gateway.Errorf(gateway.Unavailable, "the history cannot be read at present: %v", failure)
	}
	var past gateway.Past
	err := db.Read(ctx, func(conn *storage.Conn) error {
		id, found, err := conn.Int("SELECT id FROM point WHERE device = ? AND point = ?", q.Point.Device, q.Point.Point)
		if err != nil || !found {
			past = gateway.Past{Source: gateway.PastRaw}
			return err
		}
		past, err = readPast(ctx, conn, id, q)
		return err
	})
	if errors.Is(err, storage.ErrClosed) {
		return gateway.Past{}, gateway.Errorf(gateway.Unavailable, "the history is being closed: try again")
	}
	if err != nil {
		return gateway.Past{}, fmt.Errorf("read the history of %s: %w", q.Point, err)
	}
	return past, nil
}

func check(q gateway.PastQuery) error {
	if !q.From.Before(q.To) {
		return gateway.FieldErrorf("from", "the beginning must be before the end")
	}
	if q.Limit < 2 || q.Limit > gateway.MaxHistory {
		return gateway.FieldErrorf("limit", "the number of results must be between 2 and %d", gateway.MaxHistory)
	}
	return nil
}

func readPast(ctx context.Context, conn *storage.Conn, id int64, q gateway.PastQuery) (gateway.Past, error) {
	b := newBuckets(q.From.UnixMilli(), q.To.UnixMilli(), q.Limit)
	minutes, err := needsMinutes(conn, id, b)
	if err != nil {
		return gateway.Past{}, err
	}
	past := gateway.Past{Source: gateway.PastRaw}
	if minutes {
		past.Source = gateway.PastMinutes
		err = readMinutes(ctx, conn, id, b)
	} else {
		err = readRaw(ctx, conn, id, b)
	}
	past.Buckets = b.finish()
	return past, err
}

// needsMinutes: minutes are enough for wide buckets, and all there is of what is older than raw rows.
func needsMinutes(conn *storage.Conn, id int64, b *buckets) (bool, error) {
	first, found, err := firstOf(conn, id,
		"SELECT time FROM minute WHERE point = ? AND count > 0 ORDER BY time LIMIT 1",
		"SELECT time FROM recent_minute WHERE point = ? AND count > 0 ORDER BY time LIMIT 1")
	if err != nil || !found {
		return false, err
	}
	if b.width >= time.Minute.Milliseconds() {
		return true, nil
	}
	raw, found, err := firstOf(conn, id, "SELECT time FROM raw WHERE point = ? ORDER BY time LIMIT 1",
		"SELECT time FROM recent WHERE point = ? ORDER BY time LIMIT 1")
	return err == nil && (!found || raw > b.from && floorMinute(raw) > first), err
}

// firstOf is the smallest answer to some queries.
func firstOf(conn *storage.Conn, id int64, queries ...string) (first int64, found bool, err error) {
	for _, query := range queries {
		time, is, err := conn.Int(query, id)
		if err != nil {
			return 0, false, err
		}
		if is && (!found || time < first) {
			first, found = time, true
		}
	}
	return first, found, nil
}

func readRaw(ctx context.Context, conn *storage.Conn, id int64, b *buckets) error {
	var last sample
	waiting := false
	err := conn.Query(asked(ctx, func(row storage.Row) error {
		s := rawSample(row)
		// Of two readings with the same time, the later one counts.
		if waiting && s.time == last.time {
			s.broken = s.broken || last.broken
		} else if waiting {
			b.add(last)
		}
		last, waiting = s, true
		return nil
	}), "SELECT 0 AS id, time, value, quality FROM raw WHERE point = ?1 AND time BETWEEN ?2 AND ?3 UNION ALL "+
		"SELECT id, time, value, quality FROM recent WHERE point = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time, id", id, b.from, b.to)
	if err == nil && waiting {
		b.add(last)
	}
	return err
}

func rawSample(row storage.Row) sample {
	s := sample{time: row.Int(1), end: row.Int(1) + 1, broken: row.Int(3)&afterBreak != 0}
	switch value := row[2].(type) {
	case string:
		s.text, s.count = value, 1
	case nil:
		s.endsBad = true
	default:
		number := floatOf(value)
		s.min, s.max, s.sum, s.count, s.isNumber = number, number, number, 1, true
	}
	return s
}

func floatOf(value driver.Value) float64 {
	if whole, is := value.(int64); is {
		return float64(whole)
	}
	number, _ := value.(float64)
	return number
}

func readMinutes(ctx context.Context, conn *storage.Conn, id int64, b *buckets) error {
	return conn.Query(asked(ctx, func(row storage.Row) error {
		b.add(minuteSample(row))
		return nil
	}), "SELECT 0 AS id, time, min, max, sum, count, flags FROM minute WHERE point = ?1 AND time BETWEEN ?2 AND ?3 UNION ALL "+
		"SELECT id, time, min, max, sum, count, flags FROM recent_minute WHERE point = ?1 AND time BETWEEN ?2 AND ?3 "+
		"ORDER BY time, id", id, floorMinute(b.from+59_999), floorMinute(b.to))
}

func minuteSample(row storage.Row) sample {
	flags, start := row.Int(6), row.Int(1)*60_000
	s := sample{
		time: start, end: start + 59_999, count: row.Int(5), isNumber: true,
		broken: flags&minuteBreak != 0, endsBad: flags&minuteEndsBad != 0, gap: flags&minuteGap != 0,
	}
	if s.count > 0 {
		s.min, s.max, s.sum = floatOf(row[2]), floatOf(row[3]), floatOf(row[4])
	}
	return s
}

// asked ends a long query when ctx does.
func asked(ctx context.Context, each func(storage.Row) error) func(storage.Row) error {
	rows := 0
	return func(row storage.Row) error {
		if rows++; rows%askEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return each(row)
	}
}
