package history_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
)

// fillMonth puts 30 days of minutes of some points, and a week of raw rows, one per second, of one of them, into a closed
// file behind the product's back, which is a hundred times faster than readings.
func fillMonth(t *testing.T, path string, points int) {
	t.Helper()
	db := MustOpen(t, path)
	first := start.UnixMilli()
	for _, statement := range []string{
		"INSERT INTO point (id, device, point) VALUES (1, 'boiler', 'flow')",
		"WITH n (i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < ?) " +
			"INSERT INTO point (id, device, point) SELECT i, 'other', 'point' || i FROM n",
		"WITH p (i) AS (SELECT id FROM point), n (m) AS (VALUES (0) UNION ALL SELECT m + 1 FROM n WHERE m < 43199) " +
			"INSERT INTO minute (point, time, min, max, sum, count, flags) SELECT i, ? / 60000 + m, m % 100 + 0.25, m % 100 + 1.25, " +
			"60 * (m % 100 + 0.75), 60, 0 FROM p, n ORDER BY i, m",
		"WITH n (s) AS (VALUES (0) UNION ALL SELECT s + 1 FROM n WHERE s < 604799) " +
			"INSERT INTO raw (point, time, value, quality) SELECT 1, ? + 23 * 86400000 + s * 1000, s % 100 + 0.5, 0 FROM n",
		"INSERT INTO hour (point, time, min, max, sum, count, flags) SELECT point, time / 60, min(min), max(max), sum(sum), sum(count), 0 " +
			"FROM minute GROUP BY point, time / 60",
		"UPDATE meta SET clock = ? + 30 * 86400000, raw_rows = (SELECT count(*) FROM raw), " +
			"minute_rows = (SELECT count(*) FROM minute), " +
			"hour_rows = (SELECT count(*) FROM hour)",
	} {
		args := []any{first}
		switch {
		case strings.HasPrefix(statement, "WITH n (i)"):
			args = []any{points}
		case strings.HasPrefix(statement, "INSERT"):
			args = nil
		}
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// addRecent writes the quarter of an hour that follows the month, in many small batches: not enough to be sorted in.
func addRecent(t *testing.T, path string, points int) {
	t.Helper()
	h, stop := MustRun(t, path, history.Options{Bounds: history.Bounds{MaxBytes: 1 << 40}, BytesPerDay: 1 << 50, Every: time.Millisecond})
	defer stop()
	const batches = 90
	for i := range batches {
		before := h.Status().Rows
		for second := range min(10, max(45_000/batches/points, 1)) {
			readings := []gateway.Reading{good(key, start.Add(30*day+time.Duration(i*10+second)*time.Second), 1)}
			for p := 1; p < min(points, 500); p++ {
				readings = append(readings, good(gateway.PointKey{Device: "other", Point: fmt.Sprint("point", p+1)}, readings[0].Time, 1))
			}
			h.Put(readings)
		}
		eventually(t, func() bool { return h.Status().Rows > before })
	}
}
