package queue_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage/queue"
)

func TestAnAdoptedQueueIsAnotherGeneration(t *testing.T) {
	q := MustOpen(t, t.TempDir()+"/queue.db", queue.Options{})
	session := addSession("a")
	session.Session.Fresh = false
	q.Must(session)
	for i := range 5 {
		q.Must(publish(uint64(i+1), uint64(i), "x", "a"))
	}
	q.Must(&mqtt.Unit{InboundAdd: mqtt.Origin{Session: "a", PacketID: 7}})
	before := q.MustLoad()
	copied := filepath.Join(t.TempDir(), "queue.db")
	if err := q.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	adopted, err := queue.Adopt(t.Context(), copied, slog.New(slog.DiscardHandler))
	if err != nil || adopted.Deliveries != 5 || adopted.LastID != 5 {
		t.Fatalf("%+v, %v", adopted, err)
	}
	r := MustOpen(t, copied, queue.Options{})
	after := r.MustLoad()
	if after.Generation == before.Generation || len(after.Generation) != 32 {
		t.Errorf("generation %q became %q", before.Generation, after.Generation)
	}
	s := after.Sessions[0]
	if !s.Fresh || len(s.Inbound) > 0 || s.Lanes[0].Messages != 5 {
		t.Errorf("%+v", s)
	}
	if len(before.Sessions[0].Inbound) != 1 || before.Sessions[0].Fresh {
		t.Fatalf("the test proves nothing: %+v", before.Sessions[0])
	}
	for last, want := range map[int64]bool{0: false, 1: true, 5: true} {
		if holds, err := r.Holds(t.Context(), last); err != nil || holds != want {
			t.Errorf("holds messages up to %d: %v, %v", last, holds, err)
		}
	}
}
