package queue_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

// MustRemove makes one step of a removal.
func (r *running) MustRemove(removal mqtt.Removal) mqtt.Removed {
	r.tb.Helper()
	type answer struct {
		mqtt.Removed
		error
	}
	done := make(chan answer, 1)
	r.Remove(removal, func(removed mqtt.Removed, err error) { done <- answer{removed, err} })
	got := <-done
	if got.error != nil {
		r.tb.Fatalf("remove: %v", got.error)
	}
	return got.Removed
}

// MustGivenUp is the audit, without times.
func (r *running) MustGivenUp() []mqtt.GivenUp {
	r.tb.Helper()
	rows, err := r.GivenUp(context.Background())
	if err != nil {
		r.tb.Fatalf("audit: %v", err)
	}
	for i := range rows {
		rows[i].First, rows[i].Last = time.Time{}, time.Time{}
	}
	return rows
}

func (r *running) positions(session string) []uint64 {
	r.tb.Helper()
	var positions []uint64
	for _, d := range r.MustBacklog(session, 0, 0, 1_000_000, 1<<30) {
		positions = append(positions, d.Position)
	}
	return positions
}

// counted wants the counters of the lane to be those of its rows.
func (r *running) counted(session string) {
	r.tb.Helper()
	var messages, bytes int64
	for _, d := range r.MustBacklog(session, 0, 0, 1_000_000, 1<<30) {
		messages++
		bytes += int64(d.Size)
	}
	for _, s := range r.MustLoad().Sessions {
		if s.ID == session && (s.Lanes[0].Messages != messages || s.Lanes[0].Bytes != bytes) {
			r.tb.Errorf("lane of %s counts %d messages of %d bytes, there are %d of %d", session,
				s.Lanes[0].Messages, s.Lanes[0].Bytes, messages, bytes)
		}
	}
}

func TestTheOldestAreRemoved(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{Durability: storage.Normal})
	q.Must(addSession("a"))
	q.Must(addSession("b"))
	for i := range uint64(10) {
		unit := publish(i+1, i, "0123456789", "a", "b") // 20 bytes
		if i == 3 || i == 4 {
			unit.Deliveries[0].QoS = mqtt.ExactlyOnce
		}
		q.Must(unit)
		if i == 3 {
			q.Must(&mqtt.Unit{Received: unit.Deliveries[:1]})
		}
	}
	tests := []struct {
		name    string
		removal mqtt.Removal
		removed mqtt.Removed
		left    []uint64
	}{
		{
			"messages",
			mqtt.Removal{Below: 10, Messages: 2},
			mqtt.Removed{Messages: 2, Bytes: 40, Left: true},
			[]uint64{2, 3, 4, 5, 6, 7, 8, 9},
		},
		{
			// 3 has been received; 4, at QoS 2, may have been sent.
			"bytes, behind suspects",
			mqtt.Removal{Below: 10, Suspects: 3, Bytes: 30},
			mqtt.Removed{Messages: 2, Bytes: 40, Left: true},
			[]uint64{3, 4, 6, 7, 8, 9},
		},
		{
			"age",
			mqtt.Removal{From: 4, Below: 10, Before: 9},
			mqtt.Removed{Messages: 3, Bytes: 60, Left: true},
			[]uint64{3, 8, 9},
		},
		{
			"everything that may go",
			mqtt.Removal{Below: 9, Messages: 100},
			mqtt.Removed{Messages: 1, Bytes: 20, Left: true},
			[]uint64{3, 9},
		},
		{
			"none left",
			mqtt.Removal{From: 4, Below: 10, Messages: 100},
			mqtt.Removed{Messages: 1, Bytes: 20},
			[]uint64{3},
		},
	}
	for _, test := range tests {
		test.removal.Session, test.removal.Reason = "a", mqtt.QueueMessages
		if diff := cmp.Diff(test.removed, q.MustRemove(test.removal)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if diff := cmp.Diff(test.left, q.positions("a")); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		q.counted("a")
	}
	if got := len(q.positions("b")); got != 10 {
		t.Errorf("b has %d messages, want all 10", got)
	}
	want := []mqtt.GivenUp{{Session: "a", Reason: mqtt.QueueMessages, Topic: "plant/line", Messages: 9, Bytes: 180}}
	if diff := cmp.Diff(want, q.MustGivenUp()); diff != "" {
		t.Error(diff)
	}
	for _, session := range []string{"a", "b"} {
		q.Must(&mqtt.Unit{Finished: q.MustBacklog(session, 0, 0, 100, 1<<20)})
	}
	q.stop()
	checkEmpty(t, path)
}

// expiring is the unit of a message that expires.
func expiring(id, position uint64, expires time.Time, sessions ...string) *mqtt.Unit {
	unit := publish(id, position, "x", sessions...)
	unit.Message.Expires = expires
	return unit
}

func TestExpiredMessagesLeaveTheDisk(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{Durability: storage.Normal})
	q.Must(addSession("a"))
	q.Must(addSession("b"))
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const n = 2500
	for i := range uint64(n) {
		expires := noon
		switch i % 5 {
		case 1:
			expires = noon.Add(time.Hour)
		case 2:
			expires = time.Time{}
		}
		unit := expiring(i+1, i, expires, "a", "b")
		unit.Class = mqtt.Soon
		q.Commit(unit, nil)
	}
	removal := mqtt.Removal{Session: "a", Below: n, Reason: mqtt.Expired, Expired: noon}
	first := q.MustRemove(removal)
	if first.Messages != 1000 || !first.More || !first.NextExpiry.Equal(noon.Add(time.Hour)) {
		t.Errorf("first step: %+v", first)
	}
	second := q.MustRemove(removal)
	if second.Messages != 500 || second.More || !second.Left {
		t.Errorf("second step: %+v", second)
	}
	if got := q.positions("a"); len(got) != 1000 || slices.ContainsFunc(got, func(p uint64) bool { return p%5 != 1 && p%5 != 2 }) {
		t.Errorf("%d messages are left", len(got))
	}
	if got := len(q.positions("b")); got != n {
		t.Errorf("b has %d messages, want all", got)
	}
	q.counted("a")
	removal.Expired = noon.Add(time.Hour)
	if got := q.MustRemove(removal); got.Messages != 500 || !got.NextExpiry.IsZero() {
		t.Errorf("an hour later: %+v", got)
	}
	want := []mqtt.GivenUp{{Session: "a", Reason: mqtt.Expired, Topic: "plant/line", Messages: 2000, Bytes: 2000 * 11}}
	if diff := cmp.Diff(want, q.MustGivenUp()); diff != "" {
		t.Error(diff)
	}
	q.stop()
	// What does not expire is not in the index.
	var indexed int
	err := inspect(t, path).QueryRowContext(t.Context(),
		"SELECT count(*) FROM delivery INDEXED BY delivery_expires WHERE expires > 0").Scan(&indexed)
	if err != nil || indexed != n*4/5 {
		t.Errorf("%d deliveries in the index (%v), want those of b that expire", indexed, err)
	}
}

func TestTheAuditIsBounded(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{Durability: storage.Normal})
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	lose := func(session, topic string, when time.Time) {
		q.Must(&mqtt.Unit{GivenUp: []mqtt.GivenUp{{
			Session: session, Reason: mqtt.Refused, Topic: topic, Messages: 2, Bytes: 10, First: when, Last: when,
		}}})
	}
	for i := range mqtt.MaxTopics + 5 {
		lose("a", fmt.Sprintf("topic/%d", i), at)
		at = at.Add(time.Second)
	}
	rows := q.MustGivenUp()
	if len(rows) != mqtt.MaxTopics+1 || rows[0].Topic != "" || rows[0].Messages != 10 {
		t.Errorf("%d rows, the newest is %+v: want %d topics and the others", len(rows), rows[0], mqtt.MaxTopics)
	}
	// After a quiet minute another episode begins.
	lose("a", "topic/0", at.Add(2*mqtt.QuietTime))
	if rows := q.MustGivenUp(); len(rows) != mqtt.MaxTopics+2 || rows[0].Messages != 2 {
		t.Errorf("%d rows, the newest is %+v", len(rows), rows[0])
	}
	for i := range 1100 {
		q.Commit(&mqtt.Unit{Class: mqtt.Soon, GivenUp: []mqtt.GivenUp{{
			Session: fmt.Sprint(i), Reason: mqtt.Refused, Messages: 1, First: at, Last: at,
		}}}, nil)
	}
	lose("last", "", at)
	q.stop()
	q = MustOpen(t, path, queue.Options{})
	rows = q.MustGivenUp()
	if len(rows) != 1000 || rows[0].Session != "last" {
		t.Errorf("%d rows after a restart, the newest of %s", len(rows), rows[0].Session)
	}
}

func TestMarksComeBack(t *testing.T) {
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range 3 {
		q.Must(&mqtt.Unit{Mark: &mqtt.Mark{At: noon.Add(time.Duration(i) * time.Hour), MessageID: uint64(10 * i)}})
	}
	q.Must(&mqtt.Unit{ForgetMarks: noon.Add(time.Hour)})
	q.stop()
	q = MustOpen(t, path, queue.Options{})
	want := []mqtt.Mark{{At: noon.Add(time.Hour), MessageID: 10}, {At: noon.Add(2 * time.Hour), MessageID: 20}}
	if diff := cmp.Diff(want, q.MustLoad().Marks); diff != "" {
		t.Error(diff)
	}
}
