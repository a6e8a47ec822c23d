package gateway

import "time"

// Clock is the wall time of the gateway and what is known about it. It is passed as a value to whoever needs to know
// whether the time can be trusted; durations use the monotonic clock of package time.
type Clock struct {
	// Now is the wall time.
	Now func() time.Time
	// SinceBoot is how long the machine runs, sleep included.
	SinceBoot func() time.Duration
	// Synchronised reports whether the wall time was set by a time server.
	Synchronised func() bool
	// BootID names this boot of the machine; empty when that is not known.
	BootID string
}
