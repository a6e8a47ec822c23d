package queue_test

import (
	"slices"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage/queue"
)

// TestPubrecIsRecordedForTheseRowsAlone: they come in one unit, in any order, twice, with gaps, and some are of a session that
// the client had before.
func TestPubrecIsRecordedForTheseRowsAlone(t *testing.T) {
	q := MustOpen(t, t.TempDir()+"/queue.db", queue.Options{})
	q.Must(addSession("a"))
	var rows []*mqtt.Queued
	for i := range uint64(9) {
		unit := publish(i+1, i, "x", "a")
		q.Must(unit)
		rows = append(rows, unit.Deliveries[0])
	}
	stranger := &mqtt.Queued{Session: "a", Position: rows[7].Position, MessageID: 77}
	q.Must(&mqtt.Unit{Received: []*mqtt.Queued{rows[5], rows[1], rows[4], rows[4], rows[2], stranger}})
	var recorded []uint64
	for _, row := range q.MustBacklog("a", 0, 0, 100, 1<<20) {
		if row.State == mqtt.DeliveryReceived {
			recorded = append(recorded, row.Position)
		}
	}
	if want := []uint64{1, 2, 4, 5}; !slices.Equal(recorded, want) {
		t.Errorf("PUBREC is recorded for %v, want %v", recorded, want)
	}
}
