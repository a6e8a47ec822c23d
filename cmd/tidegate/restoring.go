package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// confirmWithin is how long a backup that was read waits for its confirmation. It takes room on the disk meanwhile, and
// keeps other backups waiting.
const confirmWithin = 30 * time.Minute

// restoring makes backups of a running gateway, and restores them: read and check, wait for the confirmation, restart.
type restoring struct {
	keeper *keeper
	// restart ends the gateway and begins it anew in the same process; nil where nothing is restored.
	restart func()

	mu      sync.Mutex // guards waiting
	waiting *staged    // nil: nothing waits for its confirmation
}

var _ gateway.Backups = (*restoring)(nil)

// Backup copies what is asked for. A restore that nobody has confirmed yet is forgotten.
func (r *restoring) Backup(ctx context.Context, passphrase string, parts gateway.BackupParts) (gateway.Backup, error) {
	if err := r.forget(); err != nil {
		return nil, err
	}
	copied, err := r.keeper.Snapshot(ctx, backupRequest{Passphrase: passphrase, BackupParts: parts})
	if err != nil {
		return nil, err // not a nil snapshot in an interface
	}
	return copied, nil
}

// Stage checks a backup. An earlier one that nobody confirmed is forgotten.
func (r *restoring) Stage(ctx context.Context, content io.Reader, passphrase string, parts gateway.BackupParts) (gateway.RestorePlan, error) {
	if r.restart == nil {
		return gateway.RestorePlan{}, gateway.Errorf(gateway.Forbidden, "the demo is not restored: use the service")
	}
	if err := r.forget(); err != nil {
		return gateway.RestorePlan{}, err
	}
	next, err := r.keeper.Stage(ctx, content, restoreRequest{Passphrase: passphrase, BackupParts: parts})
	if err != nil {
		return gateway.RestorePlan{}, err
	}
	id := rand.Text()
	next.plan.ID = id
	next.late = time.AfterFunc(confirmWithin, func() { _ = r.Discard(id) }) // the next start removes what this does not
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = next
	return next.plan, nil
}

// take gives what waits when it is what was meant.
func (r *restoring) take(meant func(*staged) bool) *staged {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil || !meant(r.waiting) {
		return nil
	}
	taken := r.waiting
	r.waiting = nil
	taken.late.Stop()
	return taken
}

func (r *restoring) takeID(id string) *staged {
	return r.take(func(s *staged) bool { return s.plan.ID == id })
}

// Restore confirms a restore and restarts the gateway. The backup stays busy until then.
func (r *restoring) Restore(id string) error {
	confirmed := r.takeID(id)
	if confirmed == nil {
		return gateway.Errorf(gateway.NotFound, "this backup does not wait to be restored any more: begin again")
	}
	if err := confirmed.Commit(); err != nil {
		return err
	}
	r.restart()
	return nil
}

// Discard forgets what waits with this id.
func (r *restoring) Discard(id string) error {
	if unwanted := r.takeID(id); unwanted != nil {
		return unwanted.Discard()
	}
	return nil
}

// forget forgets whatever waits.
func (r *restoring) forget() error {
	if unwanted := r.take(func(*staged) bool { return true }); unwanted != nil {
		return unwanted.Discard()
	}
	return nil
}

// errRestart ends a gateway that begins anew.
var errRestart = errors.New("the gateway restarts")
