package queue

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID is "TgQu" and marks our files.
const applicationID = 0x54675175

// DefaultLinger is how long readings that nobody waits for may stay in memory.
const DefaultLinger = time.Second

// Options tune a queue.
type Options struct {
	Durability storage.Durability
	// Linger is how long units of class Soon may wait, 0 to 10 s: what a power cut may cost of readings nobody
	// acknowledged.
	Linger time.Duration
	// Space, which may be nil, watches the disk.
	Space *storage.Space
	// Clock says how much time passed since the last run.
	Clock  Clock
	Logger *slog.Logger
}

// Queue is an open queue.db.
type Queue struct {
	db     *storage.DB
	writer *storage.Writer
	logger *slog.Logger
	time   timeline
	// batch belongs to the writer's goroutine.
	batch *batch
	// damaged counts deliveries that were dropped because of their checksum.
	damaged atomic.Uint64
}

// Open opens or makes the database. A damaged file is set aside and a new one made; see Recovered.
func Open(path string, options Options) (*Queue, error) {
	logger := options.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	scripts, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := storage.Open(path, storage.Options{
		ApplicationID: applicationID, Migrations: scripts, Durability: options.Durability, Space: options.Space,
		Logger: logger,
	})
	if err != nil {
		return nil, fmt.Errorf("open queue: %w", err)
	}
	q := &Queue{db: db, logger: logger, batch: newBatch()}
	err = db.Read(context.Background(), func(conn *storage.Conn) error { return q.openClock(options.Clock, conn) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the time of the queue: %w", err), db.Close())
	}
	q.writer = storage.NewWriter(db, storage.WriterOptions{
		Linger: options.Linger, Flush: q.batch.flush, Forget: q.batch.forget, Logger: logger,
	})
	return q, nil
}

// Run commits until ctx ends, and then what is still waiting. It returns an error when the file turned out to be damaged:
// the next Open sets it aside.
func (q *Queue) Run(ctx context.Context) error {
	// Rows of sessions that were removed before the last stop.
	err := q.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			q.purge(row.Int(0))
			return nil
		}, "SELECT id FROM session WHERE client IS NULL")
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("look for removed sessions: %w", err)
	}
	return q.commitUntil(ctx)
}

// commitUntil runs the writer until ctx ends, and lets it write the time before it ends.
func (q *Queue) commitUntil(ctx context.Context) error {
	writing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var group sync.WaitGroup
	group.Go(func() {
		defer stop()
		q.keepTime(ctx, writing)
	})
	err := q.writer.Run(writing)
	stop()
	group.Wait()
	return err
}

// keepTime remembers the time line now and then, and at an orderly end. It ends with ctx, or when nothing is written any
// more.
func (q *Queue) keepTime(ctx, writing context.Context) {
	ticker := time.NewTicker(keepTime)
	defer ticker.Stop()
	for {
		q.commitTime()
		select {
		case <-ticker.C:
		case <-writing.Done():
			return
		case <-ctx.Done():
			q.commitTime()
			return
		}
	}
}

// Close closes the file. Run must have returned.
func (q *Queue) Close() error { return q.db.Close() }

// Recovered says that the file could not be used and was replaced; nil in the usual case.
func (q *Queue) Recovered() *storage.Recovered { return q.db.Recovered }

// Admit waits until a unit of about size bytes may come, 0 for one that only removes; see storage.Writer.Admit. A full or
// dead disk is mqtt.QuotaExceeded: the client should keep the message and come again.
func (q *Queue) Admit(ctx context.Context, size int) error {
	return refusal(q.writer.Admit(ctx, size))
}

// Commit puts a unit at the end of the order and returns at once. done, which may be nil, comes on the goroutine of Run.
func (q *Queue) Commit(unit *mqtt.Unit, done mqtt.Settle) {
	class := storage.Now
	if unit.Class == mqtt.Soon {
		class = storage.Soon
	}
	// removed is filled by the last run of Apply, before Done.
	var removed []int64
	q.writer.Commit(storage.Member{
		Class: class,
		Size:  unitSize(unit),
		Small: isSmall(unit),
		// Nobody would come again with what only removes.
		Owed: done == nil && isSmall(unit),
		Apply: func(conn *storage.Conn) error {
			var err error
			removed, err = q.batch.apply(conn, unit)
			return err
		},
		Done: func(err error) {
			if err == nil {
				for _, session := range removed {
					q.purge(session)
				}
			}
			if errors.Is(err, storage.ErrUncertain) {
				q.undo(unit)
			}
			if done != nil {
				done(refusal(err))
			}
		},
	})
}

// rowSize is what a small row counts while it waits.
const rowSize = 64

func unitSize(u *mqtt.Unit) int {
	size := rowSize + rowSize*(len(u.Deliveries)+len(u.Received)+len(u.Finished)+len(u.Subscribe)+len(u.Unsubscribe))
	if u.Message != nil {
		size += u.Message.Size()
	}
	for _, m := range u.Retained {
		size += rowSize + m.Size()
	}
	return size
}

// Stats count what the queue did since it was opened.
type Stats struct {
	storage.Stats
	// Damaged deliveries were dropped because a body did not match its checksum.
	Damaged uint64
}

// Stats counts.
func (q *Queue) Stats() Stats {
	return Stats{Stats: q.writer.Stats(), Damaged: q.damaged.Load()}
}
