package history_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/history"
)

// TestAQueueDoesNotWaitForTheHistory has a database on the same disk with synced commits, as queue.db is, alone and beside
// a history that takes a reading of each point per second. A commit that waits for batches and for sorting in would show
// in the slowest tenth.
func TestAQueueDoesNotWaitForTheHistory(t *testing.T) {
	points, long := plant(t, 10, 0)
	rounds, phase := 1, 500*time.Millisecond
	if long > 0 {
		rounds, phase = 3, 5*time.Second
	}
	dir := t.TempDir()
	commit := openLikeAQueue(t, dir+"/queue.db")
	var alone, beside []time.Duration
	for range rounds {
		alone = append(alone, commitFor(t, phase, commit)...)
		h, stop := MustRun(t, dir+"/history.db", history.Options{BytesPerDay: 1 << 50, Every: time.Second, Bounds: history.Bounds{MaxBytes: 1 << 40}})
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { feedAll(ctx, h, points) })
		beside = append(beside, commitFor(t, phase, commit)...)
		cancel()
		group.Wait()
		stop()
	}
	slices.Sort(alone)
	slices.Sort(beside)
	at := func(d []time.Duration, percent int) time.Duration {
		return d[len(d)*percent/100].Round(10 * time.Microsecond)
	}
	t.Logf("commits alone: %d, p50 %s, p90 %s, p99 %s; beside: %d, p50 %s, p90 %s, p99 %s", len(alone), at(alone, 50), at(alone, 90),
		at(alone, 99), len(beside), at(beside, 50), at(beside, 90), at(beside, 99))
	if at(beside, 90) > 4*at(alone, 90)+20*time.Millisecond {
		t.Errorf("the slowest tenth takes %s instead of %s", at(beside, 90), at(alone, 90))
	}
}

// openLikeAQueue gives a function that makes one synced commit.
func openLikeAQueue(t *testing.T, path string) (commit func() error) {
	t.Helper()
	scripts := fstest.MapFS{"0001.sql": {Data: []byte("CREATE TABLE message (id INTEGER PRIMARY KEY, body BLOB)")}}
	db, err := storage.Open(path, storage.Options{ApplicationID: 1, Migrations: scripts})
	if err != nil {
		t.Fatal(err)
	}
	w := storage.NewWriter(db, storage.WriterOptions{})
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		if err := w.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		cancel()
		group.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return func() error {
		done := make(chan error, 1)
		w.Commit(storage.Member{Apply: func(conn *storage.Conn) error {
			return conn.Do("INSERT INTO message (body) VALUES (zeroblob(100))")
		}, Done: func(err error) { done <- err }})
		return <-done
	}
}

func commitFor(t *testing.T, duration time.Duration, commit func() error) (took []time.Duration) {
	t.Helper()
	for end := time.Now().Add(duration); time.Now().Before(end); {
		began := time.Now()
		if err := commit(); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	return took
}

// feedAll gives a reading of each point per second.
func feedAll(ctx context.Context, h *history.History, points []gateway.PointKey) {
	readings := make([]gateway.Reading, len(points))
	for tick := time.NewTicker(time.Second); ; {
		now := time.Now()
		for i, p := range points {
			readings[i] = good(p, now, float64(now.Unix()%100)+float64(i))
		}
		h.Put(readings)
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return
		}
	}
}
