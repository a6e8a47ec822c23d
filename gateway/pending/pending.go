package pending

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// retryPause is how long a failed undo waits: the disk may come back.
const retryPause = 5 * time.Second

// Store keeps the ways back; storage/config implements it.
type Store interface {
	// PutPending returns when the way back is on disk.
	PutPending(ctx context.Context, change gateway.StoredPending) error
	// RemovePending forgets one; one that is not there is no error.
	RemovePending(ctx context.Context, id string) error
}

// Options are what pending changes need.
type Options struct {
	Store Store
	// Former is what is in force of a subject now.
	Former func(ctx context.Context, kind gateway.PendingKind, subject string) (gateway.Former, error)
	// Restore puts that in force again.
	Restore func(ctx context.Context, change gateway.StoredPending) error
	Logger  *slog.Logger
}

// Changes are those that nobody has kept yet. All methods may be called from any goroutine.
type Changes struct {
	Options
	woken chan struct{} // capacity 1
	// turn has one place, for whoever makes, keeps or undoes a change: each waits for the disk.
	turn chan struct{}

	mu      sync.Mutex // guards waiting
	waiting []waiting
}

type waiting struct {
	gateway.StoredPending
	deadline time.Time // with the monotonic clock
}

var _ gateway.Pending = (*Changes)(nil)

// New has no changes; Run undoes those that come.
func New(options Options) *Changes {
	return &Changes{Options: options, woken: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
}

// PendingChanges are those that nobody has kept yet, the oldest first.
func (c *Changes) PendingChanges() []gateway.PendingChange {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]gateway.PendingChange, 0, len(c.waiting))
	for _, w := range c.waiting {
		shown := w.PendingChange
		shown.SecondsLeft = max(0, int(time.Until(w.deadline).Round(time.Second)/time.Second))
		list = append(list, shown)
	}
	return list
}

// Free is a Conflict while a change of the subject is pending.
func (c *Changes) Free(kind gateway.PendingKind, subject string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.waiting, func(w waiting) bool { return w.Kind == kind && w.Subject == subject }) {
		return gateway.Errorf(gateway.Conflict, "a change of %q waits to be kept: keep or undo it first", subject)
	}
	return nil
}

// Try stores the way back, then makes the change.
func (c *Changes) Try(ctx context.Context, change gateway.PendingChange, apply func() error) error {
	done, err := c.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := c.Free(change.Kind, change.Subject); err != nil {
		return err
	}
	change.ID = rand.Text()
	stored := gateway.StoredPending{PendingChange: change}
	if stored.Former, err = c.Former(ctx, change.Kind, change.Subject); err != nil {
		return fmt.Errorf("look what a change of %q puts away: %w", change.Subject, err)
	}
	if err := c.Store.PutPending(ctx, stored); err != nil {
		return fmt.Errorf("store the way back: %w", err)
	}
	if err := apply(); err != nil {
		return cmp.Or(c.forget(ctx, change.ID), err)
	}
	stored.Made = time.Now()
	c.mu.Lock()
	c.waiting = append(c.waiting, waiting{stored, stored.Made.Add(gateway.KeepWithin)})
	c.mu.Unlock()
	c.wake()
	c.Logger.InfoContext(ctx, "a change waits to be kept", "kind", string(change.Kind), "subject", change.Subject, "author", change.Author)
	return nil
}

// Keep makes a change last.
func (c *Changes) Keep(ctx context.Context, id string) error {
	done, err := c.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	w, err := c.find(id)
	if err != nil {
		return err
	}
	if err := c.forget(ctx, id); err != nil {
		return err
	}
	c.take(id)
	c.Logger.InfoContext(ctx, "a change is kept", "kind", string(w.Kind), "subject", w.Subject)
	return nil
}

// Undo takes a change back.
func (c *Changes) Undo(ctx context.Context, id string) error {
	done, err := c.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	w, err := c.find(id)
	if err != nil {
		return err
	}
	if err := c.Restore(ctx, w.StoredPending); err != nil {
		return fmt.Errorf("undo the change of %q: %w", w.Subject, err)
	}
	if err := c.forget(ctx, id); err != nil {
		return err
	}
	c.take(id)
	c.Logger.WarnContext(ctx, "a change was undone", "kind", string(w.Kind), "subject", w.Subject, "author", w.Author)
	return nil
}

func (c *Changes) begin(ctx context.Context) (done func(), err error) {
	select {
	case c.turn <- struct{}{}:
		return func() { <-c.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Changes) find(id string) (waiting, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.waiting, func(w waiting) bool { return w.ID == id })
	if i < 0 {
		return waiting{}, gateway.Errorf(gateway.NotFound, "this change was kept or undone meanwhile")
	}
	return c.waiting[i], nil
}

func (c *Changes) take(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = slices.DeleteFunc(c.waiting, func(w waiting) bool { return w.ID == id })
}

func (c *Changes) forget(ctx context.Context, id string) error {
	if err := c.Store.RemovePending(ctx, id); err != nil {
		return fmt.Errorf("forget the way back: %w", err)
	}
	return nil
}
