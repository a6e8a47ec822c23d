package queue_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

// TestOnlyTheChosenAreRemoved in steps that go on behind what was looked at.
func TestOnlyTheChosenAreRemoved(t *testing.T) {
	q := MustOpen(t, t.TempDir()+"/queue.db", queue.Options{Durability: storage.Normal})
	q.Must(addSession("a"))
	for i := range uint64(2500) {
		unit := publish(i+1, i, "0123456789", "a")
		if i%5 == 0 {
			unit.Message.Topic = "rare"
		}
		q.Commit(unit, nil)
	}
	var seen []uint64
	removal := mqtt.Removal{
		Session: "a", Reason: mqtt.LowPriority, Below: 2500, Messages: 450, Choose: func(topic string, id uint64) bool {
			seen = append(seen, id)
			return topic == "rare"
		},
	}
	first := q.MustRemove(removal)
	if first.Messages != 200 || first.Next != 1000 || !first.More || !first.Left {
		t.Errorf("first step %+v", first)
	}
	removal.From, removal.Messages = first.Next, 250
	second := q.MustRemove(removal)
	if second.Messages != 200 || second.Next != 2000 || !second.More {
		t.Errorf("second step %+v", second)
	}
	removal.From, removal.Messages = second.Next, 50
	third := q.MustRemove(removal)
	if third.Messages != 50 || third.Next > 2300 || third.More {
		t.Errorf("third step %+v", third)
	}
	if !slices.IsSorted(seen) || len(slices.Compact(slices.Clone(seen))) != len(seen) {
		t.Error("something was asked for twice, or out of order")
	}
	if got := len(q.positions("a")); got != 2050 {
		t.Errorf("%d left", got)
	}
	q.counted("a")
}

// TestDiskOverhead: what a queued message takes beside its own bytes; package bridge counts on it for its hours.
func TestDiskOverhead(t *testing.T) {
	for _, size := range []int{30, 300} {
		path := filepath.Join(t.TempDir(), "queue.db")
		q := MustOpen(t, path, queue.Options{Durability: storage.Normal})
		q.Must(addSession("a"))
		const count = 20_000
		own := 0
		for i := range uint64(count) {
			unit := publish(i+1, 1_000_000+i, strings.Repeat("x", size-10), "a")
			own += unit.Message.Size()
			q.Commit(unit, nil)
		}
		q.Must(publish(count+1, 2_000_000, "last", "a"))
		q.stop()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		each := (info.Size() - int64(own)) / count
		t.Logf("%d bytes: %d more", size, each)
		if each < 40 || each > 75 {
			t.Errorf("a message of %d bytes takes %d more", size, each)
		}
	}
}
