package queue_test

import (
	"bytes"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

func TestAFlippedBitIsNeverDelivered(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	q.Must(addSession("a"))
	for i := range 5 {
		q.Must(publish(uint64(i+1), uint64(i), "temperature=21.5", "a"))
	}
	q.Must(&mqtt.Unit{Retained: []*mqtt.Message{{Topic: "r", Payload: []byte("pressure=1.0"), Retain: true}}})
	q.Must(&mqtt.Unit{Session: &mqtt.SessionState{
		ID: "b", Expiry: mqtt.NeverExpires, Will: &mqtt.Will{Message: mqtt.Message{Topic: "w", Payload: []byte("state=gone")}},
	}})
	q.stop()
	for _, text := range []string{"temperature=21.5", "pressure=1.0", "state=gone"} {
		flip(t, path, text)
	}

	q = MustOpen(t, path, queue.Options{})
	loaded := q.MustLoad()
	if got := loaded.Retained; len(got) != 0 {
		t.Errorf("damaged retained message: %q", got[0].Payload)
	}
	for _, session := range loaded.Sessions {
		if session.Will != nil {
			t.Errorf("damaged will of %s: %q", session.ID, session.Will.Message.Payload)
		}
	}
	page := q.MustBacklog("a", 0, 0, 5, 1000)
	if len(page) != 5 {
		t.Fatalf("%d deliveries: the damaged one must be passed over", len(page))
	}
	withoutMessage := 0
	for _, d := range page {
		switch {
		case d.Message == nil:
			withoutMessage++
		case string(d.Message.Payload) != "temperature=21.5":
			t.Errorf("delivered %q", d.Message.Payload)
		}
	}
	if withoutMessage != 1 {
		t.Errorf("%d deliveries come without their message, one was damaged", withoutMessage)
	}
	if got := q.Stats().Damaged; got != 3 {
		t.Errorf("%d damaged messages counted", got)
	}
	q.Must(&mqtt.Unit{}) // behind the removal
	want := []mqtt.GivenUp{{Session: "a", Reason: mqtt.Damaged, Messages: 1, Bytes: 26}}
	if diff := cmp.Diff(want, q.MustGivenUp()); diff != "" {
		t.Error(diff)
	}
	q.stop()
	if n := count(t, inspect(t, path), "delivery"); n != 4 {
		t.Errorf("%d deliveries are left", n)
	}
}

// flip changes one byte of the last place in the file where text stands: rows fill a page from its end.
func flip(t *testing.T, path, text string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.LastIndex(data, []byte(text))
	if i < 0 {
		t.Fatalf("%q is not in the file", text)
	}
	data[i+len(text)-1] ^= 0x10
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedQueueIsSetAsideAndHasANewGeneration(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	before := q.MustLoad().Generation
	q.stop()
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	q = MustOpen(t, path, queue.Options{})
	if q.Recovered() == nil || len(q.Recovered().SetAside) == 0 {
		t.Errorf("recovered: %+v", q.Recovered())
	}
	if after := q.MustLoad().Generation; after == before || after == "" {
		t.Errorf("generation %q became %q", before, after)
	}
	q.Must(addSession("a"))
}

// TestADeadDiskLosesNothingThatWasAcknowledged makes the log refuse to grow, and then lets it.
func TestADeadDiskLosesNothingThatWasAcknowledged(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	q.Must(addSession("a"))
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	mend := sync.OnceFunc(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(mend)
	limit := syscall.Rlimit{Cur: 256 << 10, Max: old.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	var kept []*mqtt.Queued
	refused, position, id := 0, uint64(0), uint64(1)
	send := func() {
		unit := publish(id, position, strings.Repeat("x", 20<<10), "a")
		id++
		if q.Try(unit) != nil {
			refused++
			return
		}
		kept, position = append(kept, unit.Deliveries[0]), position+1
	}
	for range 100 {
		send()
	}
	mend()
	for deadline := time.Now().Add(10 * time.Second); q.Admit(t.Context(), 1) != nil; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the queue did not come back")
		}
	}
	send()
	if refused == 0 || len(kept) < 2 {
		t.Fatalf("%d refused, %d kept: the test proves nothing", refused, len(kept))
	}
	for range 2 {
		got := q.MustBacklog("a", 0, 0, 1000, 1<<30)
		same := func(a, b *mqtt.Queued) bool {
			return a.Position == b.Position && a.MessageID == b.MessageID && bytes.Equal(a.Message.Payload, b.Message.Payload)
		}
		if !slices.EqualFunc(kept, got, same) {
			t.Errorf("%d messages were acknowledged, the %d that are there differ", len(kept), len(got))
		}
		lanes := q.MustLoad().Sessions[0].Lanes
		if len(lanes) != 1 || lanes[0].Messages != int64(len(kept)) || lanes[0].Next != position {
			t.Errorf("lanes %+v for %d messages", lanes, len(kept))
		}
		q.stop()
		q = MustOpen(t, path, queue.Options{})
	}
}

func TestALongQueueOpensAtOnce(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{Durability: storage.Normal})
	const n = 100_000
	fill(q, "away", n)
	q.stop()
	start := time.Now()
	q = MustOpen(t, path, queue.Options{})
	lanes := q.MustLoad().Sessions[0].Lanes
	if took := time.Since(start); took > time.Second {
		t.Errorf("opening took %s", took)
	}
	if lanes[0].Messages != n || lanes[0].Next != n {
		t.Errorf("lanes: %+v", lanes)
	}
}

func TestManyPublishersAndReaders(t *testing.T) {
	q := MustOpen(t, t.TempDir()+"/queue.db", queue.Options{Durability: storage.Normal, Linger: time.Millisecond})
	clients := []string{"a", "b", "c", "d"}
	var group sync.WaitGroup
	for i, client := range clients {
		q.Must(addSession(client))
		group.Go(func() { publishAndDrain(t, q, client, uint64(i)*1_000_000+1) })
	}
	group.Wait()
	for _, s := range q.MustLoad().Sessions {
		if len(s.Lanes) != 1 || s.Lanes[0].Messages != 0 || s.Lanes[0].Bytes != 0 || s.Lanes[0].Next != 300 {
			t.Errorf("session %s: %+v", s.ID, s.Lanes)
		}
	}
}

// publishAndDrain queues 300 messages, and reads and finishes them at the same time.
func publishAndDrain(t *testing.T, q *running, client string, id uint64) {
	const n = 300
	var group sync.WaitGroup
	defer group.Wait()
	group.Go(func() {
		for i := range uint64(n) {
			if err := q.Admit(t.Context(), 100); err != nil {
				t.Error(err)
			}
			unit := publish(id+i, i, "x", client)
			unit.Class = mqtt.Class(i % 2)
			q.Commit(unit, func(err error) {
				if err != nil {
					t.Error(err)
				}
			})
		}
	})
	next := uint64(0)
	for deadline := time.Now().Add(20 * time.Second); next < n && time.Now().Before(deadline); {
		page, err := q.Backlog(t.Context(), client, 0, next, 7, 1<<20)
		if err != nil {
			t.Error(err)
			return
		}
		for _, d := range page {
			if d.Position != next {
				t.Errorf("%s: position %d instead of %d", client, d.Position, next)
			}
			next++
		}
		if err := q.Try(&mqtt.Unit{Class: mqtt.Soon, Finished: page}); err != nil {
			t.Error(err)
		}
	}
	if next != n {
		t.Errorf("%s: %d of %d came", client, next, n)
	}
}
