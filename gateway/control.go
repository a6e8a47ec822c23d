package gateway

import (
	"context"
	"time"
)

// Control is what the outside may do to a running gateway.
type Control interface {
	// Config is the configuration in force; secrets are inside, so mind what is shown.
	Config() Config
	// Apply validates next, saves it as a new revision and makes it run, without a restart. next.Revision must be the
	// one in force, else Conflict. Invalid input changes nothing. It returns the configuration in force.
	Apply(ctx context.Context, next Config, author string) (Config, error)
	// Test reads points once without saving anything: over the running wire when the connection is configured alike,
	// else over one opened for the test.
	Test(ctx context.Context, connection Connection, device Device) ([]Reading, error)
	// Write sets a point that is writable and returns what was read back.
	Write(ctx context.Context, point PointKey, value Value) (Reading, error)
}

// Monitor shows what is going on.
type Monitor interface {
	Status() Status
	// Sessions gives a page of the sessions that a query finds. It does not wait, and costs little however many there are.
	Sessions(q SessionQuery) SessionPage
	// SessionDetail is one session; NotFound when there is none.
	SessionDetail(id string) (SessionDetail, error)
	// GivenUp is the audit of what sessions lost, newest first.
	GivenUp(ctx context.Context) ([]GivenUp, error)
}

// Clients is what may be done to the clients of the broker. Sessions of the gateway itself, whose identifiers begin with $,
// are Invalid.
type Clients interface {
	// Disconnect ends the connection of a client and returns when it is closed. Its session stays, and it may come back at
	// once. A session that is not there, or not connected, is NotFound.
	Disconnect(ctx context.Context, id string) error
	// RemoveSession ends a session with everything that is queued for it, and disconnects its client; it returns when that
	// is on disk. A session that is not there is NotFound.
	RemoveSession(ctx context.Context, id string) error
}

// Live has the latest reading of every point.
type Live interface {
	// Snapshot gives the latest readings.
	Snapshot() []Reading
	// Watch starts to follow; the caller closes the watch.
	Watch() Watch
}

// Watch follows the live values. It remembers which points changed, not the changes: a slow reader gets fewer updates,
// never old ones.
type Watch interface {
	// Next waits for changes and returns the latest reading of each changed point; the first call gives all points. It
	// ends with ctx.
	Next(ctx context.Context) ([]Reading, error)
	Close()
}

// Demo is the simulated plant's extra: cutting the link to its cloud.
type Demo interface {
	// Outage cuts the link for a time of at most one day; 0 mends it at once.
	Outage(ctx context.Context, duration time.Duration) error
}
