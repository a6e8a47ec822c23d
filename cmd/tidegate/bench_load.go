package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/storage"
)

// load is one row of the measurement.
type load struct {
	publishers, window int
	// ahead, which may be nil, has room for as many messages as publishers may be ahead of the receiver, who takes them out.
	ahead chan struct{}
}

// loadResult is what came of it. Kept means acknowledged by the broker, after the commit.
type loadResult struct {
	Publishers       int     `json:"publishers"`
	Window           int     `json:"window"`
	Kept             int     `json:"kept"`
	PerSecond        float64 `json:"perSecond"`
	P50              float64 `json:"p50"`
	P99              float64 `json:"p99"`
	PerCommit        float64 `json:"perCommit"`
	BytesWritten     float64 `json:"bytesWritten"`
	DrainedPerSecond float64 `json:"drainedPerSecond"`
}

// measure publishes at QoS 1 for an absent session, which then fetches everything.
func (l load) measure(ctx context.Context, folder string, c durableCommand) (result loadResult, failed error) {
	place, err := os.MkdirTemp(folder, "load-*")
	if err != nil {
		return result, err
	}
	defer func() { failed = errors.Join(failed, os.RemoveAll(place)) }()
	b, err := openBench(ctx, filepath.Join(place, "queue.db"), storage.Durability(c.Durability))
	if err != nil {
		return result, err
	}
	defer func() { failed = errors.Join(failed, b.close()) }()
	if err := b.addAbsent(ctx); err != nil {
		return result, err
	}
	groups, written := b.store.Stats().Groups, writtenBytes()
	began := time.Now()
	took, err := l.publish(ctx, b.url, c)
	if err != nil {
		return result, err
	}
	seconds := time.Since(began).Seconds()
	result = loadResult{Publishers: l.publishers, Window: l.window, Kept: len(took), PerSecond: float64(len(took)) / seconds}
	result.PerCommit = float64(len(took)) / float64(b.store.Stats().Groups-groups)
	result.BytesWritten = float64(writtenBytes()-written) / float64(len(took))
	result.P50, result.P99 = percentiles(took)
	result.DrainedPerSecond, err = b.drain(ctx, len(took))
	return result, err
}

// publish gives how long each acknowledgement took, in microseconds.
func (l load) publish(ctx context.Context, url string, c durableCommand) (all []float64, failed error) {
	times := make([][]float64, l.publishers)
	failures := make([]error, l.publishers)
	var group sync.WaitGroup
	for i := range l.publishers {
		group.Go(func() { times[i], failures[i] = l.publishOne(ctx, url, fmt.Sprintf("bench-%d", i), c) })
	}
	group.Wait()
	for _, t := range times {
		all = append(all, t...)
	}
	if len(all) == 0 {
		failures = append(failures, errors.New("nothing was acknowledged"))
	}
	return all, errors.Join(failures...)
}

func (l load) publishOne(ctx context.Context, url, id string, c durableCommand) (took []float64, failed error) {
	conn, err := dialBench(ctx, client.Options{URL: url, ClientID: id, CleanStart: true})
	if err != nil {
		return nil, err
	}
	defer func() { failed = errors.Join(failed, conn.close()) }()
	var mu sync.Mutex // guards took and refused
	var refused error
	window := make(chan struct{}, l.window)
	m := &mqtt.Message{Topic: "bench/" + id, Payload: make([]byte, c.Size), QoS: mqtt.AtLeastOnce}
	for began := time.Now(); time.Since(began) < c.Time; {
		window <- struct{}{}
		if l.ahead != nil {
			l.ahead <- struct{}{}
		}
		sent := time.Now()
		err := conn.Publish(ctx, m, func(err error) {
			mu.Lock()
			if refused = errors.Join(refused, err); err == nil {
				took = append(took, microsSince(sent))
			}
			mu.Unlock()
			<-window
		})
		if err != nil {
			return nil, err
		}
	}
	for range l.window {
		window <- struct{}{}
	}
	return took, refused
}
