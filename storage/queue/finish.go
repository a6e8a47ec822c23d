package queue

import (
	"cmp"
	"slices"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// position is the place of a delivery row, with the message that has to be there.
type position struct {
	session  int64
	lane     mqtt.Lane
	position uint64
	message  uint64
	// orphan: the session is gone and has no counters any more.
	orphan bool
}

func comparePositions(a, b position) int {
	return cmp.Or(cmp.Compare(a.session, b.session), cmp.Compare(a.lane, b.lane), cmp.Compare(a.position, b.position))
}

// runs calls each with what lies side by side: a receiver acknowledges in order, so that a group usually has one run per
// lane. It sorts the rows.
func runs(rows []position, each func(run []position) error) error {
	slices.SortFunc(rows, comparePositions)
	rows = slices.CompactFunc(rows, func(x, y position) bool { return comparePositions(x, y) == 0 })
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && follows(rows[n-1], rows[n]) {
			n++
		}
		if err := each(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func follows(a, b position) bool {
	return a.session == b.session && a.lane == b.lane && a.position+1 == b.position
}

// messages are the bounds of the message identifiers of a run.
func messages(run []position) (low, high uint64) {
	low, high = run[0].message, run[0].message
	for _, p := range run {
		low, high = min(low, p.message), max(high, p.message)
	}
	return low, high
}

// recordReceived remembers for each row that PUBREC came. Comparing the message keeps it from a new session with the same
// client.
func (b *batch) recordReceived(conn *storage.Conn) error {
	return runs(b.received, func(run []position) error {
		first, last := run[0], run[len(run)-1]
		low, high := messages(run)
		return conn.Do("UPDATE delivery SET state = ? "+
			"WHERE session = ? AND lane = ? AND position BETWEEN ? AND ? AND message BETWEEN ? AND ?",
			int64(mqtt.DeliveryReceived), first.session, int64(first.lane), int64(first.position), int64(last.position),
			int64(low), int64(high))
	})
}

func (b *batch) removeFinished(conn *storage.Conn) error {
	return runs(b.finished, func(run []position) error { return b.removeRun(conn, run) })
}

// removeRun looks before it removes: a row that was never written, or went with its session, must not cost the body a
// reference. Comparing the message keeps a late acknowledgement from hitting a new session with the same client.
func (b *batch) removeRun(conn *storage.Conn, run []position) error {
	first, last := run[0], run[len(run)-1]
	low, high := messages(run)
	var found, bytes int64
	err := conn.Query(func(row storage.Row) error {
		found, bytes = row.Int(0), row.Int(1)
		return nil
	}, "SELECT count(*), sum(size) FROM delivery "+
		"WHERE session = ? AND lane = ? AND position BETWEEN ? AND ? AND message BETWEEN ? AND ?",
		first.session, int64(first.lane), int64(first.position), int64(last.position), int64(low), int64(high))
	switch {
	case err != nil:
		return err
	case found == 0:
		return nil
	case found < int64(len(run)):
		for i := range run {
			if err := b.removeRun(conn, run[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	err = conn.Do("DELETE FROM delivery WHERE session = ? AND lane = ? AND position BETWEEN ? AND ?",
		first.session, int64(first.lane), int64(first.position), int64(last.position))
	if err != nil {
		return err
	}
	if err := unpark(conn, first, last); err != nil {
		return err
	}
	for _, p := range run {
		b.released = append(b.released, p.message)
	}
	if first.orphan {
		return nil
	}
	l, err := b.lane(conn, laneKey{first.session, first.lane})
	if err != nil {
		return err
	}
	l.removed(found, bytes)
	return nil
}

// releaseBodies takes references from bodies, and removes those without any, again in runs of neighbours.
func (b *batch) releaseBodies(conn *storage.Conn) error {
	slices.Sort(b.released)
	type run struct {
		first, last uint64
		refs        int64
	}
	var runs []run
	for ids := b.released; len(ids) > 0; {
		n := 1
		for n < len(ids) && ids[n] == ids[0] {
			n++
		}
		last := len(runs) - 1
		if last >= 0 && runs[last].last+1 == ids[0] && runs[last].refs == int64(n) {
			runs[last].last = ids[0]
		} else {
			runs = append(runs, run{ids[0], ids[0], int64(n)})
		}
		ids = ids[n:]
	}
	for _, r := range runs {
		if err := releaseRun(conn, r.first, r.last, r.refs); err != nil {
			return err
		}
	}
	return nil
}

func releaseRun(conn *storage.Conn, first, last uint64, refs int64) error {
	gone, err := conn.Exec("DELETE FROM message WHERE id BETWEEN ? AND ? AND refs <= ?", int64(first), int64(last), refs)
	if err != nil || gone == int64(last-first+1) {
		return err
	}
	return conn.Do("UPDATE message SET refs = refs - ? WHERE id BETWEEN ? AND ?", refs, int64(first), int64(last))
}
