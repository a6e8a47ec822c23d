package main_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/storage/queue"
)

// TestStartWithLongQueues: the backlog stays on disk. A gateway starts at once and in the same memory whatever waits for
// its sessions, and hands it out from the first message on. TIDEGATE_QUEUED is how many messages, by default 200,000;
// a hundredth of that are sessions, at most 10,000, of which the first has all the messages.
func TestStartWithLongQueues(t *testing.T) {
	t.Parallel()
	queued := 200_000
	if text := os.Getenv("TIDEGATE_QUEUED"); text != "" {
		var err error
		if queued, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	sessions := min(queued/100, 10_000)
	few, many := startQueued(t, 10_000, sessions), startQueued(t, queued, sessions)
	t.Logf("%d sessions, %d queued: CONNACK after %s, %d MB; 10,000 queued: %s, %d MB",
		sessions, queued, many.connack, many.memory>>20, few.connack, few.memory>>20)
	if many.connack > time.Second {
		t.Errorf("CONNACK came after %s, 1 s is allowed", many.connack)
	}
	if many.memory > few.memory*5/4 || many.memory > 80<<20 {
		t.Errorf("%d MB of memory, with 10,000 queued %d MB", many.memory>>20, few.memory>>20)
	}
}

// queuedStart is what a start with long queues took.
type queuedStart struct {
	connack time.Duration
	memory  int // resident bytes after 10,000 messages were fetched
}

func startQueued(t *testing.T, messages, sessions int) (result queuedStart) {
	t.Helper()
	dir := programtest.ShortDir(t)
	fillQueue(t, filepath.Join(dir, "data", "queue.db"), messages, sessions)
	address := "127.0.0.1:" + freePort(t)
	began := time.Now()
	service := programtest.Start(t, nil, program, "serve", "--data", filepath.Join(dir, "data"), "--runtime", filepath.Join(dir, "run"),
		"--https", "off", "--http", "127.0.0.1:0", "--mqtt", address)
	var got atomic.Int64
	var conn *client.Client
	programtest.Eventually(t, 20*time.Second, "a client is let in", func() (in bool) {
		var err error
		conn, err = client.Connect(t.Context(), client.Options{
			URL: (&url.URL{Scheme: "mqtt", Host: address}).String(), ClientID: "s0", SessionExpiry: mqtt.NeverExpires,
			Receive: func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
				if n := got.Add(1); string(m.Payload) != fmt.Sprint(n-1) {
					t.Errorf("message %d is %s", n-1, m.Payload)
				}
				settle(nil)
				return nil
			},
		})
		return err == nil
	})
	result.connack = time.Since(began)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = conn.Run(ctx) })
	programtest.Eventually(t, 20*time.Second, "messages come", func() bool { return got.Load() >= 10_000 })
	result.memory = resident(t, service.Command.Process.Pid)
	stop()
	running.Wait()
	service.Interrupt(t)
	return result
}

// fillQueue queues numbered messages for session s0; the other sessions have nothing.
func fillQueue(t *testing.T, path string, messages, sessions int) {
	t.Helper()
	withQueue(t, path, func(q *queue.Queue) {
		for i := range sessions {
			s := mqtt.SessionState{ID: fmt.Sprintf("s%d", i), Expiry: mqtt.NeverExpires, Disconnected: time.Now()}
			filter := mqtt.Subscription{Filter: "plant/" + s.ID + "/#", QoS: 1}
			q.Commit(&mqtt.Unit{Session: &s}, wantNil(t))
			q.Commit(&mqtt.Unit{SubscriptionsOf: s.ID, Subscribe: []mqtt.Subscription{filter}}, wantNil(t))
		}
		for i := range uint64(messages) {
			m := &mqtt.Message{Topic: "plant/s0/value", Payload: fmt.Append(nil, i), QoS: 1}
			if err := q.Admit(t.Context(), m.Size()); err != nil {
				t.Fatal(err)
			}
			d := &mqtt.Queued{Session: "s0", Position: i, MessageID: i + 1, Message: m, QoS: 1, Size: m.Size()}
			unit := &mqtt.Unit{Class: mqtt.Soon, MessageID: i + 1, Message: m, Deliveries: []*mqtt.Queued{d}}
			q.Commit(unit, wantNil(t))
		}
	})
}

// wantNil settles with an error of the test when the outcome is one.
func wantNil(t *testing.T) mqtt.Settle {
	return func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
}

// resident is the memory of a process in bytes, as Linux counts it.
func resident(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes int
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kilobytes); err == nil {
			return kilobytes << 10
		}
	}
	t.Fatal("no VmRSS")
	return 0
}
