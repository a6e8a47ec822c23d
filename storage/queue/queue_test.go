package queue_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

// running is a queue whose Run is under way.
type running struct {
	*queue.Queue
	tb   testing.TB
	stop func()
}

// MustOpen opens a queue and runs it until Stop or the end of the test.
func MustOpen(tb testing.TB, path string, options queue.Options) *running {
	tb.Helper()
	q, err := queue.Open(path, options)
	if err != nil {
		tb.Fatalf("open: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		if err := q.Run(ctx); err != nil {
			tb.Errorf("run: %v", err)
		}
	})
	r := &running{Queue: q, tb: tb}
	r.stop = sync.OnceFunc(func() {
		cancel()
		group.Wait()
		if err := q.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	tb.Cleanup(r.stop)
	return r
}

// Must commits a unit and waits until it is on disk.
func (r *running) Must(unit *mqtt.Unit) {
	r.tb.Helper()
	if err := r.Try(unit); err != nil {
		r.tb.Fatalf("commit: %v", err)
	}
}

// Try commits a unit and gives its outcome.
func (r *running) Try(unit *mqtt.Unit) error {
	done := make(chan error, 1)
	r.Commit(unit, func(err error) { done <- err })
	return <-done
}

func (r *running) MustLoad() mqtt.Snapshot {
	r.tb.Helper()
	snapshot, err := r.Load(context.Background())
	if err != nil {
		r.tb.Fatalf("load: %v", err)
	}
	return snapshot
}

func (r *running) MustBacklog(session string, lane mqtt.Lane, from uint64, limit, maxBytes int) []*mqtt.Queued {
	r.tb.Helper()
	page, err := r.Backlog(context.Background(), session, lane, from, limit, maxBytes)
	if err != nil {
		r.tb.Fatalf("backlog: %v", err)
	}
	return page
}

func addSession(client string) *mqtt.Unit {
	return &mqtt.Unit{Session: &mqtt.SessionState{ID: client, Expiry: mqtt.NeverExpires}}
}

// publish makes the unit of a message for sessions, at one position in lane 0 of each.
func publish(id uint64, position uint64, payload string, sessions ...string) *mqtt.Unit {
	m := &mqtt.Message{Topic: "plant/line", Payload: []byte(payload), QoS: mqtt.AtLeastOnce}
	unit := &mqtt.Unit{MessageID: id, Message: m}
	for _, s := range sessions {
		unit.Deliveries = append(unit.Deliveries, &mqtt.Queued{
			Session: s, Position: position, MessageID: id, Message: m, QoS: m.QoS, Size: m.Size(),
		})
	}
	return unit
}

var equal = cmp.Options{
	cmpopts.IgnoreUnexported(mqtt.Queued{}), cmpopts.EquateEmpty(),
	cmpopts.IgnoreFields(mqtt.Snapshot{}, "Taken", "Generation"),
}

func TestABodyGoesWithItsLastDelivery(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	q.Must(addSession("a"))
	q.Must(addSession("b"))
	unit := publish(1, 0, "x", "a", "b")
	q.Must(unit)
	q.Must(&mqtt.Unit{Finished: unit.Deliveries[:1]})
	// A second end of the same delivery must not cost b its body.
	q.Must(&mqtt.Unit{Finished: unit.Deliveries[:1]})
	if got := q.MustBacklog("b", 0, 0, 10, 1000); len(got) != 1 || string(got[0].Message.Payload) != "x" {
		t.Fatalf("backlog of b: %v", got)
	}
	q.Must(&mqtt.Unit{Finished: unit.Deliveries})
	q.stop()
	checkEmpty(t, path)
}

func TestAnAcknowledgedDeliveryIsNotWritten(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	q.Must(addSession("a"))
	unit := publish(1, 0, "x", "a")
	if !unit.Deliveries[0].Elide() {
		t.Fatal("not elided")
	}
	q.Must(unit)
	q.Must(&mqtt.Unit{Finished: unit.Deliveries, Received: unit.Deliveries})
	if got := q.MustLoad().Sessions[0].Lanes; len(got) != 0 {
		t.Errorf("lanes: %+v", got)
	}
	q.stop()
	checkEmpty(t, path)
}

func TestAFailingUnitIsTakenOut(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	q.Must(addSession("a"))
	var mu sync.Mutex
	var order []string
	outcome := func(name string) mqtt.Settle {
		return func(err error) {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, fmt.Sprintf("%s %t", name, err == nil))
		}
	}
	last := make(chan error, 1)
	soon := func(u *mqtt.Unit) *mqtt.Unit { u.Class = mqtt.Soon; return u }
	q.Commit(soon(publish(1, 0, "first", "a")), outcome("first"))
	q.Commit(soon(&mqtt.Unit{SubscriptionsOf: "nobody", Subscribe: []mqtt.Subscription{{Filter: "x"}}}), outcome("subscribe"))
	q.Commit(soon(publish(2, 0, "same position", "a")), outcome("position"))
	q.Commit(publish(3, 1, "last", "a"), func(err error) { outcome("last")(err); last <- err })
	if err := <-last; err != nil {
		t.Fatal(err)
	}
	want := []string{"first true", "subscribe false", "position false", "last true"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Error(diff)
	}
	var payloads []string
	for _, d := range q.MustBacklog("a", 0, 0, 10, 1000) {
		payloads = append(payloads, string(d.Message.Payload))
	}
	if diff := cmp.Diff([]string{"first", "last"}, payloads); diff != "" {
		t.Error(diff)
	}
	if lanes := q.MustLoad().Sessions[0].Lanes; len(lanes) != 1 || lanes[0].Messages != 2 || lanes[0].Next != 2 {
		t.Errorf("lanes: %+v", lanes)
	}
}

func TestBacklogIsReadInPages(t *testing.T) {
	q := MustOpen(t, t.TempDir()+"/queue.db", queue.Options{Durability: storage.Memory})
	q.Must(addSession("a"))
	for i := range 10 {
		q.Must(publish(uint64(i+1), uint64(2*i), "0123456789", "a")) // 20 bytes each
	}
	tests := []struct {
		name            string
		from            uint64
		limit, maxBytes int
		want            []uint64
	}{
		{"limit", 0, 3, 1000, []uint64{0, 2, 4}},
		{"from between", 5, 2, 1000, []uint64{6, 8}},
		{"the first beyond the bytes", 0, 10, 50, []uint64{0, 2, 4}},
		{"one larger than all", 0, 10, 1, []uint64{0}},
		{"tail", 16, 10, 1000, []uint64{16, 18}},
		{"behind the tail", 19, 10, 1000, nil},
		{"no limit, no rows", 0, 0, 1000, nil},
	}
	for _, test := range tests {
		var got []uint64
		for _, d := range q.MustBacklog("a", 0, test.from, test.limit, test.maxBytes) {
			got = append(got, d.Position)
			if d.Elide() {
				t.Errorf("%s: a row from disk can be elided", test.name)
			}
		}
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
	if got := q.MustBacklog("nobody", 0, 0, 1, 1); len(got) != 0 {
		t.Errorf("backlog of nobody: %v", got)
	}
}

func TestARemovedSessionLeavesNothing(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{Durability: storage.Normal})
	q.Must(addSession("a"))
	q.Must(addSession("b"))
	q.Must(&mqtt.Unit{SubscriptionsOf: "a", Subscribe: []mqtt.Subscription{{Filter: "x"}}})
	q.Must(&mqtt.Unit{InboundAdd: mqtt.Origin{Session: "a", PacketID: 1}})
	const n = 2500
	var group sync.WaitGroup
	for i := range n {
		group.Add(1)
		q.Commit(publish(uint64(i+1), uint64(i), "x", "a", "b"), func(error) { group.Done() })
	}
	group.Wait()
	late := publish(1, 0, "x", "a").Deliveries
	q.Must(&mqtt.Unit{Session: &mqtt.SessionState{ID: "a", Expiry: 1}, SessionReset: true})
	q.Must(publish(n+1, 0, "new life", "a"))
	// An acknowledgement from before the reset must not hit the row at the same position.
	q.Must(&mqtt.Unit{Finished: late})
	if got := q.MustBacklog("a", 0, 0, 10, 1000); len(got) != 1 || string(got[0].Message.Payload) != "new life" {
		t.Fatalf("backlog after reset: %v", got)
	}
	sessions := q.MustLoad().Sessions
	if len(sessions) != 2 || len(sessions[0].Subscriptions)+len(sessions[0].Inbound) != 0 || sessions[1].Lanes[0].Messages != n {
		t.Errorf("sessions: %+v", sessions)
	}
	q.Must(&mqtt.Unit{SessionRemove: "a"})
	q.Must(&mqtt.Unit{SessionRemove: "b"})
	q.stop()
	// What was not purged before the stop is purged now.
	MustOpen(t, path, queue.Options{}).waitEmpty(path)
}

func TestRetainedIsReplacedAndRemoved(t *testing.T) {
	q := MustOpen(t, t.TempDir()+"/queue.db", queue.Options{})
	at := func(topic, payload string) *mqtt.Message {
		return &mqtt.Message{Topic: topic, Payload: []byte(payload), Retain: true}
	}
	q.Must(&mqtt.Unit{Retained: []*mqtt.Message{at("a", "1"), at("b", "1"), at("c", "1")}})
	q.Must(&mqtt.Unit{Retained: []*mqtt.Message{at("a", ""), at("b", "2")}})
	want := []*mqtt.Message{at("b", "2"), at("c", "1")}
	if diff := cmp.Diff(want, q.MustLoad().Retained, equal); diff != "" {
		t.Error(diff)
	}
}

func TestAfterTheEndUnitsAreRefused(t *testing.T) {
	q := MustOpen(t, t.TempDir()+"/queue.db", queue.Options{Linger: 10 * time.Second})
	q.Must(addSession("a"))
	soon := publish(1, 0, "x", "a")
	soon.Class = mqtt.Soon
	drained := make(chan error, 1)
	q.Commit(soon, func(err error) { drained <- err })
	q.stop()
	if err := <-drained; err != nil {
		t.Errorf("what waited at the end: %v", err)
	}
	if err := q.Try(publish(2, 1, "x", "a")); err == nil {
		t.Error("a unit after the end was taken")
	}
	if err := q.Admit(t.Context(), 1); err == nil {
		t.Error("admitted after the end")
	}
}
