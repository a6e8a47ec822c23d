package supervisor

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"sync"

	"github.com/tidegate/tidegate/gateway"
)

// Store keeps the configuration; see storage/config.
type Store interface {
	// Load gives the configuration in force.
	Load(ctx context.Context) (gateway.Config, error)
	// Save stores next as a new revision and returns what was stored: with the new revision and with secrets that came
	// redacted replaced by the stored ones. Conflict when next.Revision is not the one in force.
	Save(ctx context.Context, next gateway.Config, author string) (gateway.Config, error)
}

// ConnectionRunner is one connection at work; see gateway/poller.
type ConnectionRunner interface {
	// Run blocks until ctx ends.
	Run(ctx context.Context) error
	Status() gateway.ConnectionStatus
	// Readings counts readings taken from the wire since the runner began.
	Readings() uint64
	// Test reads the points of a device once over the running wire.
	Test(ctx context.Context, device gateway.Device) ([]gateway.Reading, error)
	Write(ctx context.Context, point gateway.PointKey, value gateway.Value) (gateway.Reading, error)
	// Explore looks at the running wire between two polls.
	Explore(ctx context.Context, look func(context.Context, gateway.Explorer) error) error
}

// BridgeRunner is one bridge at work; see package bridge.
type BridgeRunner interface {
	// Run blocks until ctx ends.
	Run(ctx context.Context) error
	Status() gateway.BridgeStatus
	// Flush has it try now what it waits for; it never blocks.
	Flush()
}

// Options is what the supervisor needs from others; all fields are required.
type Options struct {
	Store Store
	// Check refuses what Validate cannot judge: URLs of connections and addresses of points. It opens nothing.
	Check func(gateway.Config) error
	// CheckPoint refuses the same of a point alone; the fields are the point's.
	CheckPoint func(gateway.Connection, gateway.Device, gateway.Point) error
	// Open opens a wire for a test of a connection that does not run.
	Open gateway.OpenDriver
	// Plan says how a device would be polled, with what is known about it; everything was checked.
	Plan func(gateway.Config, gateway.Connection, gateway.Device, gateway.Learned) (gateway.Plan, error)
	// Memory has what drivers have learned about devices.
	Memory gateway.Memory
	// Detect finds out the settings of a serial line; see drivers.Detect.
	Detect func(context.Context, gateway.Connection, gateway.LineSearch) ([]gateway.FoundLine, error)
	// NewConnection makes the runner of a connection with its enabled devices. It starts nothing.
	NewConnection func(gateway.Config, gateway.Connection, []gateway.Device) ConnectionRunner
	// NewBridge makes sure that the session of the bridge exists, and makes its runner.
	NewBridge func(context.Context, gateway.Config, gateway.Bridge) (BridgeRunner, error)
	// RemoveBridge deletes the session of a bridge that was deleted, with what is queued for it.
	RemoveBridge func(ctx context.Context, id string) error
	// ClearRetained removes the retained message of a topic whose point is gone, here and behind the bridges that carry it.
	ClearRetained func(ctx context.Context, topic string) error
	// OpenListener opens a listener of MQTT clients; nobody is let in before it runs.
	OpenListener func(context.Context, gateway.Listener) (ListenerRunner, error)
	// Configured is told what is in force from now on, the rules of the listeners among it, before a listener runs by them.
	Configured func(gateway.Config)
	Logger     *slog.Logger
}

// Supervisor runs connections and bridges as configured.
type Supervisor struct {
	options Options
	loaded  chan struct{} // closed when the configuration is loaded and everything is started, or Run has ended
	// turn is taken by whoever changes what runs: Run, while it starts and ends, and Apply. It guards running.
	turn    chan struct{}
	running context.Context // ends what runs; set while Run runs

	mu     sync.RWMutex // guards everything that follows
	config gateway.Config
	active runners
}

var _ gateway.Control = (*Supervisor)(nil)

// New makes a supervisor; Run starts it.
func New(options Options) *Supervisor {
	return &Supervisor{
		options: options,
		loaded:  make(chan struct{}),
		turn:    make(chan struct{}, 1),
		active:  newRunners(),
	}
}

// Run loads the configuration, runs it and everything that Apply makes of it, and ends all of it with ctx.
func (s *Supervisor) Run(ctx context.Context) error {
	s.turn <- struct{}{}
	config, err := s.options.Store.Load(ctx)
	if err != nil {
		close(s.loaded)
		<-s.turn
		return fmt.Errorf("load the configuration: %w", err)
	}
	// Runners are ended one after the other, not all at once by ctx: pollers before the bridges that carry their last words.
	s.running = context.WithoutCancel(ctx)
	s.reconcile(config, nil)
	close(s.loaded)
	<-s.turn
	<-ctx.Done()
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.stopAll()
	s.running = nil
	return nil
}

// Config is the configuration in force, with its secrets. It waits until Run has loaded it.
func (s *Supervisor) Config() gateway.Config {
	<-s.loaded
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.config
}

// Apply puts next into force as a new revision. Invalid and Conflict change nothing; a configuration that equals the one
// in force changes nothing either, and is no new revision.
func (s *Supervisor) Apply(ctx context.Context, next gateway.Config, author string) (gateway.Config, error) {
	if err := next.Validate(); err != nil {
		return gateway.Config{}, err
	}
	if err := s.options.Check(next); err != nil {
		return gateway.Config{}, err
	}
	if err := s.takeTurn(ctx); err != nil {
		return gateway.Config{}, err
	}
	defer func() { <-s.turn }()
	current := s.Config()
	if next.Revision != current.Revision {
		return gateway.Config{}, gateway.Errorf(gateway.Conflict,
			"the configuration was changed meanwhile: revision %d is in force, the edit was made from %d: reload and try again",
			current.Revision, next.Revision)
	}
	if reflect.DeepEqual(forComparison(next, current), forComparison(current, current)) {
		return current, nil
	}
	opened, err := s.openListeners(ctx, next)
	if err != nil {
		return gateway.Config{}, err
	}
	saved, err := s.options.Store.Save(ctx, next, author)
	if err != nil {
		closeListeners(s.options.Logger, opened)
		return gateway.Config{}, fmt.Errorf("save the configuration: %w", err)
	}
	s.options.Logger.Info("configuration applied", "revision", saved.Revision, "author", author)
	s.reconcile(saved, opened)
	return saved, nil
}

// takeTurn waits for others who change what runs, and for Run.
func (s *Supervisor) takeTurn(ctx context.Context) error {
	select {
	case <-s.loaded:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.running == nil {
		<-s.turn
		return gateway.Errorf(gateway.Unavailable, "the gateway is stopping: try again when it is back")
	}
	return nil
}
