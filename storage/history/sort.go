package history

import (
	"time"

	"github.com/tidegate/tidegate/storage"
)

const (
	// sortPause is after what time recent rows are sorted into their tables at the latest.
	sortPause = 2 * time.Hour
	// sortRows, and sortRowsPerPoint times the points, are the numbers of recent rows from which it pays: each point costs
	// a page per table, which is written twice.
	sortRows         = 50_000
	sortRowsPerPoint = 100
	// sortBytes per row of the bound of bytes keep recent rows from taking more than about an eighth of it.
	sortBytes = 256
	// sortPoints bound one step.
	sortPoints = 256
)

// full says that it pays to sort recent rows into their tables.
func (t *tables) full(o Options) bool {
	return t.recent >= min(max(sortRows, sortRowsPerPoint*int64(len(t.points))), o.MaxBytes/sortBytes)
}

// batches are those of a table; the rows of a point are found in each without looking at the others.
func batches(table string) string {
	return "WITH RECURSIVE b (n) AS (SELECT min(batch) FROM " + table + " UNION ALL " +
		"SELECT (SELECT min(batch) FROM " + table + " WHERE batch > n) FROM b WHERE n IS NOT NULL) "
}

// sortIn is what a step does to the three tables.
var (
	sortRaw = "INSERT INTO raw (point, time, value, quality) " + batches("recent") +
		"SELECT point, time, value, quality FROM b CROSS JOIN recent ON batch = n AND point BETWEEN ? AND ? " +
		"WHERE true ORDER BY point, time, batch ON CONFLICT (point, time)" + replaceRow
	sortMinutes = "INSERT INTO minute (point, time, min, max, sum, count, flags) " + batches("recent_minute") +
		"SELECT point, time, min, max, sum, count, flags FROM b CROSS JOIN recent_minute " +
		"ON batch = n AND point BETWEEN ? AND ? WHERE true ORDER BY point, time, batch ON CONFLICT (point, time)" + addMinutes
	sortHours = "INSERT INTO hour (point, time, min, max, sum, count, flags) " + batches("recent_minute") +
		"SELECT point, time / 60 - (time % 60 < 0), min, max, sum, count, flags FROM b CROSS JOIN recent_minute " +
		"ON batch = n AND point BETWEEN ? AND ? WHERE true ORDER BY point, time, batch ON CONFLICT (point, time)" + addMinutes
)

// sortIn moves the recent rows of some points into their tables: those after t.sorted, which is 0 after the last ones.
// Until then no batch may be written.
func (t *tables) sortIn(conn *storage.Conn) error {
	first := t.sorted + 1
	last, _, err := conn.Int("SELECT coalesce(max(id), 0) FROM "+
		"(SELECT id FROM point WHERE id >= ? ORDER BY id LIMIT ?)", first, int64(sortPoints))
	if err != nil {
		return err
	}
	if last == 0 {
		return t.clearRecent(conn)
	}
	for _, to := range []struct {
		query string
		rows  *int64
	}{{sortRaw, &t.rawRows}, {sortMinutes, &t.minuteRows}, {sortHours, &t.hourRows}} {
		n, err := conn.Exec(to.query, first, last)
		if err != nil {
			return err
		}
		*to.rows += n
	}
	t.sorted = last
	return nil
}

// clearRecent is the last step.
func (t *tables) clearRecent(conn *storage.Conn) error {
	for _, clear := range []string{"DELETE FROM recent", "DELETE FROM recent_minute"} {
		if err := conn.Do(clear); err != nil {
			return err
		}
	}
	t.sorted, t.recent, t.batch = 0, 0, 0
	return nil
}
