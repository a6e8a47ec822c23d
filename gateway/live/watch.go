package live

import (
	"context"
	"errors"

	"github.com/tidegate/tidegate/gateway"
)

// watch is one follower. One goroutine calls Next; Close may come from another one.
type watch struct {
	hub     *Hub
	wake    chan struct{} // holds one signal: something changed
	closed  chan struct{}
	started bool   // belongs to the goroutine that calls Next
	seen    uint64 // the last change that was handed out; guarded by hub.mu
}

// errClosed ends a Next whose watch was closed.
var errClosed = errors.New("the watch of live values is closed")

// Watch starts to follow.
func (h *Hub) Watch() gateway.Watch {
	w := &watch{hub: h, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watches[w] = struct{}{}
	return w
}

// Next gives all points at the first call, also when there are none yet; after that it waits for a change.
func (w *watch) Next(ctx context.Context) ([]gateway.Reading, error) {
	for {
		if err := w.ended(ctx); err != nil {
			return nil, err
		}
		readings := w.take()
		if len(readings) > 0 || !w.started {
			w.started = true
			return sorted(readings), nil
		}
		select {
		case <-w.wake:
		case <-w.closed:
		case <-ctx.Done():
		}
	}
}

func (w *watch) ended(ctx context.Context) error {
	select {
	case <-w.closed:
		return errClosed
	default:
		return ctx.Err()
	}
}

func (w *watch) take() []gateway.Reading {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	readings := w.hub.changedLocked(w.seen)
	w.seen = w.hub.changes
	return readings
}

// Close ends the watch and a Next in progress; a second Close does nothing.
func (w *watch) Close() {
	w.hub.mu.Lock()
	defer w.hub.mu.Unlock()
	if _, open := w.hub.watches[w]; !open {
		return
	}
	delete(w.hub.watches, w)
	close(w.closed)
	w.hub.sweepLocked()
}
