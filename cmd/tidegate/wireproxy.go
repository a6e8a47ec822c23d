package main

import (
	"context"
	"log/slog"
	"sync"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/poller"
	"github.com/tidegate/tidegate/gateway/supervisor"
)

// sharedWire is a connection that other masters use between our polls.
type sharedWire struct {
	*poller.Poller
	proxy *modbus.Proxy
}

// shareWire gives the poller itself when its wire is not shared.
func shareWire(p *poller.Poller, settings gateway.ConnectionProxy, logger *slog.Logger) supervisor.ConnectionRunner {
	if settings.Address == "" {
		return p
	}
	return &sharedWire{Poller: p, proxy: modbus.NewProxy(settings, p.Explore, logger)}
}

// Run polls and serves others until ctx ends.
func (w *sharedWire) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var serving sync.WaitGroup
	serving.Go(func() { w.proxy.Run(ctx) })
	defer serving.Wait()
	defer cancel()
	return w.Poller.Run(ctx)
}

// Status has what others do with the wire.
func (w *sharedWire) Status() gateway.ConnectionStatus {
	status := w.Poller.Status()
	proxy := w.proxy.Status()
	status.Proxy = &proxy
	return status
}
