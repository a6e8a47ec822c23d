package queue_test

import (
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage/queue"
)

// TestAnEndedMemberLeavesItsRowsToTheGroup: what it has not acknowledged waits for the group, also after a restart, once.
func TestAnEndedMemberLeavesItsRowsToTheGroup(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/queue.db"
	q := MustOpen(t, path, queue.Options{})
	b, stop := q.MustServe(broker.Limits{})
	mustSubscribe(t, b, "$stays", "$share/g/t")
	ends := mustSubscribe(t, b, "$ends", "$share/g/t")
	driver, err := b.Session(t.Context(), "$driver", broker.SessionOptions{Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		mustPut(t, driver, "t")
	}
	link := ends.Attach()
	for range 3 {
		if _, err := link.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.RemoveSession(t.Context(), "$ends"); err != nil {
		t.Fatal(err)
	}
	stop()
	q.stop()

	q = MustOpen(t, path, queue.Options{})
	rows := q.MustBacklog("$share/g/t", 0, 0, 100, 1<<20)
	if len(rows) != 10 {
		t.Fatalf("%d messages wait for the member that stays, want 10", len(rows))
	}
	seen := map[uint64]bool{}
	for _, row := range rows {
		if row.Message.Topic != "t" || row.QoS != mqtt.AtLeastOnce || seen[row.MessageID] {
			t.Errorf("row %d of message %d: %v at QoS %d", row.Position, row.MessageID, row.Message, row.QoS)
		}
		seen[row.MessageID] = true
		q.Must(&mqtt.Unit{Finished: []*mqtt.Queued{row}})
	}
	q.Must(&mqtt.Unit{SessionRemove: "$stays"})
	q.Must(&mqtt.Unit{SessionRemove: "$share/g/t"})
	q.stop()
	checkEmpty(t, path)
}
