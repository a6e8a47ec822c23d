package supervisor_test

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/supervisor"
)

// plant records what the supervisor does with its runners.
type plant struct {
	mu         sync.Mutex // guards everything that follows
	config     gateway.Config
	log        []string
	saves      int
	bridgeErr  error
	removeErrs int
	panics     int
	clearErrs  int
	cleared    []string // topics
	saveErr    error
	forgetErr  error
	taken      map[string]bool // addresses
	told       []gateway.Listener
}

func (p *plant) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, text)
}

// events gives what happened since the last call.
func (p *plant) events() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	events := p.log
	p.log = nil
	return events
}

func (p *plant) Load(context.Context) (gateway.Config, error) { return p.config, nil }

func (p *plant) Save(_ context.Context, next gateway.Config, _ string) (gateway.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.saveErr != nil {
		return gateway.Config{}, p.saveErr
	}
	p.saves++
	next.Revision++
	p.config = next
	return next, nil
}

type connectionRunner struct {
	plant   *plant
	id      string
	devices []gateway.Device
}

func (r *connectionRunner) Run(ctx context.Context) error {
	r.plant.note("start " + r.id)
	r.plant.mu.Lock()
	broken := r.plant.panics > 0
	r.plant.panics--
	r.plant.mu.Unlock()
	if broken {
		panic("a driver went mad")
	}
	<-ctx.Done()
	r.plant.note("stop " + r.id)
	return nil
}

func (r *connectionRunner) Status() gateway.ConnectionStatus {
	status := gateway.ConnectionStatus{ID: r.id, State: gateway.StateUp}
	for _, d := range r.devices {
		status.Devices = append(status.Devices, gateway.DeviceStatus{ID: d.ID, State: gateway.StateUp})
	}
	return status
}
func (r *connectionRunner) Readings() uint64 { return 10 }

func (r *connectionRunner) Test(context.Context, gateway.Device) ([]gateway.Reading, error) {
	r.plant.note("test " + r.id)
	return nil, nil
}

func (r *connectionRunner) Write(context.Context, gateway.PointKey, gateway.Value) (gateway.Reading, error) {
	r.plant.note("write " + r.id)
	return gateway.Reading{}, nil
}

func (r *connectionRunner) Explore(ctx context.Context, look func(context.Context, gateway.Explorer) error) error {
	r.plant.note("explore " + r.id)
	return look(ctx, wire{r.plant})
}

type bridgeRunner struct {
	plant *plant
	id    string
}

func (r *bridgeRunner) Run(ctx context.Context) error {
	r.plant.note("start " + r.id)
	<-ctx.Done()
	r.plant.note("stop " + r.id)
	return nil
}

func (*bridgeRunner) Flush() {}

func (r *bridgeRunner) Status() gateway.BridgeStatus {
	return gateway.BridgeStatus{ID: r.id, State: gateway.StateUp}
}

// wire is what a test without a running connection opens.
type wire struct{ plant *plant }

func (w wire) Poll(_ context.Context, d gateway.Device, points []gateway.Point) ([]gateway.Reading, error) {
	var readings []gateway.Reading
	for _, p := range points {
		readings = append(readings, gateway.Reading{
			Point: gateway.PointKey{Device: d.ID, Point: p.ID}, Value: gateway.IntValue(100), Quality: gateway.Good,
		})
	}
	return readings, nil
}

func (w wire) Write(context.Context, gateway.Device, gateway.Point, gateway.Value) (gateway.Reading, error) {
	return gateway.Reading{}, errors.New("not in this test")
}

func (w wire) FindUnits(_ context.Context, search gateway.UnitSearch) ([]gateway.FoundUnit, error) {
	if search.From%2 != 0 {
		return nil, nil
	}
	return []gateway.FoundUnit{{Unit: search.From}}, nil
}

func (w wire) ReadRange(_ context.Context, span gateway.Range) ([]gateway.Place, error) {
	return []gateway.Place{{Address: span.Address}}, nil
}

func (w wire) Close() error { w.plant.note("close"); return nil }

func config() gateway.Config {
	point := gateway.Point{ID: "x", Address: "holding:0", Type: gateway.Int16}
	return gateway.Config{
		Revision: 1, Name: "gw", ScanClasses: gateway.DefaultScanClasses(),
		Connections: []gateway.Connection{{ID: "one", URL: "tcp://a:1"}, {ID: "two", URL: "tcp://b:1"}},
		Devices: []gateway.Device{
			{ID: "d1", Connection: "one", ScanClass: "normal", Points: []gateway.Point{point}},
			{ID: "d2", Connection: "two", ScanClass: "normal", Points: []gateway.Point{point}},
		},
		Bridges: []gateway.Bridge{{ID: "cloud", URL: "mqtt://c:1883", Password: "geheim"}},
	}
}

type rig struct {
	*supervisor.Supervisor
	plant *plant
	stop  func()
}

// start runs a supervisor with config; call it in a bubble.
func start(t *testing.T, p *plant) *rig {
	t.Helper()
	s := supervisor.New(supervisor.Options{
		Store: p,
		Check: func(c gateway.Config) error {
			for _, x := range c.Connections {
				if strings.HasPrefix(x.URL, "bad:") {
					return gateway.FieldErrorf("connections[0].url", "no such driver")
				}
			}
			return nil
		},
		Memory: p,
		Open: func(context.Context, gateway.Connection) (gateway.Driver, error) {
			p.note("open")
			return wire{p}, nil
		},
		NewConnection: func(_ gateway.Config, c gateway.Connection, devices []gateway.Device) supervisor.ConnectionRunner {
			return &connectionRunner{p, c.ID, devices}
		},
		NewBridge: func(_ context.Context, _ gateway.Config, b gateway.Bridge) (supervisor.BridgeRunner, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.bridgeErr != nil {
				return nil, p.bridgeErr
			}
			return &bridgeRunner{p, b.ID}, nil
		},
		RemoveBridge: func(_ context.Context, id string) error {
			p.note("remove " + id)
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.removeErrs > 0 {
				p.removeErrs--
				return errors.New("disk full")
			}
			return nil
		},
		ClearRetained: func(_ context.Context, topic string) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.clearErrs > 0 {
				p.clearErrs--
				return errors.New("disk full")
			}
			p.cleared = append(p.cleared, topic)
			return nil
		},
		OpenListener: func(_ context.Context, l gateway.Listener) (supervisor.ListenerRunner, error) {
			p.note("open " + l.ID)
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.taken[l.Address] {
				return nil, errors.New("the address is taken")
			}
			return &listenerRunner{p, l.ID}, nil
		},
		Configured: func(config gateway.Config) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.told = config.Listeners
		},
		Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	r := &rig{Supervisor: s, plant: p, stop: sync.OnceFunc(func() { cancel(); <-done })}
	synctest.Wait()
	return r
}

func (r *rig) mustApply(t *testing.T, change func(*gateway.Config)) gateway.Config {
	t.Helper()
	next := clone(r.Config())
	change(&next)
	saved, err := r.Apply(t.Context(), next, "anna")
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	synctest.Wait()
	return saved
}

// clone copies what the tests change: configuration is replaced, not edited.
func clone(c gateway.Config) gateway.Config {
	c.Listeners = slices.Clone(c.Listeners)
	c.Connections, c.Devices, c.Bridges = slices.Clone(c.Connections), slices.Clone(c.Devices), slices.Clone(c.Bridges)
	for i := range c.Devices {
		c.Devices[i].Points = slices.Clone(c.Devices[i].Points)
	}
	return c
}

func want(t *testing.T, got []string, expected ...string) {
	t.Helper()
	if !slices.Equal(got, expected) {
		t.Errorf("it did %q, want %q", got, expected)
	}
}

func sorted(events []string) []string { slices.Sort(events); return events }

func TestRunStartsAllAndEndsConnectionsBeforeBridges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config()})
		want(t, sorted(r.plant.events()), "start cloud", "start one", "start two")
		r.stop()
		events := r.plant.events()
		if len(events) != 3 || events[2] != "stop cloud" {
			t.Errorf("the end: %q", events)
		}
		if _, err := r.Apply(t.Context(), r.Config(), "anna"); gateway.CodeOf(err) != gateway.Unavailable {
			t.Errorf("Apply after the end: %v", err)
		}
	})
}

func TestApplyRestartsOnlyWhatChanged(t *testing.T) {
	changes := map[string]struct {
		change func(*gateway.Config)
		want   []string
	}{
		"nothing":                {func(*gateway.Config) {}, nil},
		"names for people":       {func(c *gateway.Config) { c.Devices[0].Name, c.Connections[1].Name, c.Bridges[0].Name = "a", "b", "c" }, nil},
		"redacted secret":        {func(c *gateway.Config) { c.Bridges[0].Password = gateway.Redacted }, nil},
		"empty for absent lists": {func(c *gateway.Config) { c.Bridges[0].Routes = []gateway.Route{} }, nil},
		"a point":                {func(c *gateway.Config) { c.Devices[0].Points[0].Scale = 2 }, []string{"stop one", "start one"}},
		"a timeout":              {func(c *gateway.Config) { c.Connections[1].Timeout = 2e9 }, []string{"stop two", "start two"}},
		"the class of a device":  {func(c *gateway.Config) { c.Devices[1].ScanClass = "slow" }, []string{"stop two", "start two"}},
		"connection off":         {func(c *gateway.Config) { c.Connections[0].Disabled = true }, []string{"stop one"}},
		"device off":             {func(c *gateway.Config) { c.Devices[0].Disabled = true }, []string{"stop one", "start one"}},
		"bridge off":             {func(c *gateway.Config) { c.Bridges[0].Disabled = true }, []string{"stop cloud"}},
		"bridge changed":         {func(c *gateway.Config) { c.Bridges[0].URL = "mqtt://d:1883" }, []string{"stop cloud", "start cloud"}},
		"bridge deleted":         {func(c *gateway.Config) { c.Bridges = nil }, []string{"stop cloud", "remove cloud"}},
	}
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, &plant{config: config()})
				defer r.stop()
				r.plant.events()
				r.mustApply(t, test.change)
				want(t, r.plant.events(), test.want...)
			})
		})
	}
}

func TestAllStopsComeBeforeAllStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config()})
		defer r.stop()
		r.plant.events()
		// The two connections change ports: each needs what the other one has.
		r.mustApply(t, func(c *gateway.Config) {
			c.Connections[0].URL, c.Connections[1].URL = c.Connections[1].URL, c.Connections[0].URL
		})
		events := r.plant.events()
		if len(events) != 4 || !strings.HasPrefix(events[0], "stop") || !strings.HasPrefix(events[1], "stop") {
			t.Errorf("order %q", events)
		}
	})
}

func TestRefusedChangesChangeNothing(t *testing.T) {
	changes := map[string]struct {
		change func(*gateway.Config)
		code   gateway.Code
	}{
		"invalid":        {func(c *gateway.Config) { c.Devices[0].Unit = 300 }, gateway.Invalid},
		"refused driver": {func(c *gateway.Config) { c.Connections[0].URL = "bad://x" }, gateway.Invalid},
		"stale revision": {func(c *gateway.Config) { c.Revision = 0; c.Devices[0].Unit = 3 }, gateway.Conflict},
	}
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, &plant{config: config()})
				defer r.stop()
				r.plant.events()
				next := clone(r.Config())
				test.change(&next)
				if _, err := r.Apply(t.Context(), next, "anna"); gateway.CodeOf(err) != test.code {
					t.Errorf("error %v, want code %s", err, test.code)
				}
				want(t, r.plant.events())
				if r.plant.saves != 0 || !reflect.DeepEqual(r.Config(), config()) {
					t.Errorf("%d saves, configuration %+v", r.plant.saves, r.Config())
				}
			})
		})
	}
}

func TestApplyIsOneRevisionAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config()})
		defer r.stop()
		base := clone(r.Config())
		var writers sync.WaitGroup
		var mu sync.Mutex
		codes := map[gateway.Code]int{}
		for i := range 8 {
			writers.Go(func() {
				next := clone(base)
				next.Devices[0].Unit = i + 1
				_, err := r.Apply(t.Context(), next, "anna")
				mu.Lock()
				defer mu.Unlock()
				codes[gateway.CodeOf(err)]++
			})
		}
		writers.Wait()
		if codes[""] != 1 || codes[gateway.Conflict] != 7 {
			t.Errorf("outcomes %v, want one success and seven conflicts", codes)
		}
	})
}

func TestABridgeThatCannotStartIsAStatusAndComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &plant{config: config(), bridgeErr: errors.New("the disk is full")}
		r := start(t, p)
		defer r.stop()
		if b := r.Bridges()[0]; b.State != gateway.StateDown || b.Reason != "the disk is full" {
			t.Errorf("status %+v", b)
		}
		p.mu.Lock()
		p.bridgeErr = nil
		p.mu.Unlock()
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if b := r.Bridges()[0]; b.State != gateway.StateUp {
			t.Errorf("status %+v", b)
		}
	})
}

func TestAPanickingRunnerIsStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config(), panics: 1})
		defer r.stop()
		<-time.After(time.Minute)
		synctest.Wait()
		starts := 0
		for _, event := range r.plant.events() {
			if event == "start one" || event == "start two" {
				starts++
			}
		}
		if starts != 3 {
			t.Errorf("%d starts of two connections, one of which panicked once", starts)
		}
		if readings := r.Readings(); readings != 30 {
			t.Errorf("%d readings counted, want 30", readings)
		}
	})
}

func TestADeletedBridgeLosesItsSessionEvenIfTheDiskIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config(), removeErrs: 2})
		defer r.stop()
		r.mustApply(t, func(c *gateway.Config) { c.Bridges = nil })
		<-time.After(time.Minute)
		synctest.Wait()
		removes := 0
		for _, event := range r.plant.events() {
			if event == "remove cloud" {
				removes++
			}
		}
		if removes != 3 {
			t.Errorf("%d attempts to remove the session, want 3", removes)
		}
	})
}

func TestStatusOfWhatIsSwitchedOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config()})
		defer r.stop()
		r.mustApply(t, func(c *gateway.Config) { c.Connections[0].Disabled, c.Devices[1].Disabled = true, true })
		list := r.Connections()
		if list[0].State != gateway.StateDisabled || list[0].Devices[0].State != gateway.StateDisabled || list[0].Since.IsZero() {
			t.Errorf("connection that is off: %+v", list[0])
		}
		if list[1].State != gateway.StateUp || list[1].Devices[0].State != gateway.StateDisabled {
			t.Errorf("connection with a device that is off: %+v", list[1])
		}
	})
}

func TestTestUsesTheRunningWireOrItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config()})
		defer r.stop()
		r.plant.events()
		device := gateway.Device{Unit: 1, Points: []gateway.Point{{ID: "x", Address: "holding:0", Type: gateway.Int16, Scale: 0.5}}}
		if _, err := r.Test(t.Context(), gateway.Connection{URL: "tcp://a:1"}, device); err != nil {
			t.Fatal(err)
		}
		want(t, r.plant.events(), "test one")
		readings, err := r.Test(t.Context(), gateway.Connection{URL: "tcp://elsewhere:1"}, device)
		if err != nil || len(readings) != 1 || readings[0].Value != gateway.FloatValue(50) {
			t.Errorf("%v, %v", readings, err)
		}
		want(t, r.plant.events(), "open", "close")
		device.Points[0].Type = "nonsense"
		if _, err := r.Test(t.Context(), gateway.Connection{URL: "tcp://a:1"}, device); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("test of an invalid point: %v", err)
		}
	})
}

// TestExplorationUsesTheRunningWireOrItsOwn; a search takes the running one for each unit anew, so that polls go on.
func TestExplorationUsesTheRunningWireOrItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config()})
		defer r.stop()
		r.plant.events()
		found, err := r.FindUnits(t.Context(), gateway.Connection{URL: "tcp://a:1"}, gateway.UnitSearch{From: 1, To: 4})
		if err != nil || len(found) != 2 || found[0].Unit != 2 || found[1].Unit != 4 {
			t.Errorf("%v, %v", found, err)
		}
		want(t, r.plant.events(), "explore one", "explore one", "explore one", "explore one")
		places, err := r.ReadRange(t.Context(), gateway.Connection{URL: "tcp://elsewhere:1"}, gateway.Range{Unit: 1, Address: "holding:5", Count: 1})
		if err != nil || len(places) != 1 || places[0].Address != "holding:5" {
			t.Errorf("%v, %v", places, err)
		}
		want(t, r.plant.events(), "open", "close")
		for name, search := range map[string]gateway.UnitSearch{"too many": {From: 1, To: 100}, "backwards": {From: 5, To: 4}} {
			if _, err := r.FindUnits(t.Context(), gateway.Connection{URL: "tcp://a:1"}, search); gateway.CodeOf(err) != gateway.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := r.FindUnits(t.Context(), gateway.Connection{URL: "bad:"}, gateway.UnitSearch{From: 1, To: 4}); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("a wrong connection: %v", err)
		}
		want(t, r.plant.events())
	})
}

func TestWriteFindsTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config()})
		defer r.stop()
		r.plant.events()
		write := func(device string) gateway.Code {
			_, err := r.Write(t.Context(), gateway.PointKey{Device: device, Point: "x"}, gateway.IntValue(1))
			return gateway.CodeOf(err)
		}
		if code := write("d2"); code != "" {
			t.Errorf("write: %s", code)
		}
		want(t, r.plant.events(), "write two")
		if code := write("nothing"); code != gateway.NotFound {
			t.Errorf("unknown device: %s", code)
		}
		r.mustApply(t, func(c *gateway.Config) { c.Connections[1].Disabled = true })
		if code := write("d2"); code != gateway.Unavailable {
			t.Errorf("device whose connection is off: %s", code)
		}
	})
}
