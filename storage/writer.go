package storage

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Class is how soon a member must be on disk.
type Class byte

// Now starts a group at once; Soon rides with the next group, or starts one after the linger time or 256 KB.
const (
	Now Class = iota
	Soon
)

// Member is one all-or-nothing change.
type Member struct {
	Class Class
	// Size in bytes is what the member counts while it waits.
	Size int
	// Apply makes the change. It may run more than once, each time in a transaction that has forgotten the time before.
	// It runs on the writer's goroutine and must not end the transaction.
	Apply func(*Conn) error
	// Small members give room back, or take none to speak of: on a full disk they run from the ballast, and after a failure
	// of the whole group they are tried again. All others are refused then.
	Small bool
	// Owed members are Small ones that are kept while the database cannot be written, so that they are not lost with a
	// failure; only when there are too many of them Done gets the error.
	Owed bool
	// Done, which may be nil, gets the outcome on the writer's goroutine. It must not block.
	Done func(error)
}

// WriterOptions tune a Writer.
type WriterOptions struct {
	// Linger is how long Soon members may wait, 0 to 10 s.
	Linger time.Duration
	// MaxWaiting is the number of waiting bytes from which Admit blocks; 0 means 16 MB.
	MaxWaiting int
	// Flush, which may be nil, writes what members only gathered in memory; it is part of the transaction.
	Flush func(*Conn) error
	// Forget, which may be nil, drops everything that members gathered or remember of the database: it was rolled back.
	Forget func()
	Logger *slog.Logger
}

const (
	maxLinger      = 10 * time.Second
	defaultWaiting = 16 << 20
	// soonBytes start a group of Soon members before their time.
	soonBytes = 256 << 10
)

// Stats count what a Writer did since it was made.
type Stats struct {
	// Groups are commits. Members are those committed, Failed those that got an error.
	Groups, Members, Failed uint64
	// Bytes is the sum of the sizes of committed members.
	Bytes uint64
	// CommitTimes are how long commits took in seconds, from BEGIN to the end of COMMIT; GroupSizes how many members they
	// had.
	CommitTimes, GroupSizes Distribution
	// Checkpoints copied the log back into the file; LogBytes is the size of the log's file now.
	Checkpoints uint64
	LogBytes    int64
	// Waiting bytes are not yet committed.
	Waiting int
	// LastGroup is how long the last commit took, from BEGIN to the end of COMMIT.
	LastGroup time.Duration
	// Failure is why nothing can be written at present; nil in the usual case.
	Failure error
	// FailedSince is when that began.
	FailedSince time.Time
	// Space is the room on the disk; zero at durability Memory and when nobody watches it.
	Space SpaceStats
}

// Writer commits members in groups, in the order in which they came.
type Writer struct {
	db      *DB
	options WriterOptions
	// wake is signalled when something waits; it never stores more than that.
	wake       chan struct{}
	checkpoint chan struct{}
	// reclaimed is when free pages were last counted; Run alone uses it.
	reclaimed time.Time
	// owed members come before all others when the database can be written again; only the goroutine of Run uses them.
	owed      []Member
	owedBytes int
	// late calls Done of members that came after the end.
	late sync.WaitGroup

	mu sync.Mutex // guards everything that follows
	// waiting members, the sum of their sizes, and when the first of them came. urgent: one of them is Now.
	waiting      []Member
	waitingBytes int
	first        time.Time
	urgent       bool
	// taken is the size of the group that is being committed.
	taken int
	// room is closed and made anew when bytes are freed.
	room  chan struct{}
	ended bool
	stats Stats
	// reopened is when a broken connection was last tried to be replaced.
	reopened time.Time
}

// NewWriter makes the writer of a database; each has one. It starts nothing: see Run.
func NewWriter(db *DB, options WriterOptions) *Writer {
	options.Linger = min(max(options.Linger, 0), maxLinger)
	if options.MaxWaiting == 0 {
		options.MaxWaiting = defaultWaiting
	}
	if options.Flush == nil {
		options.Flush = func(*Conn) error { return nil }
	}
	if options.Forget == nil {
		options.Forget = func() {}
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &Writer{
		db: db, options: options,
		stats: Stats{CommitTimes: Distribution{Bounds: commitBounds}, GroupSizes: Distribution{Bounds: groupBounds}},
		wake:  make(chan struct{}, 1), checkpoint: make(chan struct{}, 1), room: make(chan struct{}),
	}
}

// Commit puts a member at the end of the order and returns at once. After the end of Run its Done gets ErrClosed.
func (w *Writer) Commit(m Member) {
	w.mu.Lock()
	if w.ended {
		w.mu.Unlock()
		// Not on the caller's goroutine: the caller may hold a lock that Done takes.
		if m.Done != nil {
			w.late.Go(func() { m.Done(ErrClosed) })
		}
		return
	}
	if len(w.waiting) == 0 {
		w.first = time.Now()
	}
	w.waiting = append(w.waiting, m)
	w.waitingBytes += m.Size
	w.urgent = w.urgent || m.Class == Now
	signal := w.urgent || w.waitingBytes >= soonBytes || len(w.waiting) == 1
	w.mu.Unlock()
	if signal {
		notify(w.wake)
	}
}

func notify(channel chan struct{}) {
	select {
	case channel <- struct{}{}:
	default:
	}
}

// Admit waits until a member of this size may come: while more bytes than the bound are waiting, only the disk makes
// anybody wait. It fails at once while the database cannot be written, and with a *FullError while the disk is full; size
// 0, for Small members, only waits its turn.
func (w *Writer) Admit(ctx context.Context, size int) error {
	for {
		w.mu.Lock()
		total, room := w.waitingBytes+w.taken, w.room
		failure, ended := w.stats.Failure, w.ended
		w.mu.Unlock()
		switch {
		case ended:
			return ErrClosed
		case failure != nil:
			return failure
		case total > 0 && total+size > w.options.MaxWaiting:
		case size == 0:
			return nil
		default:
			return w.db.space().admit(size)
		}
		select {
		case <-room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Stats counts.
func (w *Writer) Stats() Stats {
	w.mu.Lock()
	stats := w.stats
	stats.Waiting = w.waitingBytes + w.taken
	w.mu.Unlock()
	stats.Space = w.db.space().Stats()
	if log, err := os.Stat(w.db.path + "-wal"); err == nil {
		stats.LogBytes = log.Size()
	}
	return stats
}

// Run commits until ctx ends, and then what is still waiting. It returns an error when the database turned out to be
// damaged, also to a reader: the next Open replaces the file. What waits gets that error too.
func (w *Writer) Run(ctx context.Context) error {
	checkpoints, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	group.Go(func() { w.checkpoints(checkpoints) })
	err := w.run(ctx)
	w.end(err)
	stop()
	group.Wait()
	w.late.Wait()
	return err
}

func (w *Writer) run(ctx context.Context) error {
	for {
		last := ctx.Err() != nil
		w.db.options.Space.tend()
		members, wait := w.take(last)
		if len(members) > 0 || len(w.owed) > 0 && w.db.writer != nil {
			err := w.commit(members)
			w.release()
			w.db.noticeDamage(err)
		}
		if err := w.db.damage(); err != nil {
			return err
		}
		switch {
		case len(members) > 0:
		case last:
			return nil //nolint:nilerr // the last group has told its members
		case w.db.writer == nil:
			// Nobody is admitted until this works, so nobody else would ask for it.
			w.sleep(ctx, reopenPause)
			w.mend()
		case wait > 0:
			w.sleep(ctx, w.patience(wait))
		default:
			if more, later := w.reclaim(); !more {
				w.sleep(ctx, w.patience(later))
			}
		}
	}
}

// take gives the next group, or how long it may linger; 0 is until somebody comes.
func (w *Writer) take(all bool) ([]Member, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		return nil, 0
	}
	if rest := w.options.Linger - time.Since(w.first); !all && !w.urgent && w.waitingBytes < soonBytes && rest > 0 {
		return nil, rest
	}
	members := w.waiting
	w.waiting, w.taken, w.waitingBytes, w.urgent = nil, w.waitingBytes, 0, false
	return members, 0
}

// patience shortens a sleep while somebody has to look for room.
func (w *Writer) patience(wait time.Duration) time.Duration {
	if w.db.options.Space.error() == nil {
		return wait
	}
	if wait == 0 {
		return lookPause
	}
	return min(wait, lookPause)
}

// takeGrowing takes what waits and is not Small out of the order.
func (w *Writer) takeGrowing() []Member {
	w.mu.Lock()
	defer w.mu.Unlock()
	var growing, rest []Member
	for _, m := range w.waiting {
		if m.Small {
			rest = append(rest, m)
			continue
		}
		growing = append(growing, m)
		w.waitingBytes -= m.Size
		w.taken += m.Size
	}
	w.waiting = rest
	return growing
}

func (w *Writer) sleep(ctx context.Context, wait time.Duration) {
	var linger <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		linger = timer.C
	}
	select {
	case <-w.wake:
	case <-w.db.options.Space.wakes():
	case <-linger:
	case <-w.db.damaged:
	case <-ctx.Done():
	}
}

// release frees the bytes of a group and lets waiting callers of Admit look again.
func (w *Writer) release() {
	w.mu.Lock()
	w.taken = 0
	close(w.room)
	w.room = make(chan struct{})
	w.mu.Unlock()
}

// end refuses what comes from now on, and what came between the last group and now.
func (w *Writer) end(err error) {
	w.mu.Lock()
	rest := append(w.owed, w.waiting...)
	w.owed, w.waiting, w.waitingBytes, w.ended = nil, nil, 0, true
	close(w.room)
	w.room = make(chan struct{})
	w.mu.Unlock()
	if err == nil {
		err = ErrClosed
	}
	for _, m := range rest {
		m.done(err)
	}
}

func (m *Member) done(err error) {
	if m.Done != nil {
		m.Done(err)
	}
}
