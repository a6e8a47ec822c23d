package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	leastRestart = time.Second
	mostRestart  = time.Minute
)

// task is a goroutine with its end.
type task struct {
	cancel context.CancelFunc
	done   chan struct{}
}

func startTask(ctx context.Context, run func(context.Context)) *task {
	ctx, cancel := context.WithCancel(ctx)
	t := &task{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		run(ctx)
	}()
	return t
}

func (t *task) stop() {
	t.cancel()
	<-t.done
}

// stopTogether ends tasks that do not depend on each other: in the time of the slowest.
func stopTogether(tasks []*task) {
	for _, t := range tasks {
		t.cancel()
	}
	for _, t := range tasks {
		<-t.done
	}
}

// keep runs something until ctx ends, again and again if it ends by itself or panics: one broken part hurts nobody else,
// and there is no state that only a restart mends.
func keep(ctx context.Context, logger *slog.Logger, run func(context.Context) error) {
	backoff := gateway.Backoff{Min: leastRestart, Max: mostRestart}
	for ctx.Err() == nil {
		err := guarded(ctx, logger, run)
		if ctx.Err() != nil {
			return
		}
		wait := backoff.Next()
		logger.Error("a part ended by itself and is started again", "error", err, "wait", wait)
		pause(ctx, wait)
	}
}

func guarded(ctx context.Context, logger *slog.Logger, run func(context.Context) error) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			logger.Error("a part panicked", "panic", fmt.Sprint(broken), "stack", string(debug.Stack()))
			err = errors.New("internal error")
		}
	}()
	return run(ctx)
}

func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
