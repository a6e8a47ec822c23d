package history_test

import (
	"database/sql"
	"testing"
)

// fillMonth puts rows into a closed file behind the product's back, which is a hundred times faster than readings.
func fillMonth(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_synchronous=OFF")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	db.SetMaxOpenConns(1)
	first := start.UnixMilli()
	for _, statement := range []string{
		"INSERT INTO point (id, device, point) VALUES (1, 'boiler', 'flow')",
		"WITH n (i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < 50) " +
			"INSERT INTO point (id, device, point) SELECT i, 'other', 'point' || i FROM n",
		"WITH p (i) AS (SELECT id FROM point), n (m) AS (VALUES (0) UNION ALL SELECT m + 1 FROM n WHERE m < 43199) " +
			"INSERT INTO minute (point, time, min, max, sum, count, flags) SELECT i, ? / 60000 + m, m % 100 + 0.25, m % 100 + 1.25, " +
			"60 * (m % 100 + 0.75), 60, 0 FROM p, n ORDER BY i, m",
		"WITH n (s) AS (VALUES (0) UNION ALL SELECT s + 1 FROM n WHERE s < 604799) " +
			"INSERT INTO raw (point, time, value, quality) SELECT 1, ? + 23 * 86400000 + s * 1000, s % 100 + 0.5, 0 FROM n",
		"UPDATE meta SET raw_rows = 604800, minute_rows = 2160000, clock = ? + 30 * 86400000",
	} {
		args := []any{first}
		if statement[:4] == "INSE" || statement[:10] == "WITH n (i)" {
			args = nil
		}
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}
