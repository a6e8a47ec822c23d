package poller_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/live"
	"github.com/tidegate/tidegate/gateway/poller"
	"github.com/tidegate/tidegate/mqtt"
)

// wire is a fake of what we do not own: the devices behind a driver. Its fields are set before the wire is used or under
// mu; hooks run on the poller's goroutine.
type wire struct {
	mu      sync.Mutex // guards everything that follows
	openErr error
	opens   []time.Time
	polls   []poll
	broken  error
	took    map[string]time.Duration // how long a poll of a device takes
	silent  map[string]bool          // devices that do not answer within a second
	badFast map[string]string        // device -> exception at once
	values  map[gateway.PointKey]gateway.Value
	writes  []time.Time
	open    int
	doubt   string
	most    int  // wires that were open at once
	hangsUp bool // the peer ends each connection after two answers
	looks   bool // its drivers are Explorers
	along   bool // its drivers are Gleaners
	learns  bool // its drivers are Learners
	patient bool // its drivers are Patients
	noisy   bool // its drivers are DamageCounters
}

type poll struct {
	device string
	points int
	at     time.Time
}

func newWire() *wire {
	return &wire{
		took: map[string]time.Duration{}, silent: map[string]bool{}, badFast: map[string]string{},
		values: map[gateway.PointKey]gateway.Value{},
	}
}

func (w *wire) set(change func(*wire)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

func (w *wire) Open(context.Context, gateway.Connection) (gateway.Driver, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opens = append(w.opens, time.Now())
	if w.openErr != nil {
		return nil, w.openErr
	}
	w.open++
	w.most = max(w.most, w.open)
	switch {
	case w.looks:
		return explorer{&driver{wire: w}}, nil
	case w.noisy:
		return noisy{&driver{wire: w}}, nil
	case w.patient:
		return patient{&driver{wire: w}}, nil
	case w.along:
		return along{&driver{wire: w}}, nil
	case w.learns:
		return &pupil{driver: &driver{wire: w}, known: map[string]gateway.Learned{}}, nil
	}
	return &driver{wire: w}, nil
}

type driver struct {
	wire  *wire
	once  sync.Once
	polls int
}

func (d *driver) Close() error {
	d.once.Do(func() { d.wire.set(func(w *wire) { w.open-- }) })
	return nil
}

func (d *driver) Doubt() string {
	d.wire.mu.Lock()
	defer d.wire.mu.Unlock()
	return d.wire.doubt
}

func wait(ctx context.Context, duration time.Duration) {
	select {
	case <-time.After(duration):
	case <-ctx.Done():
	}
}

func (d *driver) Poll(ctx context.Context, device gateway.Device, points []gateway.Point) ([]gateway.Reading, error) {
	w := d.wire
	w.mu.Lock()
	if d.polls++; w.hangsUp && d.polls > 2 {
		w.mu.Unlock()
		return nil, errors.New("read: EOF")
	}
	w.polls = append(w.polls, poll{device.ID, len(points), time.Now()})
	broken, silent, took, reason := w.broken, w.silent[device.ID], w.took[device.ID], w.badFast[device.ID]
	w.mu.Unlock()
	if silent {
		took, reason = time.Second, "no answer within 1s"
	}
	wait(ctx, took)
	if broken != nil {
		return nil, broken
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	readings := make([]gateway.Reading, len(points))
	for i, p := range points {
		key := gateway.PointKey{Device: device.ID, Point: p.ID}
		readings[i] = gateway.Reading{Point: key, Quality: gateway.Good, Value: w.values[key], Time: time.Now()}
		if w.values[key].IsNull() {
			readings[i].Value = gateway.IntValue(int64(len(w.polls)))
		}
		if reason != "" {
			readings[i] = gateway.Reading{Point: key, Quality: gateway.Bad, Reason: reason, Time: time.Now()}
		}
	}
	return readings, nil
}

func (d *driver) Write(_ context.Context, device gateway.Device, p gateway.Point, v gateway.Value) (gateway.Reading, error) {
	w := d.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	key := gateway.PointKey{Device: device.ID, Point: p.ID}
	w.writes = append(w.writes, time.Now())
	w.values[key] = v
	return gateway.Reading{Point: key, Quality: gateway.Good, Value: v, Time: time.Now()}, nil
}

// sink is a publisher that keeps what it gets and settles when it is told to.
type sink struct {
	mu       sync.Mutex // guards everything that follows
	messages []*mqtt.Message
	hold     bool // do not settle
	stall    bool // Publish waits for its deadline
	held     []mqtt.Settle
}

func (s *sink) Publish(ctx context.Context, m *mqtt.Message, _ mqtt.Origin, settle mqtt.Settle) error {
	s.mu.Lock()
	stall := s.stall
	s.mu.Unlock()
	if stall {
		<-ctx.Done()
		return ctx.Err()
	}
	s.mu.Lock()
	s.messages = append(s.messages, m)
	hold := s.hold
	if hold {
		s.held = append(s.held, settle)
	}
	s.mu.Unlock()
	if !hold {
		settle(nil)
	}
	return nil
}

func (s *sink) Release(_ mqtt.Origin, done mqtt.Settle) { done(nil) }

type payload struct {
	V      gateway.Value `json:"v"`
	Q      string        `json:"q"`
	N      uint64        `json:"n"`
	State  string        `json:"state"`
	Reason string        `json:"reason"`
}

func (s *sink) of(t *testing.T, topic string) []payload {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var result []payload
	for _, m := range s.messages {
		if m.Topic != topic {
			continue
		}
		var p payload
		if err := json.Unmarshal(m.Payload, &p); err != nil {
			t.Fatalf("payload %s: %v", m.Payload, err)
		}
		result = append(result, p)
	}
	return result
}

type rig struct {
	wire   *wire
	sink   *sink
	live   *live.Hub
	poller *poller.Poller
	stop   func()
}

func point(id string) gateway.Point {
	return gateway.Point{ID: id, Address: "holding:0", Type: gateway.Int16, Writable: true}
}

func device(id string, points ...gateway.Point) gateway.Device {
	return gateway.Device{ID: id, Connection: "wire", Unit: 1, ScanClass: "normal", Points: points}
}

// start runs a poller with one interval for all points unless the point names another one; call it in a bubble.
func start(t *testing.T, w *wire, s *sink, numbers *poller.Numbers, devices ...gateway.Device) *rig {
	t.Helper()
	return startWith(t, w, s, numbers, nil, devices...)
}

func startWith(t *testing.T, w *wire, s *sink, numbers *poller.Numbers, memory gateway.Memory, devices ...gateway.Device) *rig {
	t.Helper()
	hub := live.New(1)
	r := &rig{wire: w, sink: s, live: hub}
	r.poller = poller.New(poller.Options{
		Connection: gateway.Connection{ID: "wire", URL: "tcp://127.0.0.1:1"},
		Devices:    devices,
		Interval: func(_ gateway.Device, p gateway.Point) time.Duration {
			if own, err := time.ParseDuration(p.ScanClass); err == nil {
				return own
			}
			return time.Second
		},
		GatewayName: "gw", Run: 7, Numbers: numbers,
		Open: w.Open, Publisher: s, Live: hub, Memory: memory, Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.poller.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	r.stop = sync.OnceFunc(func() { cancel(); <-done })
	return r
}

// pass lets fake time go by.
func pass(t *testing.T, duration time.Duration) {
	t.Helper()
	<-time.After(duration)
	synctest.Wait()
}

func TestReadingsArePublishedWithNumbersWithoutGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, newWire(), &sink{}, nil, device("a", point("x")))
		defer r.stop()
		pass(t, 10*time.Second)
		got := r.sink.of(t, "gw/a/x")
		if len(got) < 9 || len(got) > 11 {
			t.Fatalf("%d readings in 10 s at an interval of 1 s", len(got))
		}
		for i, p := range got {
			if p.N != uint64(i+1) || p.Q != "good" {
				t.Fatalf("reading %d: %+v", i, p)
			}
		}
		if state := r.poller.Status(); state.State != gateway.StateUp || state.Devices[0].State != gateway.StateUp {
			t.Errorf("status %+v", state)
		}
		if states := r.sink.of(t, "gw/a/state"); len(states) != 1 || states[0].State != "up" {
			t.Errorf("device states %+v", states)
		}
	})
}

func TestNumbersGoOnWhenAPollerIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		numbers, s := poller.NewNumbers(), &sink{}
		for range 2 {
			r := start(t, newWire(), s, numbers, device("a", point("x")))
			pass(t, 5*time.Second)
			r.stop()
		}
		for i, p := range s.of(t, "gw/a/x") {
			if p.N != uint64(i+1) {
				t.Fatalf("number %d is %d", i+1, p.N)
			}
		}
	})
}

func TestDownFromTheStartIsSaidOnceAndRetriedWithBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.openErr = errors.New("connection refused")
		r := start(t, w, &sink{}, nil, device("a", point("x")))
		defer r.stop()
		pass(t, 5*time.Minute)
		got := r.sink.of(t, "gw/a/x")
		if len(got) != 1 || got[0].Q != "bad" || !got[0].V.IsNull() {
			t.Errorf("readings of a wire that never opened: %+v", got)
		}
		if n := len(w.opens); n < 12 || n > 40 {
			t.Errorf("%d attempts in 5 minutes", n)
		}
		if s := r.poller.Status(); s.State != gateway.StateDown || s.Reason != "connection refused" {
			t.Errorf("status %+v", s)
		}
		w.set(func(w *wire) { w.openErr = nil })
		pass(t, 31*time.Second)
		if s := r.poller.Status(); s.State != gateway.StateUp {
			t.Errorf("status after it came back %+v", s)
		}
	})
}

func TestALostWireMakesPointsBadOnceAndNeverRepeatsTheOldValue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		r := start(t, w, &sink{}, nil, device("a", point("x")), device("b", point("y")))
		defer r.stop()
		pass(t, 5*time.Second)
		w.set(func(w *wire) { w.broken = errors.New("unplugged"); w.openErr = w.broken })
		pass(t, time.Minute)
		for _, topic := range []string{"gw/a/x", "gw/b/y"} {
			bad := 0
			for _, p := range r.sink.of(t, topic) {
				if p.Q == "bad" {
					bad++
				}
				if (p.Q == "bad") != p.V.IsNull() {
					t.Errorf("%s: %+v", topic, p)
				}
			}
			if bad != 1 {
				t.Errorf("%s: %d bad readings, want 1", topic, bad)
			}
		}
		for _, reading := range r.live.Snapshot() {
			if !reading.Value.IsNull() || reading.Quality != gateway.Bad || reading.Reason == "" {
				t.Errorf("live value of a lost wire: %+v", reading)
			}
		}
		w.set(func(w *wire) { w.broken, w.openErr = nil, nil })
		pass(t, 40*time.Second)
		if last := r.sink.of(t, "gw/a/x"); last[len(last)-1].Q != "good" {
			t.Errorf("no good reading after the wire came back")
		}
		if w.open != 1 {
			t.Errorf("%d open wires", w.open)
		}
	})
}

// Three dead devices of ten on one line leave the others their rate.
func TestTheLivingKeepTheirRateNextToTheDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		var devices []gateway.Device
		for n := range 10 {
			id := fmt.Sprintf("d%d", n)
			devices = append(devices, device(id, point("x")))
			w.took[id], w.silent[id] = 50*time.Millisecond, n >= 7
		}
		r := start(t, w, &sink{}, nil, devices...)
		defer r.stop()
		pass(t, 10*time.Minute)
		polls := map[string]int{}
		for _, p := range w.polls {
			polls[p.device]++
		}
		for _, d := range devices[:7] {
			if polls[d.ID] < 570 { // 95 % of 600
				t.Errorf("%d polls of %s in 600 s", polls[d.ID], d.ID)
			}
		}
	})
}

func TestADeadDeviceTakesLittleOfTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.silent["dead1"], w.silent["dead2"], w.took["live"] = true, true, 20*time.Millisecond
		r := start(t, w, &sink{}, nil,
			device("live", point("x")), device("dead1", point("x"), point("y")), device("dead2", point("x")))
		defer r.stop()
		pass(t, 10*time.Minute)
		alive, probes := 0, 0
		for _, p := range w.polls {
			switch {
			case p.device == "live":
				alive++
			case p.points == 1:
				probes++
			}
		}
		if alive < 570 { // 95 % of 600
			t.Errorf("%d polls of the living device in 600 s", alive)
		}
		if probes > 34 { // 5 % of 600 s at 1 s each, and the first polls
			t.Errorf("%d probes of 1 s in 600 s", probes)
		}
		status := r.poller.Status()
		if status.State != gateway.StateDegraded || status.Devices[1].State != gateway.StateDown || status.Devices[0].State != gateway.StateUp {
			t.Errorf("status %+v", status)
		}
		if got := r.sink.of(t, "gw/dead1/y"); len(got) != 1 || got[0].Q != "bad" {
			t.Errorf("readings of a dead device: %+v", got)
		}
		w.set(func(w *wire) { w.silent["dead1"] = false })
		pass(t, 2*time.Minute)
		if got := r.sink.of(t, "gw/dead1/y"); len(got) < 50 {
			t.Errorf("%d readings in the two minutes after the device came back", len(got))
		}
	})
}

func TestADeviceThatAnswersWithErrorsIsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.badFast["a"] = "illegal data address"
		r := start(t, w, &sink{}, nil, device("a", point("x")))
		defer r.stop()
		pass(t, time.Minute)
		if d := r.poller.Status().Devices[0]; d.State != gateway.StateDegraded || d.Reason != "x: illegal data address" {
			t.Errorf("device %+v", d)
		}
		if len(w.polls) < 58 {
			t.Errorf("%d polls in a minute", len(w.polls))
		}
	})
}

func TestAWriteGoesBeforeThePolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.took["a"] = 300 * time.Millisecond // three devices at 200 ms each: the wire is overloaded
		w.took["b"], w.took["c"] = w.took["a"], w.took["a"]
		fast := point("x")
		fast.ScanClass = "200ms"
		fast.Scale, fast.Offset = 0.1, 5
		r := start(t, w, &sink{}, nil, device("a", fast), device("b", fast), device("c", fast))
		defer r.stop()
		pass(t, 2050*time.Millisecond)
		before := time.Now()
		reading, err := r.poller.Write(t.Context(), gateway.PointKey{Device: "b", Point: "x"}, gateway.FloatValue(21.5))
		if err != nil || reading.Value != gateway.FloatValue(21.5) {
			t.Fatalf("%v, %v", reading, err)
		}
		if waited := time.Since(before); waited > 300*time.Millisecond {
			t.Errorf("the write waited %s: longer than one poll", waited)
		}
		if raw := w.values[gateway.PointKey{Device: "b", Point: "x"}]; raw != gateway.FloatValue(165) {
			t.Errorf("raw value %s, want 165", raw)
		}
	})
}

func TestAStormOfWritesDoesNotStopThePolling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.took["a"] = 10 * time.Millisecond
		r := start(t, w, &sink{}, nil, device("a", point("x")))
		pass(t, time.Second)
		before := len(w.polls)
		ctx, cancel := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for ctx.Err() == nil {
					wait(ctx, time.Millisecond)
					_, _ = r.poller.Write(ctx, gateway.PointKey{Device: "a", Point: "x"}, gateway.IntValue(1))
				}
			})
		}
		pass(t, 10*time.Second)
		cancel()
		writers.Wait()
		if polls := len(w.polls) - before; polls < 9 {
			t.Errorf("%d polls in 10 s of writing", polls)
		}
		r.stop()
	})
}

func TestRefusedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		readOnly := point("r")
		readOnly.Writable = false
		w := newWire()
		r := start(t, w, &sink{}, nil, device("a", point("x"), readOnly))
		pass(t, time.Second)
		write := func(point string) gateway.Code {
			_, err := r.poller.Write(t.Context(), gateway.PointKey{Device: "a", Point: point}, gateway.IntValue(1))
			return gateway.CodeOf(err)
		}
		if code := write("r"); code != gateway.Invalid {
			t.Errorf("write to a read-only point: %q", code)
		}
		if code := write("nothing"); code != gateway.NotFound {
			t.Errorf("write to an unknown point: %q", code)
		}
		w.set(func(w *wire) { w.broken = errors.New("unplugged"); w.openErr = w.broken })
		pass(t, 2*time.Second)
		if code := write("x"); code != gateway.Unavailable {
			t.Errorf("write on a wire that is down: %q", code)
		}
		r.stop()
		if code := write("x"); code != gateway.Unavailable {
			t.Errorf("write on a stopped connection: %q", code)
		}
	})
}

func TestTestReadsAnotherDeviceBetweenPolls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.values[gateway.PointKey{Device: "new", Point: "x"}] = gateway.IntValue(214)
		r := start(t, w, &sink{}, nil, device("a", point("x")))
		defer r.stop()
		pass(t, time.Second)
		p := point("x")
		p.Scale = 0.1
		got, err := r.poller.Test(t.Context(), device("new", p))
		if err != nil || len(got) != 1 || got[0].Value.String() != "21.400000000000002" {
			t.Errorf("%v, %v", got, err)
		}
		if published := r.sink.of(t, "gw/new/x"); len(published) != 0 {
			t.Errorf("a test was published: %v", published)
		}
	})
}

// explorer is a wire that can be looked at.
type explorer struct{ gateway.Driver }

func (explorer) FindUnits(context.Context, gateway.UnitSearch) ([]gateway.FoundUnit, error) {
	return []gateway.FoundUnit{{Unit: 7}}, nil
}

func (explorer) ReadRange(context.Context, gateway.Range) ([]gateway.Place, error) { return nil, nil }

// TestALookGoesOverTheOpenWire, and is refused where the driver cannot do it.
func TestALookGoesOverTheOpenWire(t *testing.T) {
	for _, can := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			w := newWire()
			w.looks = can
			r := start(t, w, &sink{}, nil, device("a", point("x")))
			defer r.stop()
			pass(t, time.Second)
			var found []gateway.FoundUnit
			err := r.poller.Explore(t.Context(), func(ctx context.Context, e gateway.Explorer) (err error) {
				found, err = e.FindUnits(ctx, gateway.UnitSearch{From: 1, To: 9})
				return err
			})
			if can && (err != nil || len(found) != 1) || !can && gateway.CodeOf(err) != gateway.Invalid {
				t.Errorf("can %v: %v, %v", can, found, err)
			}
		})
	}
}

func TestADeadDiskStopsNeitherPollingNorLiveValues(t *testing.T) {
	for name, change := range map[string]func(*sink){
		"nothing settles":  func(s *sink) { s.hold = true },
		"publishing waits": func(s *sink) { s.stall = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &sink{}
				change(s)
				w := newWire()
				r := start(t, w, s, nil, device("a", point("x")))
				pass(t, time.Minute)
				if len(w.polls) < 58 {
					t.Errorf("%d polls in a minute", len(w.polls))
				}
				if latest := r.live.Snapshot()[0]; time.Since(latest.Time) > 2*time.Second {
					t.Errorf("the live value is %s old", time.Since(latest.Time))
				}
				if len(s.of(t, "gw/a/x")) > 7 {
					t.Errorf("%d cycles are unsettled", len(s.messages))
				}
				if dropped := r.poller.Status().Dropped; dropped < 40 {
					t.Errorf("%d dropped", dropped)
				}
				before := time.Now()
				r.stop()
				if took := time.Since(before); took > 3*time.Second {
					t.Errorf("the end took %s", took)
				}
			})
		})
	}
}

func TestEndUnblocksAPollInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.took["a"] = time.Hour
		r := start(t, w, &sink{}, nil, device("a", point("x")))
		pass(t, 5*time.Second)
		before := time.Now()
		r.stop()
		synctest.Wait()
		if time.Since(before) > 0 || w.open != 0 {
			t.Errorf("the end took %s, %d wires are open", time.Since(before), w.open)
		}
		if states := r.sink.of(t, "gw/a/state"); len(states) == 0 || states[len(states)-1].State != "down" {
			t.Errorf("states %+v", states)
		}
		if left := r.live.Snapshot(); len(left) != 0 {
			t.Errorf("live values of a stopped connection: %v", left)
		}
	})
}
