package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/storage"
)

// onlineResult is how fast messages at QoS 1 go to a session that is connected, per second: one that ends with its
// connection, and a persistent one, for which only what is not acknowledged in time is written.
type onlineResult struct {
	Clean      float64 `json:"clean"`
	Persistent float64 `json:"persistent"`
}

const (
	// onlineRounds of each kind are measured in turns; the median counts.
	onlineRounds = 3
	// onlineAhead is how many messages may be on their way: fewer than a session that ends with its connection holds.
	onlineAhead = 2000
	// onlinePatience is how long the receiver may take for what is left.
	onlinePatience = 30 * time.Second
)

func (c durableCommand) measureOnline(ctx context.Context, folder string) (result onlineResult, failed error) {
	place, err := os.MkdirTemp(folder, "online-*")
	if err != nil {
		return result, err
	}
	defer func() { failed = errors.Join(failed, os.RemoveAll(place)) }()
	b, err := openBench(ctx, filepath.Join(place, "queue.db"), storage.Durability(c.Durability))
	if err != nil {
		return result, err
	}
	defer func() { failed = errors.Join(failed, b.close()) }()
	var clean, persistent []float64
	for range onlineRounds {
		for _, kind := range []struct {
			expiry uint32
			rates  *[]float64
		}{{0, &clean}, {mqtt.NeverExpires, &persistent}} {
			rate, err := b.online(ctx, c, kind.expiry)
			if err != nil {
				return result, err
			}
			*kind.rates = append(*kind.rates, rate)
		}
	}
	slices.Sort(clean)
	slices.Sort(persistent)
	return onlineResult{Clean: clean[onlineRounds/2], Persistent: persistent[onlineRounds/2]}, nil
}

// online publishes for a receiver that is there, and gives messages per second until it has the last one.
func (b *benchBroker) online(ctx context.Context, c durableCommand, expiry uint32) (perSecond float64, failed error) {
	var got atomic.Int64
	l := load{publishers: 10, window: 100, ahead: make(chan struct{}, onlineAhead)}
	conn, err := dialBench(ctx, client.Options{
		// Always the same client, so that nothing is kept for a persistent session of the round before.
		URL: b.url, ClientID: "bench-online", CleanStart: true, SessionExpiry: expiry, ReceiveMaximum: 1000,
		Receive: func(_ context.Context, _ *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			settle(nil)
			got.Add(1)
			<-l.ahead
			return nil
		},
	})
	if err != nil {
		return 0, err
	}
	defer func() { failed = errors.Join(failed, conn.close()) }()
	if _, err := conn.Subscribe(ctx, mqtt.Subscription{Filter: "bench/#", QoS: mqtt.AtLeastOnce}); err != nil {
		return 0, err
	}
	began := time.Now()
	took, err := l.publish(ctx, b.url, c)
	if err != nil {
		return 0, err
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.After(onlinePatience); got.Load() < int64(len(took)); {
		select {
		case <-tick.C:
		case <-late:
			return 0, fmt.Errorf("a receiver that is connected got %d of %d messages", got.Load(), len(took))
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return float64(len(took)) / time.Since(began).Seconds(), nil
}
