package pending

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// undoLimit is how long an undo may wait for the disk.
const undoLimit = 30 * time.Second

// Run undoes what nobody has kept in time, until ctx ends. What fails is tried again.
func (c *Changes) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.woken:
		case <-timer.C:
		}
		timer.Reset(c.undoDue(ctx))
	}
}

// undoDue undoes what is due and gives the time until the next one.
func (c *Changes) undoDue(ctx context.Context) time.Duration {
	for {
		w, found := c.next()
		if !found {
			return gateway.KeepWithin
		}
		if left := time.Until(w.deadline); left > 0 {
			return left
		}
		limited, cancel := context.WithTimeout(ctx, undoLimit)
		err := c.Undo(limited, w.ID)
		cancel()
		if err != nil && gateway.CodeOf(err) != gateway.NotFound {
			c.Logger.ErrorContext(ctx, "a change cannot be undone yet", "kind", string(w.Kind), "subject", w.Subject, "error", err)
			return retryPause
		}
	}
}

// next is the oldest, which is the first one due: all wait equally long.
func (c *Changes) next() (w waiting, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return w, false
	}
	return c.waiting[0], true
}

func (c *Changes) wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}
