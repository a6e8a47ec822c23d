package history

import (
	"maps"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const (
	// tidyPoints and tidyRows bound one step, so that none takes long.
	tidyPoints = 256
	tidyRows   = 20_000
	// tidySlice is the largest number of rows of one point that go at once.
	tidySlice = 2_000
	// tidyParts says how much of the time span goes at least when there are too many bytes: one of so many parts.
	tidyParts = 20
)

// cut is up to which time rows go.
type cut struct{ raw, minute, hour int64 }

// ageParts: rows go in steps of one of so many parts of their age, since each step costs a page per point.
const ageParts = 64

// cutAt is up to which time rows go that may reach an age, rounded down to a step.
func cutAt(now int64, age time.Duration) int64 {
	step := max(age.Milliseconds()/ageParts, 1)
	return floor(now-age.Milliseconds(), step) * step
}

// tidy does a step of removing what is too old or too much. It looks at some points per step; tidying says that there
// are more.
func (t *tables) tidy(conn *storage.Conn, o Options) error {
	aged := cutAt(t.clock.at, o.MinuteAge)
	until := cut{raw: cutAt(t.clock.at, o.RawAge), minute: floor(aged, levels[1].unit), hour: floor(aged, levels[2].unit)}
	if t.tidied == 0 {
		if err := t.findOldest(conn); err != nil {
			return err
		}
	}
	if t.used() > o.MaxBytes {
		if err := t.tooMuch(conn, o, &until); err != nil {
			return err
		}
	}
	ids, err := t.nextPoints(conn)
	if err != nil {
		return err
	}
	removed := int64(0)
	for _, id := range ids {
		n, err := t.cutPoint(conn, id, until)
		if err != nil {
			return err
		}
		t.tidied = id
		if removed += n; removed >= tidyRows {
			break
		}
	}
	t.swept += removed
	if len(ids) < tidyPoints && removed < tidyRows {
		// A sweep that removed something may have left more: it takes a slice of each point.
		t.tidied, t.swept, t.tidying = 0, 0, t.swept > 0
	}
	return nil
}

// tooMuch moves the cut of the kind that has to give way: raw rows until they take less than a quarter, minutes until they
// take less than hours do.
func (t *tables) tooMuch(conn *storage.Conn, o Options, until *cut) error {
	raw, minutes, hours := t.rawRows*rawWeight, t.minuteRows*minuteWeight, t.hourRows*minuteWeight
	table, place := "raw", &until.raw
	if t.used()*raw/max(raw+minutes+hours, 1) < o.MaxBytes/4 {
		table, place = "minute", &until.minute
		if minutes < hours {
			table, place = "hour", &until.hour
		}
	}
	oldest, newest, err := span(conn, table)
	if err != nil || oldest == newest {
		return err
	}
	// A sweep of many points takes several rounds, which bring more: it takes all that is too much and an eighth, half at most.
	part := max((newest-oldest)/tidyParts, min((newest-oldest)*(t.used()-o.MaxBytes/8*7)/t.used(), (newest-oldest)/2))
	*place = max(*place, oldest+part+1)
	return nil
}

// rawWeight and minuteWeight are about the bytes of a row.
const (
	rawWeight    = 25
	minuteWeight = 40
)

// span is from the oldest to the newest row of a table; it costs one look per point.
func span(conn *storage.Conn, table string) (oldest, newest int64, err error) {
	query := "SELECT min((SELECT min(time) FROM " + table + " WHERE point = p.id)), " +
		"max((SELECT max(time) FROM " + table + " WHERE point = p.id)) FROM point p"
	err = conn.Query(func(row storage.Row) error {
		oldest, newest = row.Int(0), row.Int(1)
		return storage.ErrStop
	}, query)
	return oldest, newest, err
}

// findOldest looks for the time of the oldest row.
func (t *tables) findOldest(conn *storage.Conn) error {
	oldest := int64(0)
	for i, table := range []string{"raw", "minute", "hour"} {
		first, _, err := span(conn, table)
		if err != nil {
			return err
		}
		if first *= levels[i].unit; first != 0 && (oldest == 0 || first < oldest) {
			oldest = first
		}
	}
	if oldest != 0 {
		t.oldest = oldest
	}
	return nil
}

func (t *tables) nextPoints(conn *storage.Conn) (ids []int64, err error) {
	err = conn.Query(func(row storage.Row) error {
		ids = append(ids, row.Int(0))
		return nil
	}, "SELECT id FROM point WHERE id > ? ORDER BY id LIMIT ?", t.tidied, int64(tidyPoints))
	return ids, err
}

// cutPoint removes rows of a point, a slice at most of each kind.
func (t *tables) cutPoint(conn *storage.Conn, id int64, until cut) (removed int64, err error) {
	for _, from := range []struct {
		query string
		until int64
		rows  *int64
	}{{cutRaw, until.raw, &t.rawRows}, {cutMinutes, until.minute, &t.minuteRows}, {cutHours, until.hour, &t.hourRows}} {
		n, err := conn.Exec(from.query, id, from.until, int64(tidySlice))
		if err != nil {
			return 0, err
		}
		*from.rows = max(*from.rows-n, 0)
		removed += n
	}
	return removed, t.forget(conn, id)
}

var cutRaw, cutMinutes, cutHours = cutQuery("raw"), cutQuery("minute"), cutQuery("hour")

func cutQuery(table string) string {
	return "DELETE FROM " + table + " WHERE point = ?1 AND time < min(?2, coalesce(" +
		"(SELECT time FROM " + table + " WHERE point = ?1 ORDER BY time LIMIT 1 OFFSET ?3), ?2))"
}

// forget removes the number of a point of which nothing is left.
func (t *tables) forget(conn *storage.Conn, id int64) error {
	if t.recent > 0 {
		return nil // there may be something in between
	}
	gone, err := conn.Exec("DELETE FROM point WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM raw WHERE point = ?1) "+
		"AND NOT EXISTS (SELECT 1 FROM minute WHERE point = ?1) AND NOT EXISTS (SELECT 1 FROM hour WHERE point = ?1)", id)
	if err != nil || gone == 0 {
		return err
	}
	t.points = maps.Clone(t.points)
	maps.DeleteFunc(t.points, func(_ gateway.PointKey, number int64) bool { return number == id })
	return nil
}
