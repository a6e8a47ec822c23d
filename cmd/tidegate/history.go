package main

import (
	"github.com/tidegate/tidegate/gateway"
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
		MaxBytes: p.settings.HistoryBytes, BytesPerDay: p.settings.HistoryBytesPerDay, Logger: p.logger,
	})
	p.parts.Go("history", p.history.Run)
}

// observers are told of all readings, one after the other; none of them waits for anything.
type observers []poller.Live

var _ poller.Live = observers(nil)

// Put hands readings on.
func (o observers) Put(readings []gateway.Reading) {
	for _, observer := range o {
		observer.Put(readings)
	}
}

// Remove hands on which points are not read any more.
func (o observers) Remove(points []gateway.PointKey) {
	for _, observer := range o {
		observer.Remove(points)
	}
}
