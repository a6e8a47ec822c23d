package queue_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage/queue"
)

// TestClientsThatAreAwayTakeLittleMemory: what waits for them is on disk, also what they left behind in memory when they
// went. It is not parallel, because it looks at the memory of the whole process.
func TestClientsThatAreAwayTakeLittleMemory(t *testing.T) {
	const clients, messages = 50, 2000
	q := MustOpen(t, filepath.Join(t.TempDir(), "queue.db"), queue.Options{})
	b, _ := q.MustServe(broker.Limits{})
	driver := mustSession(t, b, "$driver", broker.SessionOptions{Transient: true})
	links := make([]mqtt.Link, clients/2)
	for i := range clients {
		s := mustSession(t, b, fmt.Sprint("client-", i), broker.SessionOptions{})
		if err := s.Subscribe(t.Context(), mqtt.Subscription{Filter: "#", QoS: 1}); err != nil {
			t.Fatal(err)
		}
		if i < len(links) {
			links[i] = s.Attach()
		}
	}
	before := heap()
	done := make(chan error, messages)
	for i := range messages {
		m := &mqtt.Message{Topic: "plant/press", Payload: fmt.Append(nil, i), QoS: 1}
		if err := driver.Publish(t.Context(), m, mqtt.Origin{}, func(err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
	}
	for range messages {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range links {
		l.Detach()
	}
	grown := heap() - before
	t.Logf("%d KB for %d messages of each of %d clients", grown>>10, messages, clients)
	if grown > 4<<20 {
		t.Errorf("%d bytes of memory are used", grown)
	}
	for _, id := range []string{"client-0", fmt.Sprint("client-", clients-1)} {
		link := mustSession(t, b, id, broker.SessionOptions{}).Attach()
		for i := range messages {
			d, err := link.Receive(t.Context())
			if err != nil || string(d.Message().Payload) != fmt.Sprint(i) {
				t.Fatalf("message %d of %s: %v, %v", i, id, d, err)
			}
			d.Settle(nil)
		}
	}
}

func mustSession(t *testing.T, b *broker.Broker, id string, options broker.SessionOptions) mqtt.Session {
	t.Helper()
	s, err := b.Session(t.Context(), id, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
