package gateway

import (
	"context"
	"time"
)

// Driver is an open wire. Only the poller of its connection calls it, from one goroutine at a time; Close may come from
// another one and ends a call in progress.
type Driver interface {
	// Poll reads points of one device and returns one reading for each, in the order of points. What is wrong with a
	// device or a point is a reading of bad quality with its reason; an error means that the wire itself is gone and
	// has to be opened again. It ends within the connection's timeout for each request.
	Poll(ctx context.Context, device Device, points []Point) ([]Reading, error)
	// Write sets one point and reads it back. Unwritable points are Invalid.
	Write(ctx context.Context, device Device, point Point, value Value) (Reading, error)
	Close() error
}

// Streamer is a driver whose devices speak without being asked. The poller calls Stream instead of Poll.
type Streamer interface {
	Driver
	// Stream calls emit with the readings of each telegram until ctx ends (nil) or the wire is gone (error). emit does
	// not block for long.
	Stream(ctx context.Context, devices []Device, emit func([]Reading)) error
}

// Doubter is a driver that may notice what is wrong with the wire as a whole while its devices answer.
type Doubter interface {
	Driver
	// Doubt says what seems to be wrong and what to do about it; empty when nothing does. It is called after polls.
	Doubt() string
}

// DamageCounter is a driver that counts what came and could not be used: a wrong checksum, half a frame, noise.
type DamageCounter interface {
	Driver
	// Damaged is how many answers or telegrams were lost like that since the wire was opened. It may be called while Stream
	// runs.
	Damaged() uint64
}

// Gleaner is a driver whose answers may have held more points than were asked for.
type Gleaner interface {
	Driver
	// Glean gives readings of those points of a device that were in the answers to its last poll. It asks nobody anything.
	Glean(device Device, points []Point) []Reading
}

// Patient is a driver that gives each device the time that it needs to answer, within the timeout of the connection.
type Patient interface {
	Driver
	// Patience is how a device answered of late. It is called after polls.
	Patience(device Device) Patience
}

// Patience is how long a device has to answer.
type Patience struct {
	// Timeout is how long it has now; Turnaround is how long it takes as a rule, zero while that is not known.
	Timeout, Turnaround time.Duration
	// Silent says that it did not answer at all the last time.
	Silent bool
}

// OpenDriver opens the wire of a connection; see drivers.Open.
type OpenDriver func(ctx context.Context, connection Connection) (Driver, error)
