package main_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage/config"
	"github.com/tidegate/tidegate/storage/queue"
)

// TestStartRemovesQueuesOfDeletedBridges, and only those: a queue whose bridge no revision knows outlived a loss of the
// configuration.
func TestStartRemovesQueuesOfDeletedBridges(t *testing.T) {
	t.Parallel()
	dir := programtest.ShortDir(t)
	data := filepath.Join(dir, "data")
	deleteBridge(t, filepath.Join(data, "config.db"), "old")
	file := filepath.Join(data, "queue.db")
	fillQueue(t, file, 10, 1)
	withQueue(t, file, func(q *queue.Queue) {
		for _, id := range []string{"$bridge/old", "$bridge/lost"} {
			done := make(chan error, 1)
			s := mqtt.SessionState{ID: id, Expiry: mqtt.NeverExpires, Disconnected: time.Now()}
			q.Commit(&mqtt.Unit{Session: &s}, func(err error) { done <- err })
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
	})
	service := programtest.Start(t, nil, program, "serve", "--data", data, "--runtime", filepath.Join(dir, "run"),
		"--https", "off", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0")
	programtest.Eventually(t, 10*time.Second, "the service prints its links", func() bool { return service.Value("control") != "" })
	service.Interrupt(t)
	left := map[string]bool{}
	withQueue(t, file, func(q *queue.Queue) {
		snapshot, err := q.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range snapshot.Sessions {
			left[s.ID] = true
		}
	})
	if left["$bridge/old"] || !left["$bridge/lost"] || !left["s0"] {
		t.Errorf("these sessions are left: %v", left)
	}
}

// deleteBridge leaves a configuration that had a bridge once.
func deleteBridge(t *testing.T, path, id string) {
	t.Helper()
	store, err := config.Open(path, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.Bridges = []gateway.Bridge{{ID: id, URL: "mqtt://127.0.0.1:1", Routes: []gateway.Route{}}}
	if c, err = store.Save(t.Context(), c, "anna"); err != nil {
		t.Fatal(err)
	}
	c.Bridges = nil
	if _, err = store.Save(t.Context(), c, "anna"); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// withQueue opens a queue that nobody else has open, runs it for as long as use takes, and closes it.
func withQueue(t *testing.T, path string, use func(*queue.Queue)) {
	t.Helper()
	q, err := queue.Open(path, queue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	use(q)
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
	if err := q.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
