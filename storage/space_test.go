package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// leastBallast is twice the largest log and 2 MB.
const leastBallast = 2*2048*4096 + 2<<20

func MustOpenSpace(tb testing.TB, folder string, o storage.SpaceOptions) *storage.Space {
	tb.Helper()
	space, err := storage.OpenSpace(folder, o)
	if err != nil {
		tb.Fatalf("open space: %v", err)
	}
	return space
}

// allocated is what a file really takes on the disk.
func allocated(tb testing.TB, path string) int64 {
	tb.Helper()
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	if err != nil {
		tb.Fatal(err)
	}
	stat, _ := info.Sys().(*syscall.Stat_t)
	return stat.Blocks * 512
}

// TestOnAFullDiskTheBallastWorks: what grows is refused, what makes room and a change of the configuration go on, and
// with the room everything comes back, the ballast too. It is logged once.
func TestOnAFullDiskTheBallastWorks(t *testing.T) {
	disk := storagetest.MustMount(t, 96)
	log := &lines{}
	space := MustOpenSpace(t, disk.Path(), storage.SpaceOptions{Logger: log.logger()})
	ballast := filepath.Join(disk.Path(), "ballast")
	if got := allocated(t, ballast); got < leastBallast {
		t.Fatalf("the ballast takes %d bytes, it has to be %d", got, leastBallast)
	}
	o := options()
	o.Space = space
	config := MustOpen(t, filepath.Join(disk.Path(), "config.db"), o)
	w, _ := run(t, MustOpen(t, filepath.Join(disk.Path(), "queue.db"), o), storage.WriterOptions{Logger: log.logger()})
	for i := range 100 {
		if err := try(w, storage.Now, put(fmt.Sprint(i, strings.Repeat("x", 10_000)))); err != nil {
			t.Fatal(err)
		}
	}
	disk.Fill()
	waitFor(t, func() bool {
		return try(w, storage.Now, put(fmt.Sprint(time.Now(), strings.Repeat("y", 100_000)))) != nil
	})
	if err := w.Admit(t.Context(), 1); !storage.IsFull(err) {
		t.Errorf("admit says %v", err)
	}
	if allocated(t, ballast) != 0 {
		t.Error("the ballast is still there")
	}
	for range 5 {
		if err := small(w, func(conn *storage.Conn) error {
			return conn.Do("DELETE FROM item WHERE id IN (SELECT id FROM item LIMIT 10)")
		}); err != nil {
			t.Errorf("delete: %v\n%s", err, log.text.String())
		}
		if err := try(w, storage.Now, put("growing")); !storage.IsFull(err) {
			t.Errorf("something that grows on a full disk: %v", err)
		}
	}
	MustPut(t, config, "a change")
	stats := w.Stats().Space
	if stats.Full == nil || !strings.Contains(stats.Full.Error(), disk.Path()) {
		t.Errorf("stats say %v", stats.Full)
	}
	disk.MakeRoom()
	waitFor(t, func() bool { return w.Admit(t.Context(), 1) == nil })
	if err := try(w, storage.Now, put("room again")); err != nil {
		t.Error(err)
	}
	if got := allocated(t, ballast); got < leastBallast {
		t.Errorf("the ballast takes %d bytes", got)
	}
	if got := log.count("new messages are refused"); got != 1 {
		t.Errorf("it was logged %d times:\n%s", got, log.text.String())
	}
}

func small(w *storage.Writer, apply func(*storage.Conn) error) error {
	done := make(chan error, 1)
	w.Commit(storage.Member{Small: true, Size: 10, Apply: apply, Done: func(err error) { done <- err }})
	return <-done
}

// lines are a log that a test looks at.
type lines struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

func TestADatabaseOpensOnAFullDisk(t *testing.T) {
	disk := storagetest.MustMount(t, 96)
	o := options()
	o.Space = MustOpenSpace(t, disk.Path(), storage.SpaceOptions{})
	path := filepath.Join(disk.Path(), "config.db")
	db := MustOpen(t, path, o)
	MustPut(t, db, "before")
	MustClose(t, db)
	disk.Fill()
	o.Space = MustOpenSpace(t, disk.Path(), storage.SpaceOptions{})
	db = MustOpen(t, path, o)
	MustPut(t, db, "after")
	if got := items(t, db); got != "before after" {
		t.Errorf("items %q", got)
	}
}

func TestBelowTheFloorNothingIsAdmitted(t *testing.T) {
	folder := t.TempDir()
	o := options()
	o.Space = MustOpenSpace(t, folder, storage.SpaceOptions{Floor: 1 << 50})
	w, _ := run(t, MustOpen(t, folder+"/a.db", o), storage.WriterOptions{})
	err := w.Admit(t.Context(), 1)
	full, isFull := errors.AsType[*storage.FullError](err)
	if !isFull || full.Floor != 1<<50 || full.Free <= 0 {
		t.Errorf("admit says %v", err)
	}
	if err := small(w, put("small")); err != nil {
		t.Errorf("something small: %v", err)
	}
	if allocated(t, folder+"/ballast") != 0 {
		t.Error("there is no room for a ballast beside the floor")
	}
}

func TestTheFloorIsNeverLessThanTwiceTheBallast(t *testing.T) {
	folder := t.TempDir()
	space := MustOpenSpace(t, folder, storage.SpaceOptions{Floor: 1})
	if got := space.Stats().Floor; got != 2*leastBallast {
		t.Errorf("the floor is %d", got)
	}
}

func TestASparseBallastIsNone(t *testing.T) {
	folder := t.TempDir()
	if err := errors.Join(os.WriteFile(folder+"/ballast", nil, 0o600), os.Truncate(folder+"/ballast", leastBallast)); err != nil {
		t.Fatal(err)
	}
	MustOpenSpace(t, folder, storage.SpaceOptions{})
	if got := allocated(t, folder+"/ballast"); got < leastBallast {
		t.Errorf("the ballast takes %d bytes", got)
	}
}

// TestWhatIsOwedComesFirst: a removal that nobody repeats outlives a dead disk, and comes before everything new.
func TestWhatIsOwedComesFirst(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	w, _ := run(t, db, storage.WriterOptions{})
	if err := try(w, storage.Now, put("before")); err != nil {
		t.Fatal(err)
	}
	mend := limitFiles(t, 64<<10)
	if err := try(w, storage.Now, put(strings.Repeat("x", 200<<10))); !errors.Is(err, storage.ErrUnwritten) {
		t.Errorf("the group that failed: %v", err)
	}
	owed := make(chan error, 1)
	w.Commit(storage.Member{Small: true, Owed: true, Size: 10, Apply: func(conn *storage.Conn) error {
		return errors.Join(put(strings.Repeat("y", 200<<10))(conn), conn.Do("UPDATE item SET text = 'owed' WHERE text <> 'before'"))
	}, Done: func(err error) { owed <- err }})
	if err := small(w, put(strings.Repeat("z", 200<<10))); err == nil {
		t.Error("a group was acknowledged that cannot be on disk")
	}
	mend()
	if err := <-owed; err != nil {
		t.Errorf("what was owed: %v", err)
	}
	waitFor(t, func() bool { return w.Admit(t.Context(), 1) == nil })
	if err := try(w, storage.Now, put("after")); err != nil {
		t.Error(err)
	}
	if got := items(t, db); got != "before owed after" {
		t.Errorf("items %.80q", got)
	}
}

// TestNobodyOvertakesAGroupThatFailed: its senders come again, so what they sent behind it must not be there before.
func TestNobodyOvertakesAGroupThatFailed(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	w, _ := run(t, db, storage.WriterOptions{})
	if err := try(w, storage.Now, put("before")); err != nil {
		t.Fatal(err)
	}
	mend := limitFiles(t, 64<<10)
	first, second := make(chan error, 1), make(chan error, 1)
	behind := func(err error) { second <- err }
	w.Commit(storage.Member{Size: 10, Apply: func(conn *storage.Conn) error {
		w.Commit(storage.Member{Size: 10, Apply: put("overtaken"), Done: behind}) // while the group is on its way
		behind = func(error) {}
		return put(strings.Repeat("x", 200<<10))(conn)
	}, Done: func(err error) { mend(); first <- err }})
	if err := <-first; err == nil {
		t.Error("a group was acknowledged that cannot be on disk")
	}
	if err := <-second; err == nil || errors.Is(err, storage.ErrUncertain) {
		t.Errorf("what waited behind it: %v", err)
	}
}
