package main

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/tidegate/tidegate/gateway"
)

// restoring is the restore of a running gateway: read and check, wait for the confirmation, restart.
type restoring struct {
	keeper *keeper
	// restart ends the gateway and begins it anew in the same process; nil where nothing is restored.
	restart func()

	mu      sync.Mutex // guards waiting
	waiting *staged    // nil: nothing waits for its confirmation
}

// Stage checks a backup. An earlier one that nobody confirmed is forgotten.
func (r *restoring) Stage(ctx context.Context, content io.Reader, request restoreRequest) (restorePlan, error) {
	if r.restart == nil {
		return restorePlan{}, gateway.Errorf(gateway.Invalid, "the demo is not restored: use the service")
	}
	if err := r.Discard(); err != nil {
		return restorePlan{}, err
	}
	next, err := r.keeper.Stage(ctx, content, request)
	if err != nil {
		return restorePlan{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = next
	return next.plan, nil
}

func (r *restoring) take() *staged {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.waiting
	r.waiting = nil
	return taken
}

// Commit confirms; Restart has to follow. The backup stays busy until then.
func (r *restoring) Commit() error {
	confirmed := r.take()
	if confirmed == nil {
		return gateway.Errorf(gateway.NotFound, "no backup waits to be restored: begin again")
	}
	return confirmed.Commit()
}

// Discard forgets what waits.
func (r *restoring) Discard() error {
	if unwanted := r.take(); unwanted != nil {
		return unwanted.Discard()
	}
	return nil
}

// errRestart ends a gateway that begins anew.
var errRestart = errors.New("the gateway restarts")
