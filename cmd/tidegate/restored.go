package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/archive"
	"github.com/tidegate/tidegate/storage/queue"
)

// completeRestore carries out a restore that was confirmed, before anything is open.
func (p *program) completeRestore() error {
	var err error
	if p.keeper, err = openKeeper(p.settings, p.logger); err != nil {
		return err
	}
	done, err := archive.Complete(p.keeper.dir)
	if err != nil {
		return err
	}
	if done != nil {
		p.logger.Warn("a backup was restored", "backup_of", done.Backup.Created, "gateway", done.Backup.Gateway,
			"queue", done.Queue, "history", done.History, "possibly_twice", done.PossiblyTwice, "before", p.keeper.path(done.Aside))
	}
	return nil
}

// restoredQueue raises the alarm that messages of a restored queue may come twice, as long as one of them is queued.
type restoredQueue struct {
	last  *archive.Restored // nil: nothing was restored
	queue *queue.Queue
	over  atomic.Bool
}

func (p *program) lastRestore() *restoredQueue {
	last, err := archive.Last(p.keeper.dir)
	if err != nil {
		p.logger.Warn("what was restored is not known", "error", err)
	}
	return &restoredQueue{last: last, queue: p.queue}
}

// holdsTimeout bounds a look into the queue for the status.
const holdsTimeout = time.Second

func (r *restoredQueue) alarms() []gateway.Alarm {
	if r.last == nil || r.last.PossiblyTwice == 0 || r.over.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), holdsTimeout)
	defer cancel()
	holds, err := r.queue.Holds(ctx, r.last.LastID)
	if err == nil && !holds {
		r.over.Store(true)
		return nil
	}
	return []gateway.Alarm{{
		Code: gateway.AlarmQueueRestored, Severity: gateway.SeverityWarning, Since: r.last.At, Subject: archive.Queue,
		Detail: fmt.Sprintf("%d messages of a backup of %s", r.last.PossiblyTwice, r.last.Backup.Created.Format(time.RFC3339)),
	}}
}
