package peers_test

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/mqtt/broker"
)

// webSockets is the one option of mosquitto's that means something to MustBroker.
const webSockets = "protocol websockets"

// MustBroker starts ours on a free port of the loopback interface and gives its address. Options are mosquitto's. Clients
// of others know nothing of ours [MQTT3-7.0.0-2].
func MustBroker(tb testing.TB, options ...string) string {
	tb.Helper()
	log := &lockedBuffer{}
	store := broker.NewMemory(0)
	b := broker.New(broker.Options{
		Store: store, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err := b.Open(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	var parts sync.WaitGroup
	for _, run := range []func() error{
		func() error { return store.Run(ctx) },
		func() error { return b.Run(ctx) },
		func() error {
			return b.Serve(ctx, broker.Listener{Listener: listener, WebSocket: slices.Contains(options, webSockets)})
		},
	} {
		parts.Go(func() {
			if err := run(); err != nil && ctx.Err() == nil {
				tb.Errorf("broker: %v", err)
			}
		})
	}
	tb.Cleanup(func() {
		cancel()
		parts.Wait()
		if tb.Failed() {
			tb.Logf("broker:\n%s", log.String())
		}
	})
	return listener.Addr().String()
}
