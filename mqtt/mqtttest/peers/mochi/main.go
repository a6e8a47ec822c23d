// Mochi runs mochi-mqtt with one of its storage hooks, to compare durable messages with: it listens on loopback and ends by
// itself after a time.
//
//	go run ./mochi --addr 127.0.0.1:1884 --store bolt --path /tmp/mochi.db
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	badgerdb "github.com/dgraph-io/badger/v4"
	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/hooks/storage/badger"
	"github.com/mochi-mqtt/server/v2/hooks/storage/bolt"
	"github.com/mochi-mqtt/server/v2/listeners"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:1884", "listen address")
	store := flag.String("store", "", "bolt (a file, synced), badger (a folder, not synced), badger-synced, or empty for none")
	path := flag.String("path", "", "where the store lies")
	atMost := flag.Duration("for", 10*time.Minute, "ends by itself after this time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *atMost)
	defer cancel()
	if err := run(ctx, *addr, *store, *path); err != nil {
		fmt.Fprintln(os.Stderr, "mochi:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to undo
	}
}

// run serves until ctx ends.
func run(ctx context.Context, addr, store, path string) error {
	server := mochi.New(&mochi.Options{Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	// Without these it drops what an absent session should get.
	server.Options.Capabilities.MaximumClientWritesPending = 1 << 20
	server.Options.Capabilities.MaximumInflight = 1 << 15
	if err := server.AddHook(new(auth.AllowHook), nil); err != nil {
		return fmt.Errorf("allow everybody: %w", err)
	}
	if err := addStore(server, store, path); err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	if err := server.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: addr})); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if err := server.Serve(); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	<-ctx.Done()
	return server.Close()
}

func addStore(server *mochi.Server, store, path string) error {
	switch store {
	case "":
		return nil
	case "bolt":
		return server.AddHook(new(bolt.Hook), &bolt.Options{Path: path})
	case "badger", "badger-synced":
		options := badgerdb.DefaultOptions(path).WithSyncWrites(store == "badger-synced").WithLoggingLevel(badgerdb.ERROR)
		return server.AddHook(new(badger.Hook), &badger.Options{Path: path, Options: &options})
	}
	return fmt.Errorf("there is no store %q", store)
}
