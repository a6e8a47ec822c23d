package queue_test

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// model is what the queue has to hold: plain maps.
type model struct {
	sessions map[string]*modelSession
	retained map[string]string
	lost     map[modelLoss]modelCount
	nextID   uint64
}

type modelSession struct {
	state         mqtt.SessionState
	subscriptions map[string]mqtt.Subscription
	inbound       map[uint16]bool
	lanes         map[mqtt.Lane]*modelLane
}

type modelLane struct {
	next, highest uint64
	written       bool
	rows          []*mqtt.Queued
	// elided deliveries have a position and no row.
	elided []*mqtt.Queued
}

// machine drives a queue and the model with the same steps.
type machine struct {
	t     *rapid.T
	tb    testing.TB
	path  string
	queue *running
	clock *fakeClock
	model model
}

var clients = []string{"a", "b", "c"}

func TestQueueIsLikeItsModel(t *testing.T) {
	storagetest.Checks(t, "40")
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		folder, err := os.MkdirTemp(t.TempDir(), "model-*") //nolint:usetesting // one for each check
		if err != nil {
			t.Fatal(err)
		}
		m := &machine{
			t: rt, tb: t, path: folder + "/queue.db",
			clock: &fakeClock{wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), synchronised: true, boot: "boot"},
			model: model{
				sessions: map[string]*modelSession{}, retained: map[string]string{}, lost: map[modelLoss]modelCount{}, nextID: 1,
			},
		}
		m.open()
		defer func() { m.queue.stop() }()
		rt.Repeat(map[string]func(*rapid.T){
			"": m.check, "session": m.putSession, "remove": m.removeSession, "subscribe": m.subscribe, "publish": m.publish,
			"publish again": m.publish, "finish": m.finish, "received": m.received, "inbound": m.inbound, "retain": m.retain,
			"reopen": m.reopen, "crash": m.crash, "overflow": m.overflow, "expire": m.expire, "end": m.endSession,
			"power": m.power,
		})
	})
}

func (m *machine) open() {
	m.queue = MustOpen(m.tb, m.path, queue.Options{Durability: storage.Normal, Clock: m.clock.clock()})
}

func (m *machine) client() string { return rapid.SampledFrom(clients).Draw(m.t, "client") }

func (m *machine) putSession(t *rapid.T) {
	client := m.client()
	state := mqtt.SessionState{ID: client, Expiry: rapid.Uint32().Draw(t, "expiry"), Fresh: rapid.Bool().Draw(t, "fresh")}
	if rapid.Bool().Draw(t, "away") {
		state.Disconnected = time.UnixMilli(rapid.Int64Range(1, 1<<41).Draw(t, "since")).UTC()
	}
	if rapid.Bool().Draw(t, "will") {
		state.Will = &mqtt.Will{Message: mqtt.Message{Topic: "will/" + client}, Delay: 3}
	}
	reset := rapid.Bool().Draw(t, "reset")
	m.queue.Must(&mqtt.Unit{Session: &state, SessionReset: reset})
	s := m.model.sessions[client]
	if s == nil || reset {
		s = &modelSession{
			subscriptions: map[string]mqtt.Subscription{}, inbound: map[uint16]bool{},
			lanes: map[mqtt.Lane]*modelLane{},
		}
		m.model.sessions[client] = s
	}
	s.state = state
}

func (m *machine) removeSession(*rapid.T) {
	client := m.client()
	m.queue.Must(&mqtt.Unit{SessionRemove: client})
	delete(m.model.sessions, client)
}

func (m *machine) subscribe(t *rapid.T) {
	client := m.client()
	filter := rapid.SampledFrom([]string{"x/#", "y/+", "z"}).Draw(t, "filter")
	add := rapid.Bool().Draw(t, "add")
	unit := &mqtt.Unit{SubscriptionsOf: client}
	s := mqtt.Subscription{
		Filter: filter, QoS: mqtt.QoS(rapid.IntRange(0, 2).Draw(t, "qos")),
		Identifier: rapid.Uint32().Draw(t, "identifier"), NoLocal: rapid.Bool().Draw(t, "no local"),
	}
	if add {
		unit.Subscribe = []mqtt.Subscription{s}
	} else {
		unit.Unsubscribe = []string{filter}
	}
	err := m.queue.Try(unit)
	known := m.model.sessions[client]
	if (err == nil) != (known != nil) {
		t.Fatalf("subscribe: known session %t, error %v", known != nil, err)
	}
	switch {
	case known == nil:
	case add:
		known.subscriptions[filter] = s
	default:
		delete(known.subscriptions, filter)
	}
}

// publish sends one message to some sessions; some deliveries are acknowledged before they can be written.
func (m *machine) publish(t *rapid.T) {
	message := &mqtt.Message{Topic: "t", Payload: []byte(rapid.StringN(0, 20, -1).Draw(t, "payload")), QoS: 2}
	if rapid.Bool().Draw(t, "expires") {
		message.Expires = m.queue.Now().Add(time.Duration(rapid.IntRange(1, 5).Draw(t, "minutes")) * time.Minute)
	}
	unit := &mqtt.Unit{MessageID: m.model.nextID, Message: message}
	m.model.nextID++
	lane := mqtt.Lane(rapid.IntRange(0, 1).Draw(t, "lane"))
	for _, client := range clients {
		if rapid.Bool().Draw(t, "to "+client) {
			m.deliver(t, unit, client, lane)
		}
	}
	m.queue.Must(unit)
}

func (m *machine) deliver(t *rapid.T, unit *mqtt.Unit, client string, lane mqtt.Lane) {
	d := &mqtt.Queued{
		Session: client, Lane: lane, MessageID: unit.MessageID, Message: unit.Message,
		QoS: mqtt.QoS(rapid.IntRange(0, 2).Draw(t, "qos")), Retain: rapid.Bool().Draw(t, "retain"), Size: unit.Message.Size(),
	}
	unit.Deliveries = append(unit.Deliveries, d)
	s := m.model.sessions[client]
	if s == nil {
		return
	}
	l := s.lanes[lane]
	if l == nil {
		l = &modelLane{}
		s.lanes[lane] = l
	}
	d.Position = l.next
	l.next++
	if rapid.IntRange(0, 3).Draw(t, "early") == 0 && d.Elide() {
		l.elided = append(l.elided, d)
		return
	}
	l.rows, l.highest, l.written = append(l.rows, d), l.next, true
}

// finish ends some deliveries in one unit, in any order, also elided ones and some twice.
func (m *machine) finish(t *rapid.T) {
	unit := &mqtt.Unit{}
	for _, client := range slices.Sorted(maps.Keys(m.model.sessions)) {
		for _, l := range m.model.sessions[client].lanes {
			unit.Finished = append(unit.Finished, l.elided...)
			keep := l.rows[:0:0]
			for _, d := range l.rows {
				if rapid.IntRange(0, 2).Draw(t, "keep") == 0 {
					keep = append(keep, d)
				} else {
					unit.Finished = append(unit.Finished, d)
				}
			}
			l.rows = keep
		}
	}
	m.queue.Must(unit)
	m.queue.Must(unit)
}

func (m *machine) received(t *rapid.T) {
	for _, s := range m.model.sessions {
		for _, l := range s.lanes {
			if len(l.rows) == 0 {
				continue
			}
			i := rapid.IntRange(0, len(l.rows)-1).Draw(t, "row")
			some := l.rows[i : i+rapid.IntRange(1, len(l.rows)-i).Draw(t, "rows")]
			m.queue.Must(&mqtt.Unit{Received: some})
			for _, row := range some {
				row.State = mqtt.DeliveryReceived
			}
		}
	}
}

func (m *machine) inbound(t *rapid.T) {
	client := m.client()
	origin := mqtt.Origin{Session: client, PacketID: uint16(rapid.IntRange(1, 3).Draw(t, "packet"))}
	s := m.model.sessions[client]
	if s == nil {
		s = &modelSession{inbound: map[uint16]bool{}}
	}
	switch rapid.IntRange(0, 2).Draw(t, "what") {
	case 0:
		m.queue.Must(&mqtt.Unit{InboundAdd: origin})
		s.inbound[origin.PacketID] = true
	case 1:
		m.queue.Must(&mqtt.Unit{InboundRemove: origin})
		delete(s.inbound, origin.PacketID)
	case 2:
		m.queue.Must(&mqtt.Unit{InboundClear: client})
		clear(s.inbound)
	}
}

func (m *machine) retain(t *rapid.T) {
	topic := rapid.SampledFrom([]string{"r/1", "r/2"}).Draw(t, "topic")
	payload := rapid.SampledFrom([]string{"", "1", "22"}).Draw(t, "payload")
	m.queue.Must(&mqtt.Unit{Retained: []*mqtt.Message{{Topic: topic, Payload: []byte(payload), Retain: true}}})
	m.model.retained[topic] = payload
	if payload == "" {
		delete(m.model.retained, topic)
	}
}

func (m *machine) reopen(*rapid.T) {
	m.queue.stop()
	m.open()
	m.restarted()
}

// restarted: positions of elided deliveries may be used again, since nobody remembers them.
func (m *machine) restarted() {
	for _, s := range m.model.sessions {
		for key, l := range s.lanes {
			l.next, l.elided = l.highest, nil
			if !l.written {
				delete(s.lanes, key)
			}
		}
	}
}

// crash goes on with a copy of the files as they are while the database is open, as after a kill. The files are read
// here only: nothing may open them in the process whose locks matter, but this one is about to be given up.
func (m *machine) crash(*rapid.T) {
	folder, err := os.MkdirTemp(m.tb.TempDir(), "crash-*")
	if err != nil {
		m.t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		copyFile(m.t, m.path+suffix, filepath.Join(folder, "queue.db"+suffix))
	}
	m.queue.stop()
	m.path = folder + "/queue.db"
	m.open()
	if r := m.queue.Recovered(); r != nil {
		m.t.Fatalf("the copy was taken for damaged: %v", r.Reason)
	}
	m.restarted()
}

type fatal interface{ Fatal(args ...any) }

func copyFile(t fatal, from, to string) {
	source, err := os.Open(from)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) check(t *rapid.T) {
	want := mqtt.Snapshot{}
	for _, client := range slices.Sorted(maps.Keys(m.model.sessions)) {
		want.Sessions = append(want.Sessions, m.model.sessions[client].snapshot())
	}
	for _, topic := range slices.Sorted(maps.Keys(m.model.retained)) {
		want.Retained = append(want.Retained, &mqtt.Message{Topic: topic, Payload: []byte(m.model.retained[topic]), Retain: true})
	}
	got := m.queue.MustLoad()
	if got.NextMessageID > m.model.nextID {
		t.Fatalf("next message %d, only %d were made", got.NextMessageID, m.model.nextID)
	}
	got.NextMessageID = 0
	if diff := cmp.Diff(want, got, equal); diff != "" {
		t.Fatal(diff)
	}
	m.checkLosses(t)
	for client, s := range m.model.sessions {
		for key, l := range s.lanes {
			if diff := cmp.Diff(l.rows, m.queue.MustBacklog(client, key, 0, 1000, 1<<20), equal); diff != "" {
				t.Fatalf("backlog of %s: %s", client, diff)
			}
		}
	}
}

func (s *modelSession) snapshot() mqtt.SessionState {
	state := s.state
	for _, filter := range slices.Sorted(maps.Keys(s.subscriptions)) {
		state.Subscriptions = append(state.Subscriptions, s.subscriptions[filter])
	}
	state.Inbound = slices.Sorted(maps.Keys(s.inbound))
	for _, key := range slices.Sorted(maps.Keys(s.lanes)) {
		l := s.lanes[key]
		if !l.written {
			continue
		}
		row := mqtt.LaneState{
			Lane: key, Next: l.highest, Messages: int64(len(l.rows)), NextExpiry: s.nextExpiry(time.Time{}),
		}
		for _, d := range l.rows {
			row.Bytes += int64(d.Size)
		}
		state.Lanes = append(state.Lanes, row)
	}
	return state
}
