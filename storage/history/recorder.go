package history

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const (
	// mergePause and mergeRows say when recent rows are sorted into their tables.
	mergePause = 10 * time.Minute
	mergeRows  = 50_000
	// tidySteps bounds the steps of one round: together they remove more than a round can bring.
	tidySteps = 10
)

// recorder writes the batches of one session. One goroutine uses it; the functions that it commits run on the writer's.
type recorder struct {
	history *History
	writer  *storage.Writer
	tables  tables
	// merged is when recent rows were last sorted in; newest is the time of the newest reading of the last batch.
	merged time.Time
	newest int64
}

// tables is what is remembered of the file. A commit changes a copy, which takes its place when it is on disk.
type tables struct {
	// points are the numbers of points.
	points              map[gateway.PointKey]int64
	recent              int64 // rows, of both tables
	rawRows, minuteRows int64
	clock               ageClock
	oldest              int64 // 0 for none
	pages, freePages    int64
	// tidied is the point after which tidying goes on, 0 from the first one; swept is how many rows went since then.
	// tidying: there may be more to remove.
	tidied, swept int64
	tidying       bool
}

func newTables() tables { return tables{points: map[gateway.PointKey]int64{}} }

// round is one tick: the batch, then the housekeeping that is due.
func (r *recorder) round() {
	b := r.history.pending.take()
	r.history.pending.adapt(r.history.options, len(b.rows)+len(b.minutes), len(b.minutes))
	if b.newest != 0 {
		r.newest = b.newest
	}
	err := r.append(b)
	if err == nil {
		err = r.sortIn()
	}
	for range tidySteps {
		if err != nil || !r.tables.tidying && r.tables.used() <= r.history.options.MaxBytes {
			break
		}
		err = r.commit(func(conn *storage.Conn, next *tables) error { return next.tidy(conn, r.history.options) })
	}
	r.report(err)
}

func (r *recorder) append(b batch) error {
	if len(b.rows)+len(b.minutes) == 0 {
		return nil
	}
	err := r.commit(func(conn *storage.Conn, next *tables) error { return next.write(conn, b) })
	if err != nil {
		r.history.pending.lose(b)
	}
	return err
}

// sortIn moves recent rows into their tables when it is time, which is also when ages are looked at.
func (r *recorder) sortIn() error {
	elapsed := time.Since(r.merged)
	if elapsed < mergePause && r.tables.recent < mergeRows {
		return nil
	}
	r.merged = time.Now()
	return r.commit(func(conn *storage.Conn, next *tables) error {
		next.clock.advance(r.newest, elapsed)
		next.tidying = true
		return next.merge(conn)
	})
}

// commit makes one change and waits for it. What the change does to its copy of the tables counts only when it is
// committed: it may have to run twice.
func (r *recorder) commit(change func(*storage.Conn, *tables) error) error {
	var next tables
	done := make(chan error, 1)
	r.writer.Commit(storage.Member{
		Apply: func(conn *storage.Conn) error {
			next = r.tables
			if err := change(conn, &next); err != nil {
				return err
			}
			return next.save(conn)
		},
		Done: func(err error) { done <- err },
	})
	err := <-done
	if err == nil {
		r.tables = next
	}
	return err
}

// load reads what an earlier session left.
func (r *recorder) load() error {
	r.merged = time.Now()
	err := r.commit(func(conn *storage.Conn, next *tables) error { return next.load(conn) })
	r.report(err)
	return err
}

func (r *recorder) report(failure error) {
	h, t := r.history, r.tables
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failure = failure
	h.disk = diskStatus{rows: t.rawRows + t.minuteRows + t.recent, bytes: t.pages * pageSize, oldest: t.oldest}
}
