package supervisor

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// runners is what runs now. The maps are changed by the holder of the turn only, under mu of the supervisor.
type runners struct {
	connections map[string]*connection
	bridges     map[string]*bridge
	listeners   map[string]*listener
	// removals are deleted bridges whose sessions are still being deleted; they belong to the holder of the turn alone.
	removals map[string]*task
	// clearing removes what is retained of points that are gone; it belongs to the holder of the turn.
	clearing *clearing
	// disabled is since when a connection or device is known to be switched off, by the place in the configuration.
	disabled map[string]time.Time
	// readings counts those of runners that have ended.
	readings uint64
}

func newRunners() runners {
	return runners{
		connections: map[string]*connection{}, bridges: map[string]*bridge{}, listeners: map[string]*listener{},
		removals: map[string]*task{}, clearing: newClearing(), disabled: map[string]time.Time{},
	}
}

// connection is a connection at work; its runner is replaced when it ends by itself.
type connection struct {
	plan   connectionPlan
	task   *task
	create func() ConnectionRunner

	mu     sync.Mutex // guards everything that follows
	runner ConnectionRunner
	ended  uint64 // readings of earlier runners
}

func startConnection(ctx context.Context, logger *slog.Logger, plan connectionPlan, create func() ConnectionRunner) *connection {
	c := &connection{plan: plan, create: create, runner: create()}
	first := true
	c.task = startTask(ctx, func(ctx context.Context) {
		keep(ctx, logger, func(ctx context.Context) error {
			if !first {
				c.replace()
			}
			first = false
			return c.current().Run(ctx)
		})
	})
	return c
}

func (c *connection) current() ConnectionRunner {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.runner
}

func (c *connection) replace() {
	ended, next := c.current().Readings(), c.create()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended += ended
	c.runner = next
}

func (c *connection) readings() uint64 {
	c.mu.Lock()
	runner, ended := c.runner, c.ended
	c.mu.Unlock()
	return ended + runner.Readings()
}

// bridge is a bridge at work. Its runner is missing while its session cannot be opened.
type bridge struct {
	plan   bridgePlan
	task   *task
	create func(context.Context) (BridgeRunner, error)

	mu     sync.Mutex // guards everything that follows
	runner BridgeRunner
	failed gateway.BridgeStatus
}

// sessionLimit is how long Apply waits for the session of a new bridge; after that it is opened in the background.
const sessionLimit = 5 * time.Second

func startBridge(ctx context.Context, logger *slog.Logger, plan bridgePlan, create func(context.Context) (BridgeRunner, error)) *bridge {
	b := &bridge{plan: plan, create: create}
	b.failed = gateway.BridgeStatus{ID: plan.Bridge.ID, State: gateway.StateStarting, Since: time.Now()}
	// The session has to exist before the first reading comes: what happens on day one is queued too.
	first, cancel := context.WithTimeout(ctx, sessionLimit)
	defer cancel()
	if err := guarded(first, logger, b.open); err != nil {
		logger.Warn("the session of a bridge cannot be opened yet", "error", err)
	}
	b.task = startTask(ctx, func(ctx context.Context) { keep(ctx, logger, b.run) })
	return b
}

func (b *bridge) run(ctx context.Context) error {
	if b.current() == nil {
		if err := b.open(ctx); err != nil {
			return err
		}
	}
	defer b.set(nil, "the bridge is started again")
	return b.current().Run(ctx)
}

func (b *bridge) open(ctx context.Context) error {
	runner, err := b.create(ctx)
	if err != nil {
		b.set(nil, err.Error())
		return err
	}
	b.set(runner, "")
	return nil
}

func (b *bridge) current() BridgeRunner {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.runner
}

func (b *bridge) set(runner BridgeRunner, reason string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runner = runner
	if b.failed.State != gateway.StateDown {
		b.failed.State, b.failed.Since = gateway.StateDown, time.Now()
	}
	b.failed.Reason = reason
}

func (b *bridge) status() gateway.BridgeStatus {
	b.mu.Lock()
	runner, failed := b.runner, b.failed
	b.mu.Unlock()
	if runner == nil {
		return failed
	}
	return runner.Status()
}
