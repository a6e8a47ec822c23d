package history

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const (
	// sweepPause is how often ages are looked at.
	sweepPause = 10 * time.Minute
	// tidySteps bounds the steps of one round: together they remove more than a round can bring.
	tidySteps = 10
)

// recorder writes the batches of one session. One goroutine uses it; the functions that it commits run on the writer's.
type recorder struct {
	history *History
	writer  *storage.Writer
	tables  tables
	// sorted is when recent rows were last sorted in, swept when ages were last looked at; newest is the time of the newest
	// reading of the last batch.
	sorted, swept time.Time
	newest        int64
}

// tables is what is remembered of the file. A commit changes a copy, which takes its place when it is on disk.
type tables struct {
	// points are the numbers of points.
	points                        map[gateway.PointKey]int64
	recent                        int64 // rows, of both tables
	batch                         int64 // the number of the last one
	sorted                        int64 // see sortIn
	rawRows, minuteRows, hourRows int64
	clock                         ageClock
	oldest                        int64 // 0 for none
	pages, freePages              int64
	// tidied is the point after which tidying goes on, 0 from the first one; swept is how many rows went since then.
	// tidying: there may be more to remove.
	tidied, swept int64
	tidying       bool
}

func newTables() tables { return tables{points: map[gateway.PointKey]int64{}} }

// round is one tick: the batch, then the housekeeping that is due.
func (r *recorder) round() {
	options := r.history.limits()
	err := r.append(false)
	if err == nil && (r.tables.full(options) || time.Since(r.sorted) >= sortPause && r.tables.recent > 0) {
		err = r.sortIn()
	}
	if err == nil && time.Since(r.swept) >= sweepPause {
		err = r.sweep()
	}
	for range tidySteps {
		if err != nil || !r.tables.tidying && r.tables.used() <= options.MaxBytes {
			break
		}
		err = r.commit(func(conn *storage.Conn, next *tables) error { return next.tidy(conn, options) })
	}
	r.report(err)
}

// append writes what waits; all: also the minutes that are not over.
func (r *recorder) append(all bool) error {
	b := r.history.pending.take(all)
	r.history.pending.adapt(r.history.options, len(b.rows), len(b.minutes))
	if b.newest != 0 {
		r.newest = b.newest
	}
	if len(b.rows)+len(b.minutes) == 0 {
		return nil
	}
	// What an earlier round or process could not end comes first.
	err := error(nil)
	if r.tables.sorted > 0 {
		err = r.sortIn()
	}
	if err == nil {
		err = r.commit(func(conn *storage.Conn, next *tables) error { return next.write(conn, b) })
	}
	if err != nil {
		r.history.pending.lose(b)
	}
	return err
}

// sortIn moves recent rows into their tables, in steps so that none takes long.
func (r *recorder) sortIn() error {
	for {
		if err := r.commit(func(conn *storage.Conn, next *tables) error { return next.sortIn(conn) }); err != nil {
			return err
		}
		if r.tables.sorted == 0 {
			r.sorted = time.Now()
			return nil
		}
	}
}

// sweep lets the clock of ages go on, and tidying begin.
func (r *recorder) sweep() error {
	elapsed := time.Since(r.swept)
	r.swept = time.Now()
	return r.commit(func(_ *storage.Conn, next *tables) error {
		next.clock.advance(r.newest, elapsed)
		next.tidying = true
		return nil
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
	r.sorted, r.swept = time.Now(), time.Now()
	err := r.commit(func(conn *storage.Conn, next *tables) error { return next.load(conn) })
	r.report(err)
	return err
}

func (r *recorder) report(failure error) {
	h, t := r.history, r.tables
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failure = failure
	h.disk = diskStatus{
		rows: t.rawRows + t.minuteRows + t.hourRows + t.recent, bytes: t.pages * pageSize, used: t.used(), oldest: t.oldest,
	}
}
