package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/supervisor"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage/queue"
)

// backlogs measures what bridges have queued, and lets people handle it. A bridge has a backlog whether it runs or not, so
// none of this belongs to its runner.
type backlogs struct {
	supervisor *supervisor.Supervisor
	broker     *broker.Broker
	queue      *queue.Queue
	limits     broker.Limits // of sessions without limits of their own
	logger     *slog.Logger

	mu      sync.Mutex // guards what follows
	watched map[string]*watchedBacklog
	// earlier are alarms of before the start, by bridge, until it is clear whether they still hold.
	earlier map[string][]gateway.Alarm

	// states publishes the states of bridges; published are those that it has taken. Both are Run's.
	states    mqtt.Session
	published map[string]gateway.BridgeState
}

var _ gateway.Backlogs = (*backlogs)(nil)

func newBacklogs(
	s *supervisor.Supervisor, b *broker.Broker, q *queue.Queue, limits broker.Limits, earlier []gateway.Alarm,
	logger *slog.Logger,
) *backlogs {
	all := &backlogs{
		supervisor: s, broker: b, queue: q, limits: limits, logger: logger, watched: map[string]*watchedBacklog{},
		published: map[string]gateway.BridgeState{}, earlier: map[string][]gateway.Alarm{},
	}
	for _, alarm := range earlier {
		all.earlier[alarm.Subject] = append(all.earlier[alarm.Subject], alarm)
	}
	return all
}

// Run observes every second until ctx ends.
func (b *backlogs) Run(ctx context.Context) error {
	states, err := b.broker.Session(ctx, "$bridges", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	if err != nil {
		return fmt.Errorf("open the session for the states of bridges: %w", err)
	}
	b.states = states
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		b.observe(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (b *backlogs) observe(ctx context.Context) {
	statuses := b.supervisor.Bridges()
	for _, status := range statuses {
		id := bridgeSession(status.ID)
		q, _ := b.broker.Queue(id)
		age, known := b.broker.OldestQueued(ctx, id)
		up := status.State == gateway.StateUp || status.State == gateway.StateDegraded
		w := b.watch(status.ID)
		w.meter.Observe(time.Now(), q, up, age, known)
		b.protectDisk(status.ID, w, q)
		w.alarm(status, b.now(status.ID), q, time.Now())
	}
	b.forgetOthers(statuses)
	b.publishStates(ctx, statuses)
}

// forgetOthers ends the meters of bridges that are not configured any more.
func (b *backlogs) forgetOthers(statuses []gateway.BridgeStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id := range b.watched {
		configured := false
		for i := range statuses {
			configured = configured || statuses[i].ID == id
		}
		if !configured {
			delete(b.watched, id)
		}
	}
}

func (b *backlogs) watch(id string) *watchedBacklog {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.watched[id]
	if w == nil {
		w = &watchedBacklog{meter: bridge.NewMeter(), earlier: b.earlier[id]}
		b.watched[id] = w
		delete(b.earlier, id)
	}
	return w
}

// bridges is how all bridges are doing, with their backlogs.
func (b *backlogs) bridges() []gateway.BridgeStatus {
	statuses := b.supervisor.Bridges()
	for i := range statuses {
		statuses[i].Backlog = b.now(statuses[i].ID)
	}
	return statuses
}

// now is the backlog of now: sizes are exact, the rest is a second old at most.
func (b *backlogs) now(id string) gateway.Backlog {
	w := b.watch(id)
	backlog := w.meter.Backlog()
	if q, exists := b.broker.Queue(bridgeSession(id)); exists {
		backlog.Messages, backlog.Bytes, backlog.Dropped = q.Messages, q.Bytes, q.Dropped
		backlog.Urgent, backlog.Parked = q.Priority, q.Parked
		if c, err := b.configured(id); err == nil && c.Pace.LiveShare > 0 {
			backlog.Urgent, backlog.Live = 0, &q.Priority
		}
	}
	rate, known := w.meter.HourRate()
	backlog.Limit = bridge.Limit(backlog, b.bounds(id, w), time.Now(), rate, known)
	return backlog
}

// Course is a backlog with its past.
func (b *backlogs) Course(id string, since time.Time) (gateway.BacklogCourse, error) {
	if _, err := b.configured(id); err != nil {
		return gateway.BacklogCourse{}, err
	}
	course := b.watch(id).meter.Course(since)
	course.Backlog = b.now(id)
	return course, nil
}

func (b *backlogs) configured(id string) (gateway.Bridge, error) {
	config := b.supervisor.Config()
	found, exists := config.Bridge(id)
	if !exists {
		return found, gateway.Errorf(gateway.NotFound, "there is no bridge %q: it may have been removed meanwhile", id)
	}
	return found, nil
}

// SetPaused stops or resumes a bridge.
func (b *backlogs) SetPaused(ctx context.Context, id string, paused bool, author string) error {
	return b.change(ctx, id, author, func(c *gateway.Bridge) { c.Paused = paused })
}

// SetPace caps a bridge.
func (b *backlogs) SetPace(ctx context.Context, id string, pace gateway.BridgePace, author string) error {
	if err := pace.Validate(); err != nil {
		return err
	}
	return b.change(ctx, id, author, func(c *gateway.Bridge) { c.Pace = pace })
}

// changeTries is how often a change of one setting is made anew when the configuration is changed meanwhile.
const changeTries = 5

func (b *backlogs) change(ctx context.Context, id, author string, change func(*gateway.Bridge)) (err error) {
	for range changeTries {
		next := b.supervisor.Config()
		next.Bridges = slices.Clone(next.Bridges)
		found := false
		for i := range next.Bridges {
			if next.Bridges[i].ID == id {
				change(&next.Bridges[i])
				found = true
			}
		}
		if !found {
			_, err := b.configured(id)
			return err
		}
		if _, err = b.supervisor.Apply(ctx, next, author); gateway.CodeOf(err) != gateway.Conflict {
			return err
		}
	}
	return err
}

// Flush has a bridge try now.
func (b *backlogs) Flush(id string) error { return b.supervisor.FlushBridge(id) }

// Purge throws away what waits.
func (b *backlogs) Purge(ctx context.Context, id, name, author string) (gateway.Purged, error) {
	config, err := b.configured(id)
	if err != nil {
		return gateway.Purged{}, err
	}
	if name != config.ID && (config.Name == "" || name != config.Name) {
		return gateway.Purged{}, gateway.FieldErrorf("name", "%q is not the name of this bridge: type it to confirm that its backlog is lost", name)
	}
	removed, left, err := b.broker.Purge(ctx, bridgeSession(id))
	if err != nil {
		return gateway.Purged{}, err
	}
	b.logger.Warn("a backlog was thrown away by a person", "bridge", id, "user", author, "messages", removed, "left", left)
	return gateway.Purged{Removed: removed, Left: left}, nil
}

// Export opens a backlog for reading.
func (b *backlogs) Export(ctx context.Context, id string) (gateway.Export, error) {
	if _, err := b.configured(id); err != nil {
		return nil, err
	}
	// What came just now is perhaps not on disk yet.
	written := make(chan error, 1)
	b.queue.Commit(&mqtt.Unit{Class: mqtt.Now}, func(err error) { written <- err })
	select {
	case err := <-written:
		if err != nil {
			b.logger.Warn("an export may lack what came last", "bridge", id, "error", err)
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return &backlogExport{ctx: ctx, queue: b.queue, bridge: id, at: time.Now()}, nil
}
