package archive_test

import (
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage/archive"
)

// before is a data directory that was in use when the power failed.
var before = map[string]string{
	"config.db": "old", "config.db-wal": "old log", "config.db.good-0000000007": "good", "config.db-damaged": "",
	"queue.db": "old queue", "queue.db-wal": "old queue's log", "tls/ca.pem": "old CA", "lock": "",
}

func commit(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	write(t, filepath.Join(folder, archive.Staging), files)
	restored := archive.Restored{At: time.Unix(1e9, 0), Queue: true, PossiblyTwice: 3, LastID: 17}
	if err := archive.Commit(MustRoot(t, folder), restored); err != nil {
		t.Fatal(err)
	}
}

func TestARestoreSetsTheOldFilesAside(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, before)
	commit(t, folder, map[string]string{"config.db": "new", "queue.db": "new queue", "tls/ca.pem": "new CA"})
	dir := MustRoot(t, folder)
	done, err := archive.Complete(dir)
	if err != nil || done == nil {
		t.Fatalf("%+v, %v", done, err)
	}
	got := tree(t, folder)
	delete(got, "restored.json")
	aside := done.Aside + "/"
	want := map[string]string{
		"config.db": "new", "queue.db": "new queue", "tls/ca.pem": "new CA", "config.db.good-0000000007": "good", "lock": "",
		aside + "config.db": "old", aside + "config.db-wal": "old log", aside + "config.db-damaged": "",
		aside + "queue.db": "old queue", aside + "queue.db-wal": "old queue's log", aside + "tls/ca.pem": "old CA",
	}
	if !maps.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if last, err := archive.Last(dir); err != nil || last.LastID != 17 || last.Aside != done.Aside {
		t.Errorf("%+v, %v", last, err)
	}
	if again, err := archive.Complete(dir); again != nil || err != nil {
		t.Errorf("it is restored again: %+v, %v", again, err)
	}
}

func TestWhatIsNotInTheBackupStays(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, before)
	commit(t, folder, map[string]string{"config.db": "new"})
	if _, err := archive.Complete(MustRoot(t, folder)); err != nil {
		t.Fatal(err)
	}
	got := tree(t, folder)
	for name, want := range map[string]string{
		"config.db": "new", "queue.db": "old queue", "queue.db-wal": "old queue's log", "tls/ca.pem": "old CA",
	} {
		if got[name] != want {
			t.Errorf("%s is %q", name, got[name])
		}
	}
	if _, left := got["config.db-wal"]; left {
		t.Error("the old log lies beside the new database")
	}
}

func TestWhatIsUnfinishedIsRemoved(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, before)
	write(t, folder, map[string]string{"restore.new/config.db": "new", "backup.new/queue.db": "copy", "restore.ready/config.db": "rest"})
	if done, err := archive.Complete(MustRoot(t, folder)); done != nil || err != nil {
		t.Fatalf("%+v, %v", done, err)
	}
	if got := tree(t, folder); !maps.Equal(got, before) {
		t.Errorf("%q", got)
	}
}
