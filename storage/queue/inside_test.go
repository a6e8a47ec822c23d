package queue_test

import (
	"database/sql"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// inspect opens the file as another program would, to look at its rows or to damage them. Closing it may copy the log
// back, so it is not for a database that is open.
func inspect(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=5000")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

func count(tb testing.TB, db *sql.DB, table string) int {
	tb.Helper()
	var n int
	if err := db.QueryRowContext(tb.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// checkEmpty wants no message and no delivery in the file.
func checkEmpty(tb testing.TB, path string) {
	tb.Helper()
	db := inspect(tb, path)
	for _, table := range []string{"message", "delivery", "parked"} {
		if n := count(tb, db, table); n != 0 {
			tb.Errorf("%d rows in %s", n, table)
		}
	}
}

// waitEmpty waits until every row of every removed session is gone.
func (r *running) waitEmpty(path string) {
	r.tb.Helper()
	db := inspect(r.tb, path)
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(time.Millisecond) {
		left := 0
		for _, table := range []string{"message", "delivery", "session", "lane", "subscription", "inbound"} {
			left += count(r.tb, db, table)
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			r.tb.Fatalf("%d rows are left", left)
		}
	}
}
