package main

import (
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/live"
	"github.com/tidegate/tidegate/gateway/poller"
	"github.com/tidegate/tidegate/storage/history"
)

// openHistory makes the history run between the queue and the gateway, so that it ends after the last reading. A file
// that cannot be used stops nothing: the history says so in the status and tries again.
func (p *program) openHistory() {
	path := p.file("history.db")
	aside := asideAlarms(path, p.logger) // before another is set aside
	p.historyAlarms = func() []gateway.Alarm { return historyAlarms(path, p.history, aside) }
	p.history = history.New(path, history.Options{
		Bounds: p.historyBounds(gateway.HistoryLimits{}), BytesPerDay: p.settings.HistoryBytesPerDay, Logger: p.logger,
	})
	p.parts.Go("history", p.history.Run)
}

// historyBounds are what the configuration says, and the start-up file where it says nothing.
func (p *program) historyBounds(limits gateway.HistoryLimits) history.Bounds {
	limits = limits.WithDefaults(p.settings.HistoryBytes)
	return history.Bounds{MaxBytes: limits.MaxBytes, RawAge: limits.RawAge(), MinuteAge: limits.MinuteAge()}
}

// observers are told of all readings, the live table first; none of them waits for anything.
type observers struct {
	live    *live.Hub
	history *history.History
}

var _ poller.Live = observers{}

// Put hands readings on.
func (o observers) Put(readings []gateway.Reading) {
	o.live.Put(readings)
	o.history.Put(readings)
}

// Refresh is for who looks at the values now: the history has the interval that was chosen for each point.
func (o observers) Refresh(readings []gateway.Reading) { o.live.Refresh(readings) }

// Remove hands on which points are not read any more.
func (o observers) Remove(points []gateway.PointKey) {
	o.live.Remove(points)
	o.history.Remove(points)
}
