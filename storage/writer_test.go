package storage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage"
)

// run runs a writer until stop or the end of the test.
func run(tb testing.TB, db *storage.DB, o storage.WriterOptions) (w *storage.Writer, stop func()) {
	tb.Helper()
	w = storage.NewWriter(db, o)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		if err := w.Run(ctx); err != nil {
			tb.Errorf("run: %v", err)
		}
	})
	stop = func() { cancel(); group.Wait() }
	tb.Cleanup(stop)
	return w, stop
}

func try(w *storage.Writer, class storage.Class, apply func(*storage.Conn) error) error {
	done := make(chan error, 1)
	w.Commit(storage.Member{Class: class, Size: 10, Apply: apply, Done: func(err error) { done <- err }})
	return <-done
}

func TestSoonMembersLingerAndRideWithTheNextGroup(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	w, stop := run(t, db, storage.WriterOptions{Linger: 10 * time.Second})
	var order []string // changed on the writer's goroutine, read after Run
	commit := func(class storage.Class, text string, size int) {
		w.Commit(storage.Member{Class: class, Size: size, Apply: put(text), Done: func(err error) {
			order = append(order, fmt.Sprint(text, err == nil))
		}})
	}
	started := time.Now()
	commit(storage.Soon, "a", 1)
	commit(storage.Soon, "b", 1)
	if err := try(w, storage.Now, put("now")); err != nil {
		t.Fatal(err)
	}
	if got := w.Stats(); got.Groups != 1 || got.Members != 3 || got.Bytes != 12 || got.LastGroup <= 0 {
		t.Errorf("stats after a Now member: %+v", got)
	}
	// 256 KB start a group too.
	commit(storage.Soon, "c", 200<<10)
	if err := try2(w, 100<<10, put("large")); err != nil {
		t.Fatal(err)
	}
	commit(storage.Soon, "last", 1)
	stop()
	if time.Since(started) > 9*time.Second {
		t.Error("somebody has waited for the linger time")
	}
	if got := strings.Join(order, " "); got != "atrue btrue ctrue lasttrue" {
		t.Errorf("order %q", got)
	}
	if got := items(t, db); got != "a b now c large last" {
		t.Errorf("items %q", got)
	}
}

func try2(w *storage.Writer, size int, apply func(*storage.Conn) error) error {
	done := make(chan error, 1)
	w.Commit(storage.Member{Class: storage.Soon, Size: size, Apply: apply, Done: func(err error) { done <- err }})
	return <-done
}

func TestAfterTheLingerTimeSoonMembersAreCommitted(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	w, _ := run(t, db, storage.WriterOptions{Linger: 50 * time.Millisecond})
	started := time.Now()
	if err := try(w, storage.Soon, put("x")); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); took < 50*time.Millisecond {
		t.Errorf("committed after %s", took)
	}
}

func TestAFailingMemberIsTakenOutAndTheRestKeepsItsOrder(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	var gathered []string
	forgotten := 0
	w, stop := run(t, db, storage.WriterOptions{
		Linger: 10 * time.Second,
		Flush: func(conn *storage.Conn) error {
			for _, text := range gathered {
				if err := put(text)(conn); err != nil {
					return err
				}
			}
			gathered = nil
			return nil
		},
		Forget: func() { gathered, forgotten = nil, forgotten+1 },
	})
	own := errors.New("no")
	var outcomes []string
	for _, text := range []string{"a", "fail", "b", "a", "c"} { // the second a fails in the flush: it is unique
		w.Commit(storage.Member{Class: storage.Soon, Apply: func(*storage.Conn) error {
			if text == "fail" {
				return own
			}
			gathered = append(gathered, text)
			return nil
		}, Done: func(err error) { outcomes = append(outcomes, fmt.Sprint(text, err == nil, errors.Is(err, own))) }})
	}
	stop()
	if got := strings.Join(outcomes, " "); got != "atrue false failfalse true btrue false afalse false ctrue false" {
		t.Errorf("outcomes %q", got)
	}
	if got := items(t, db); got != "a b c" {
		t.Errorf("items %q", got)
	}
	if forgotten != 3 {
		t.Errorf("forgotten %d times", forgotten)
	}
	if got := w.Stats(); got.Members != 3 || got.Failed != 2 {
		t.Errorf("stats %+v", got)
	}
}

func TestAdmitWaitsForTheDisk(t *testing.T) {
	db := MustOpen(t, t.TempDir()+"/a.db", options())
	w, _ := run(t, db, storage.WriterOptions{MaxWaiting: 100})
	gate := make(chan struct{})
	done := make(chan error, 1)
	w.Commit(storage.Member{Size: 90, Apply: func(*storage.Conn) error { <-gate; return nil }, Done: func(err error) { done <- err }})
	if err := w.Admit(t.Context(), 10); err != nil {
		t.Errorf("there is room for 10: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := w.Admit(ctx, 11); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("there is no room for 11: %v", err)
	}
	admitted := make(chan error, 1)
	go func() { admitted <- w.Admit(t.Context(), 1000) }()
	close(gate)
	if err := errors.Join(<-done, <-admitted); err != nil {
		t.Error(err)
	}
}

// TestADeadDiskFailsGroupsAndEverythingComesBack makes the log refuse to grow, as a full disk does.
func TestADeadDiskFailsGroupsAndEverythingComesBack(t *testing.T) {
	path := t.TempDir() + "/a.db"
	db := MustOpen(t, path, options())
	w, _ := run(t, db, storage.WriterOptions{})
	if err := try(w, storage.Now, put("before")); err != nil {
		t.Fatal(err)
	}
	mend := limitFiles(t, 64<<10)
	big := strings.Repeat("x", 200<<10)
	for i := range 3 {
		if err := try(w, storage.Now, put(fmt.Sprint(big, i))); err == nil {
			t.Error("a group was acknowledged that cannot be on disk")
		}
	}
	mend()
	// Nothing is committed meanwhile: the writer finds out by itself.
	waitFor(t, func() bool { return w.Admit(t.Context(), 1) == nil && w.Stats().Failure == nil })
	if err := try(w, storage.Now, put("after")); err != nil {
		t.Error(err)
	}
	if got := items(t, db); got != "before after" {
		t.Errorf("items %.60q", got)
	}
}

// limitFiles bounds the size of files that this process writes.
func limitFiles(t *testing.T, size uint64) (mend func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	set := func(limit syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	mend = sync.OnceFunc(func() { set(old) })
	t.Cleanup(mend)
	set(syscall.Rlimit{Cur: size, Max: old.Max})
	return mend
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ready(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within 10 s")
		}
	}
}

func TestTheLogIsCopiedBackAndStaysBounded(t *testing.T) {
	o := options()
	o.Durability = storage.Normal
	path := t.TempDir() + "/a.db"
	db := MustOpen(t, path, o)
	w, _ := run(t, db, storage.WriterOptions{})
	big := strings.Repeat("x", 500<<10)
	for i := range 200 {
		if err := try(w, storage.Now, put(fmt.Sprint(i, big))); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path + "-wal")
	if err != nil || info.Size() > 64<<20 {
		t.Errorf("the log has %d bytes after 100 MB: %v", info.Size(), err)
	}
}

func TestSpaceIsGivenBack(t *testing.T) {
	o := options()
	o.Durability = storage.Normal
	path := t.TempDir() + "/a.db"
	db := MustOpen(t, path, o)
	w, _ := run(t, db, storage.WriterOptions{})
	big := strings.Repeat("x", 1<<20)
	for i := range 40 {
		if err := try(w, storage.Now, put(fmt.Sprint(i, big))); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(w, storage.Now, func(conn *storage.Conn) error { return conn.Do("DELETE FROM item") }); err != nil {
		t.Fatal(err)
	}
	pages := int64(0)
	waitFor(t, func() bool {
		err := db.Read(t.Context(), func(conn *storage.Conn) (err error) {
			pages, _, err = conn.Int("PRAGMA page_count")
			return err
		})
		if err == nil {
			err = try(w, storage.Now, func(*storage.Conn) error { return nil })
		}
		return err == nil && pages*4096 < 20<<20
	})
}

func TestManyCommittersKeepTheirOrder(t *testing.T) {
	o := options()
	o.Durability = storage.Normal
	db := MustOpen(t, t.TempDir()+"/a.db", o)
	w, stop := run(t, db, storage.WriterOptions{Linger: time.Millisecond, MaxWaiting: 200})
	var mu sync.Mutex // guards last
	last := map[int]int{}
	var group sync.WaitGroup
	for p := range 8 {
		group.Go(func() {
			for i := 1; i <= 200; i++ {
				if err := w.Admit(t.Context(), 10); err != nil {
					t.Error(err)
				}
				w.Commit(storage.Member{Class: storage.Class(i % 2), Size: 10, Apply: put(fmt.Sprintf("%d-%d", p, i)), Done: func(err error) {
					mu.Lock()
					defer mu.Unlock()
					if err != nil || last[p] != i-1 {
						t.Errorf("committer %d: %d after %d: %v", p, i, last[p], err)
					}
					last[p] = i
				}})
				_ = w.Stats()
			}
		})
	}
	group.Wait()
	stop()
	if got := len(strings.Fields(items(t, db))); got != 1600 {
		t.Errorf("%d items", got)
	}
}

func TestDamageEndsRunAndTheNextOpenReplacesTheFile(t *testing.T) {
	for name, notice := range map[string]func(*storage.DB, *storage.Writer) error{
		"by the writer": func(_ *storage.DB, w *storage.Writer) error { return try(w, storage.Now, put("x")) },
		"by a reader": func(db *storage.DB, _ *storage.Writer) error {
			return db.Read(context.Background(), func(conn *storage.Conn) error {
				_, _, err := conn.Int("SELECT count(*) FROM item NOT INDEXED")
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir() + "/a.db"
			db := MustOpen(t, path, options())
			for i := range 1000 {
				MustPut(t, db, fmt.Sprint("a rather long text, so that there are some pages: ", i))
			}
			MustClose(t, db)
			data := MustRead(t, path)
			for i := 4096; i < len(data); i++ {
				data[i] = 0xA5
			}
			MustWrite(t, path, data)

			db = MustOpen(t, path, options())
			w := storage.NewWriter(db, storage.WriterOptions{})
			ended := make(chan error, 1)
			go func() { ended <- w.Run(context.Background()) }()
			if err := notice(db, w); !storage.IsCorrupt(err) {
				t.Errorf("notice: %v", err)
			}
			if err := <-ended; !storage.IsCorrupt(err) {
				t.Errorf("run: %v", err)
			}
			MustClose(t, db)
			db = MustOpen(t, path, options())
			if db.Recovered == nil {
				t.Error("the damaged file is in use again")
			}
			MustPut(t, db, "new")
		})
	}
}
