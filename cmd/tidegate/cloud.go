package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/storage"
	"github.com/tidegate/tidegate/storage/queue"
)

// cloudCommand is the demo's cloud: nothing but a broker with a queue.db of its own, so that the bridge's session outlives
// it. It ends when its standard input does, that is, with its parent.
type cloudCommand struct {
	Data string `help:"Data directory." required:"" type:"path"`
	MQTT string `help:"Address of MQTT; a taken port is replaced by a free one." default:"127.0.0.1:0"`
}

// Run prints the address it listens on, alone on a line, then serves.
func (c cloudCommand) Run(ctx context.Context) error {
	lock, err := lockDirectory(c.Data)
	if err != nil {
		return err
	}
	logger := newLogger(slog.LevelWarn)
	store, err := queue.Open(filepath.Join(c.Data, "queue.db"), queue.Options{
		Durability: storage.Normal, Linger: time.Second, Logger: logger,
		Clock: queue.Clock(systemClock()),
	})
	if err != nil {
		return errors.Join(err, lock.Close())
	}
	running := newParts()
	running.Go("storage", store.Run)
	err = c.serve(ctx, running, broker.New(broker.Options{Store: store, Logger: logger, Now: store.Now}))
	return errors.Join(err, running.Close(), store.Close(), lock.Close())
}

func (c cloudCommand) serve(ctx context.Context, running *parts, b *broker.Broker) error {
	if err := b.Open(ctx); err != nil {
		return err
	}
	listener, err := listen(ctx, "MQTT", c.MQTT, true)
	if err != nil {
		return err
	}
	running.Go("broker", b.Run)
	running.Go("mqtt", func(ctx context.Context) error { return b.Serve(ctx, broker.Listener{Listener: listener}) })
	fmt.Println(listener.Addr())

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Not waited for: a read of standard input cannot be ended but by its end, or by that of the process.
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	return running.Wait(ctx)
}
