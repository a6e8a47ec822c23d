package queue_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage/queue"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// everything is one of all that a queue can hold, in all its fields.
type everything struct {
	session    mqtt.SessionState
	message    *mqtt.Message
	deliveries []*mqtt.Queued
	mark       mqtt.Mark
	givenUp    mqtt.GivenUp
}

func newEverything() everything {
	when := time.UnixMilli(1_700_000_000_123).UTC()
	m := &mqtt.Message{
		Topic: "a/b", Payload: []byte{0, 1, 255}, QoS: 2, Retain: true, Expires: when,
		Properties: mqtt.Properties{
			PayloadFormat: new(byte(1)), ContentType: "text/plain", ResponseTopic: "r", CorrelationData: []byte{0, 9},
			User: []mqtt.UserProperty{{Name: "n", Value: "1"}, {Name: "", Value: ""}, {Name: "n", Value: "2"}},
		},
	}
	return everything{
		message: m,
		mark:    mqtt.Mark{At: when, MessageID: 12},
		givenUp: mqtt.GivenUp{
			Session: "press-4", Reason: mqtt.QueueAge, Topic: "a/b", Messages: 3, Bytes: 99, First: when, Last: when,
		},
		session: mqtt.SessionState{
			ID: "press-4", Username: "press", Listener: "lan", Placing: "which topic where", Expiry: 3600, Disconnected: when, Fresh: true,
			Subscriptions: []mqtt.Subscription{
				{Filter: "a/#", QoS: 2, NoLocal: true, RetainHandling: mqtt.NoRetained, Identifier: 268435455},
				{Filter: "b/+", QoS: 1, RetainAsPublished: true},
			},
			Inbound: []uint16{7, 65535},
			Will: &mqtt.Will{Delay: 5, Message: mqtt.Message{
				Topic: "state", Payload: []byte("gone"), QoS: 1, Retain: true, Expires: when,
			}},
			Lanes: []mqtt.LaneState{{Lane: 0, Next: 41, Messages: 1, Bytes: 99}, {Lane: 1, Next: 3, Messages: 1, Bytes: 99}},
		},
		deliveries: []*mqtt.Queued{
			{
				Session: "press-4", Lane: 0, Position: 40, MessageID: 12, Message: m, QoS: 2, Retain: true,
				Subscriptions: []uint32{1, 268435455}, Size: 99,
			},
			{Session: "press-4", Lane: 1, Position: 2, MessageID: 12, Message: m, QoS: 1, Size: 99},
		},
	}
}

func (e *everything) write(q *running) {
	q.Must(&mqtt.Unit{Session: &e.session})
	q.Must(&mqtt.Unit{SubscriptionsOf: "press-4", Subscribe: append(e.session.Subscriptions, mqtt.Subscription{Filter: "x"})})
	q.Must(&mqtt.Unit{SubscriptionsOf: "press-4", Unsubscribe: []string{"x"}})
	q.Must(&mqtt.Unit{InboundAdd: mqtt.Origin{Session: "press-4", PacketID: 65535}})
	q.Must(&mqtt.Unit{
		MessageID: 12, Message: e.message, Deliveries: e.deliveries, Retained: []*mqtt.Message{e.message},
		InboundAdd: mqtt.Origin{Session: "press-4", PacketID: 7},
	})
	q.Must(&mqtt.Unit{Received: e.deliveries[:1]})
	q.Must(&mqtt.Unit{Mark: &e.mark, GivenUp: []mqtt.GivenUp{e.givenUp}})
	e.deliveries[0].State = mqtt.DeliveryReceived
}

// check passes over what the first schema did not have.
func (e *everything) check(t *testing.T, q *running) {
	t.Helper()
	if q.Recovered() != nil {
		t.Fatalf("recovered: %+v", q.Recovered())
	}
	want := mqtt.Snapshot{Sessions: []mqtt.SessionState{e.session}, Retained: []*mqtt.Message{e.message}, NextMessageID: 13}
	got := q.MustLoad()
	if got.Sessions[0].Username == "" { // a schema that did not have it
		want.Sessions[0].Username, want.Sessions[0].Listener = "", ""
	}
	if got.Sessions[0].Placing == "" { // as well
		want.Sessions[0].Placing = ""
	}
	if len(got.Marks) > 0 {
		want.Marks = []mqtt.Mark{e.mark}
	}
	for i := range got.Sessions[0].Lanes {
		got.Sessions[0].Lanes[i].NextExpiry = time.Time{}
	}
	if diff := cmp.Diff(want, got, equal); diff != "" {
		t.Error(diff)
	}
	for _, g := range q.MustGivenUp() {
		if diff := cmp.Diff(e.givenUp, g, cmpopts.IgnoreFields(mqtt.GivenUp{}, "First", "Last")); diff != "" {
			t.Error(diff)
		}
	}
	for i, d := range e.deliveries {
		if diff := cmp.Diff([]*mqtt.Queued{d}, q.MustBacklog("press-4", mqtt.Lane(i), 0, 10, 1000), equal); diff != "" {
			t.Error(diff)
		}
	}
}

func TestEverythingComesBackAfterReopen(t *testing.T) {
	path := t.TempDir() + "/data/queue.db"
	q := MustOpen(t, path, queue.Options{})
	e := newEverything()
	e.write(q)
	generation := q.MustLoad().Generation
	q.stop()
	q = MustOpen(t, path, queue.Options{})
	snapshot := q.MustLoad()
	e.check(t, q)
	if got := snapshot.Generation; got != generation || len(generation) != 32 {
		t.Errorf("generation %q became %q", generation, got)
	}
	if len(snapshot.Marks) != 1 || len(q.MustGivenUp()) != 1 {
		t.Errorf("%d marks, %d lines of the audit", len(snapshot.Marks), len(q.MustGivenUp()))
	}
	for _, lane := range snapshot.Sessions[0].Lanes {
		if !lane.NextExpiry.Equal(e.message.Expires) {
			t.Errorf("lane %d: the next one expires at %s", lane.Lane, lane.NextExpiry)
		}
	}
}

func TestEverySchemaThatEverLandedIsBroughtUpToDate(t *testing.T) {
	fill := func(t *testing.T, path string) {
		q := MustOpen(t, path, queue.Options{})
		e := newEverything()
		e.write(q)
		q.stop()
	}
	check := func(t *testing.T, path string, _ int) {
		q := MustOpen(t, path, queue.Options{})
		e := newEverything()
		e.deliveries[0].State = mqtt.DeliveryReceived
		e.check(t, q)
		q.stop()
	}
	storagetest.Schemas(t, "migrations", "testdata/schema", fill, check)
}
