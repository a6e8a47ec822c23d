package storage_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage"
)

// TestAtNormalACommitIsCopiedBackWithinASecond: there the copying back is the only thing that syncs.
func TestAtNormalACommitIsCopiedBackWithinASecond(t *testing.T) {
	o := options()
	o.Durability = storage.Normal
	db := MustOpen(t, t.TempDir()+"/a.db", o)
	w, _ := run(t, db, storage.WriterOptions{})
	for _, text := range []string{"a", "b", "c"} {
		began := time.Now()
		if err := try(w, storage.Now, put(text)); err != nil {
			t.Fatal(err)
		}
		for inLog(t, db) > 0 {
			if time.Since(began) > 3*time.Second {
				t.Fatalf("%s is in the log alone after %s", text, time.Since(began))
			}
			<-time.After(10 * time.Millisecond)
		}
	}
}

// inLog counts the pages that wait in the log.
func inLog(t *testing.T, db *storage.DB) (pages int64) {
	t.Helper()
	err := db.Read(t.Context(), func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			pages = row.Int(1) - row.Int(2)
			return nil
		}, "PRAGMA wal_checkpoint(NOOP)")
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}
