package poller

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Wait is how long after now a group of a device is polled again.
func Wait(connection, id string, interval time.Duration, now time.Time) time.Duration {
	g := &group{device: &device{Device: gateway.Device{ID: id, Connection: connection}}, interval: interval}
	g.advance(now)
	return g.due.Sub(now)
}

// Due is when a group is polled again.
func Due(interval time.Duration, now time.Time) time.Time {
	g := &group{device: &device{}, interval: interval}
	g.advance(now)
	return g.due
}
