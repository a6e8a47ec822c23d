package queue_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage/queue"
)

// TestWhatIsParkedHasItsReason, also after a restart, and leaves nothing behind when it is sent again, thrown away, or ends
// with its session.
func TestWhatIsParkedHasItsReason(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/queue.db"
	options := broker.SessionOptions{Parking: broker.Parking{Messages: 10, Bytes: 1 << 20}}
	open := func() (q *running, b *broker.Broker, s mqtt.Session, stop func()) {
		q = MustOpen(t, path, queue.Options{})
		b, stop = q.MustServe(broker.Limits{})
		s, err := b.Session(t.Context(), "$bridge/a", options)
		if err != nil {
			t.Fatal(err)
		}
		return q, b, s, stop
	}
	q, b, s, stop := open()
	if err := s.Subscribe(t.Context(), mqtt.Subscription{Filter: "#", QoS: 1}); err != nil {
		t.Fatal(err)
	}
	driver, err := b.Session(t.Context(), "$driver", broker.SessionOptions{Transient: true})
	if err != nil {
		t.Fatal(err)
	}
	link := s.Attach()
	for _, topic := range []string{"first", "second", "third"} {
		mustPut(t, driver, topic)
		d, err := link.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d.Settle(&mqtt.Refusal{Reason: mqtt.NotAuthorized})
	}
	stop()
	q.stop()

	q, b, s, stop = open()
	parked, err := q.Parked(t.Context(), "$bridge/a", 0, 10, 1<<20)
	if err != nil || len(parked) != 3 || s.Queue().Parked != 3 {
		t.Fatalf("%d parked, %v, %+v", len(parked), err, s.Queue())
	}
	for i, topic := range []string{"first", "second", "third"} {
		if p := parked[i]; p.Reason != "not authorized" || p.Message.Topic != topic || time.Since(p.At) > time.Hour {
			t.Errorf("%+v: %s, %s", p, p.Reason, p.At)
		}
	}
	if n, err := b.SendParked(t.Context(), "$bridge/a", []uint64{parked[0].Position}); n != 1 || err != nil {
		t.Errorf("%d sent, %v", n, err)
	}
	if n, err := b.DiscardParked(t.Context(), "$bridge/a", []uint64{parked[1].Position}); n != 1 || err != nil {
		t.Errorf("%d discarded, %v", n, err)
	}
	left, err := q.Parked(t.Context(), "$bridge/a", 0, 10, 1<<20)
	if err != nil || len(left) != 1 || left[0].Message.Topic != "third" {
		t.Errorf("%d left, %v", len(left), err)
	}
	d, err := s.Attach().Receive(t.Context())
	if err != nil || d.Message().Topic != "first" {
		t.Fatalf("%v, %v", d, err)
	}
	d.Settle(nil)
	if err := b.RemoveSession(t.Context(), "$bridge/a"); err != nil {
		t.Fatal(err)
	}
	stop()
	q.stop()
	checkEmpty(t, path)
}
