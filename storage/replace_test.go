package storage_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/tidegate/tidegate/storage"
)

// TestReplacementGoesOnAtTheNextOpen: when the end of a replacement does not come, a later Open must not take the missing
// file for a first start.
func TestReplacementGoesOnAtTheNextOpen(t *testing.T) {
	path := t.TempDir() + "/a.db"
	db, err := storage.Open(path, options())
	if err != nil {
		t.Fatal(err)
	}
	MustPut(t, db, "kept")
	if err := db.Backup(t.Context(), path+".copy"); err != nil {
		t.Fatal(err)
	}
	MustClose(t, db)
	if err := os.WriteFile(path, make([]byte, 8192), 0o600); err != nil {
		t.Fatal(err)
	}

	broken := options()
	broken.Migrations = fstest.MapFS{"0001.sql": script("this is not SQL")}
	if db, err := storage.Open(path, broken); err == nil {
		MustClose(t, db)
		t.Fatal("a replacement was made without a schema")
	}
	o := options()
	o.Snapshots = []string{path + ".copy"}
	db = MustOpen(t, path, o)
	if got := items(t, db); got != "kept" || db.Recovered == nil {
		t.Errorf("%q is there, recovered: %v", got, db.Recovered)
	}
}
