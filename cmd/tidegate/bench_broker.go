package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

// benchBroker is a broker like the gateway's, with a queue.db of its own.
type benchBroker struct {
	store *queue.Queue
	parts *parts
	url   string
}

func openBench(ctx context.Context, path string, durability storage.Durability) (*benchBroker, error) {
	logger := newLogger(slog.LevelWarn)
	store, err := queue.Open(path, queue.Options{Durability: durability, Linger: queue.DefaultLinger, Logger: logger})
	if err != nil {
		return nil, err
	}
	b := &benchBroker{store: store, parts: newParts()}
	b.parts.Go("storage", store.Run)
	served := broker.New(broker.Options{Store: store, Logger: logger})
	err = served.Open(ctx)
	var listener net.Listener
	if err == nil {
		listener, err = listen(ctx, "MQTT", "127.0.0.1:0", false)
	}
	if err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.url = "mqtt://" + listener.Addr().String()
	b.parts.Go("broker", served.Run)
	b.parts.Go("mqtt", func(ctx context.Context) error { return served.Serve(ctx, broker.Listener{Listener: listener}) })
	return b, nil
}

func (b *benchBroker) close() error { return errors.Join(b.parts.Close(), b.store.Close()) }

// absent is the session that all messages are kept for.
const absent = "bench-absent"

// addAbsent makes it, subscribed to everything, and leaves.
func (b *benchBroker) addAbsent(ctx context.Context) error {
	conn, err := dialBench(ctx, client.Options{URL: b.url, ClientID: absent, SessionExpiry: mqtt.NeverExpires})
	if err != nil {
		return err
	}
	_, err = conn.Subscribe(ctx, mqtt.Subscription{Filter: "bench/#", QoS: mqtt.AtLeastOnce})
	return errors.Join(err, conn.close())
}

// drain fetches what was kept and gives messages per second.
func (b *benchBroker) drain(ctx context.Context, count int) (perSecond float64, failed error) {
	var got atomic.Int64
	all := make(chan struct{})
	began := time.Now()
	conn, err := dialBench(ctx, client.Options{
		URL: b.url, ClientID: absent, SessionExpiry: mqtt.NeverExpires, ReceiveMaximum: 1000,
		Receive: func(_ context.Context, _ *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			settle(nil)
			if got.Add(1) == int64(count) {
				close(all)
			}
			return nil
		},
	})
	if err != nil {
		return 0, err
	}
	defer func() { failed = errors.Join(failed, conn.close()) }()
	select {
	case <-all:
		return float64(count) / time.Since(began).Seconds(), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	case err := <-conn.over:
		conn.over <- err
		return 0, fmt.Errorf("the connection ended after %d of %d messages", got.Load(), count)
	}
}

// benchConn is a connection whose Run is under way.
type benchConn struct {
	*client.Client
	cancel context.CancelFunc
	over   chan error // capacity 1: what Run returned
}

func dialBench(ctx context.Context, options client.Options) (*benchConn, error) {
	conn, err := client.Connect(ctx, options)
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(ctx)
	c := &benchConn{Client: conn, cancel: cancel, over: make(chan error, 1)}
	go func() { c.over <- conn.Run(running) }()
	return c, nil
}

// close ends the connection in an orderly way.
func (c *benchConn) close() error {
	c.cancel()
	return <-c.over
}

// writtenBytes is what this process caused to be written to disks so far, as Linux counts it; 0 where it does not.
func writtenBytes() (n int64) {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "write_bytes: %d", &n); err == nil {
			return n
		}
	}
	return 0
}
