package history

import (
	"maps"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const (
	// tidyPoints and tidyRows bound one step, so that none takes long.
	tidyPoints = 256
	tidyRows   = 20_000
	// tidySlice is the largest number of rows of one point that go at once.
	tidySlice = 2_000
	// tidyParts says how much of the time span goes when there are too many bytes: one of so many parts.
	tidyParts = 20
)

// cut is up to which time rows go.
type cut struct{ raw, minute int64 }

// tidy does a step of removing what is too old or too much. It looks at some points per step; tidying says that there
// are more.
func (t *tables) tidy(conn *storage.Conn, o Options) error {
	until := cut{raw: t.clock.at - o.RawAge.Milliseconds(), minute: (t.clock.at - o.MinuteAge.Milliseconds()) / 60_000}
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

// tooMuch moves the cut of the kind that has to give way.
func (t *tables) tooMuch(conn *storage.Conn, o Options, until *cut) error {
	rawBytes := t.used() * t.rawRows * rawWeight / max(t.rawRows*rawWeight+t.minuteRows*minuteWeight, 1)
	table, place := "raw", &until.raw
	if rawBytes < o.MaxBytes/4 {
		table, place = "minute", &until.minute
	}
	oldest, newest, err := span(conn, table)
	if err != nil || oldest == newest {
		return err
	}
	*place = max(*place, oldest+(newest-oldest)/tidyParts+1)
	return nil
}

// rawWeight and minuteWeight are about the bytes of a row.
const (
	rawWeight    = 25
	minuteWeight = 40
)

// span is from the oldest to the newest row of a table; it costs one look per point.
func span(conn *storage.Conn, table string) (oldest, newest int64, err error) {
	query := "SELECT min((SELECT min(time) FROM raw WHERE point = p.id)), " +
		"max((SELECT max(time) FROM raw WHERE point = p.id)) FROM point p"
	if table == "minute" {
		query = "SELECT min((SELECT min(time) FROM minute WHERE point = p.id)), " +
			"max((SELECT max(time) FROM minute WHERE point = p.id)) FROM point p"
	}
	err = conn.Query(func(row storage.Row) error {
		oldest, newest = row.Int(0), row.Int(1)
		return storage.ErrStop
	}, query)
	return oldest, newest, err
}

func (t *tables) findOldest(conn *storage.Conn) error {
	raw, _, err := span(conn, "raw")
	if err != nil {
		return err
	}
	minutes, _, err := span(conn, "minute")
	if err != nil {
		return err
	}
	if minutes != 0 && (raw == 0 || minutes*60_000 < raw) {
		raw = minutes * 60_000
	}
	if raw != 0 {
		t.oldest = raw
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
	raw, err := conn.Exec("DELETE FROM raw WHERE point = ?1 AND time < min(?2, coalesce("+
		"(SELECT time FROM raw WHERE point = ?1 ORDER BY time LIMIT 1 OFFSET ?3), ?2))", id, until.raw, int64(tidySlice))
	if err != nil {
		return 0, err
	}
	minutes, err := conn.Exec("DELETE FROM minute WHERE point = ?1 AND time < min(?2, coalesce("+
		"(SELECT time FROM minute WHERE point = ?1 ORDER BY time LIMIT 1 OFFSET ?3), ?2))", id, until.minute, int64(tidySlice))
	if err != nil {
		return 0, err
	}
	t.rawRows, t.minuteRows = max(t.rawRows-raw, 0), max(t.minuteRows-minutes, 0)
	return raw + minutes, t.forget(conn, id)
}

// forget removes the number of a point of which nothing is left.
func (t *tables) forget(conn *storage.Conn, id int64) error {
	if t.recent > 0 {
		return nil // there may be something in between
	}
	gone, err := conn.Exec("DELETE FROM point WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM raw WHERE point = ?1) "+
		"AND NOT EXISTS (SELECT 1 FROM minute WHERE point = ?1)", id)
	if err != nil || gone == 0 {
		return err
	}
	t.points = maps.Clone(t.points)
	maps.DeleteFunc(t.points, func(_ gateway.PointKey, number int64) bool { return number == id })
	return nil
}
