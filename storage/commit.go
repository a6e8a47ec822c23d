package storage

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

// pending is a member of the group that is being committed.
type pending struct {
	Member
	// outcome, once it is not nil, is that of the member: the attempts that follow leave it out.
	outcome error
}

// commit makes one group durable and tells each member, in order. The error is that of the whole group.
func (w *Writer) commit(members []Member) error {
	started := time.Now()
	err := w.usable()
	group := w.gather(members, err == nil)
	if err == nil {
		err = w.transaction(group)
	}
	if err != nil {
		err = fmt.Errorf("commit a group: %w", err)
		group = w.afterFailure(group, err)
	}
	w.count(group, time.Since(started))
	for i := range group {
		group[i].done(group[i].outcome)
	}
	if err == nil {
		notify(w.checkpoint)
	}
	return err
}

// gather puts what is owed in front, and refuses what must not grow on a full disk.
func (w *Writer) gather(members []Member, usable bool) []pending {
	full := w.db.space().error()
	if usable {
		members = append(w.owed, members...)
		w.owed, w.owedBytes = nil, 0
	}
	group := make([]pending, len(members))
	for i, m := range members {
		group[i].Member = m
		if !m.Small {
			group[i].outcome = full
		}
	}
	return group
}

// afterFailure settles a group that failed as a whole, together with what waits behind it: nobody may overtake a member
// that will come again. Small members get a second chance on the new connection; what is owed is kept for a later one.
func (w *Writer) afterFailure(group []pending, err error) []pending {
	for _, m := range w.takeGrowing() {
		group = append(group, pending{Member: m, outcome: fmt.Errorf("wait behind a group that failed: %w", certain(err))})
	}
	for i := range group {
		if p := &group[i]; !p.Small && p.outcome == nil {
			p.outcome = err
		}
	}
	if w.db.writer != nil && !IsCorrupt(err) {
		err = w.transaction(group)
	}
	if err == nil {
		return group
	}
	kept := group[:0]
	for _, p := range group {
		if p.outcome == nil {
			if w.owe(p.Member) {
				continue
			}
			p.outcome = err
		}
		kept = append(kept, p)
	}
	return kept
}

// maxOwed bounds the bytes that are kept while the database cannot be written.
const maxOwed = 16 << 20

// owe keeps a member for the next group, unless there are too many.
func (w *Writer) owe(m Member) bool {
	if !m.Owed || w.owedBytes+m.Size > maxOwed {
		return false
	}
	w.owed = append(w.owed, m)
	w.owedBytes += m.Size
	return true
}

func (w *Writer) count(group []pending, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Groups++
	w.stats.LastGroup = took
	w.stats.CommitTimes.add(took.Seconds())
	w.stats.GroupSizes.add(float64(len(group)))
	for _, p := range group {
		if p.outcome != nil {
			w.stats.Failed++
			continue
		}
		w.stats.Members++
		w.stats.Bytes += uint64(p.Size)
	}
}

// transaction tries the fast way first: all members, one flush. When one of them fails, everything is rolled back and
// runs again with a savepoint for each, which shows who it was.
func (w *Writer) transaction(group []pending) error {
	err := w.attempt(func(conn *Conn) error {
		for i := range group {
			if group[i].outcome != nil {
				continue
			}
			if err := group[i].Apply(conn); err != nil {
				return asMember(err)
			}
		}
		return asMember(w.options.Flush(conn))
	})
	if failed, isMember := errors.AsType[*memberError](err); isMember {
		if len(group) == 1 {
			group[0].outcome = failed.error
			return nil
		}
		err = w.attempt(func(conn *Conn) error { return w.oneByOne(conn, group) })
	}
	return err
}

// memberError is the failure of a member in a transaction that is otherwise sound.
type memberError struct{ error }

func (e *memberError) Unwrap() error { return e.error }

func asMember(err error) error {
	if err == nil {
		return nil
	}
	return &memberError{err}
}

// attempt runs body in a transaction. After an error nothing of it is left; unless it was a member's, the connection is
// not used again: after a failed sync nobody knows what is on disk, and a second sync would lie.
func (w *Writer) attempt(body func(*Conn) error) error {
	conn := w.db.writer
	err := conn.Do("BEGIN IMMEDIATE")
	if err == nil {
		err = body(conn)
	}
	if err == nil {
		point("commit.before", w.db.path)
		if err = conn.Do("COMMIT"); err == nil {
			point("commit.after", w.db.path)
			return nil
		}
		err = uncertain(err)
	}
	w.options.Forget()
	if _, isMember := errors.AsType[*memberError](err); isMember && conn.inTransaction() && !isFatal(err) {
		rolledBack := conn.Do("ROLLBACK")
		if rolledBack == nil {
			return err
		}
		err = errors.Join(err, rolledBack)
	}
	err = errors.Join(ErrUnwritten, unmember(err))
	w.fail(err)
	return err
}

// ErrUnwritten is in front of errors that concern a whole group, and of what Admit says while nothing can be written.
var ErrUnwritten = errors.New("the database could not be written")

// ErrUncertain marks the failure of a group that may turn out to be on disk when the file is opened again: its log was
// written and could not be synced. Whoever has waited for it must not be told that nothing was kept.
var ErrUncertain = errors.New("nobody knows what is on disk")

// uncertain is for a failed COMMIT. One that found no room did not get as far as its end.
func uncertain(err error) error {
	if IsFull(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUncertain, err)
}

// certain is the same failure for those who were not part of it.
func certain(err error) error {
	if failure, isSQLite := errors.AsType[sqlite3.Error](err); isSQLite {
		return errors.Join(ErrUnwritten, failure)
	}
	return ErrUnwritten
}

// unmember keeps a fatal failure inside a member from being taken for the member's own.
func unmember(err error) error {
	if failed, isMember := errors.AsType[*memberError](err); isMember {
		return failed.error
	}
	return err
}

// isFatal tells failures of the disk or the memory from those of a statement.
func isFatal(err error) bool {
	failure, isSQLite := errors.AsType[sqlite3.Error](err)
	if !isSQLite {
		return false
	}
	switch failure.Code {
	case sqlite3.ErrIoErr, sqlite3.ErrFull, sqlite3.ErrCorrupt, sqlite3.ErrNotADB, sqlite3.ErrCantOpen,
		sqlite3.ErrReadonly, sqlite3.ErrNomem, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrProtocol:
		return true
	}
	return false
}

func (w *Writer) oneByOne(conn *Conn, group []pending) error {
	// What an attempt finds out about its members holds only if it is committed.
	outcomes := make([]error, len(group))
	for i := range group {
		if group[i].outcome != nil {
			continue
		}
		if err := conn.Do("SAVEPOINT member"); err != nil {
			return err
		}
		outcomes[i] = w.alone(conn, &group[i].Member)
		if outcomes[i] != nil {
			w.options.Forget()
			if !conn.inTransaction() || isFatal(outcomes[i]) {
				return outcomes[i]
			}
			if err := conn.Do("ROLLBACK TO member"); err != nil {
				return err
			}
		}
		if err := conn.Do("RELEASE member"); err != nil {
			return err
		}
	}
	for i := range group {
		group[i].outcome = cmp.Or(group[i].outcome, outcomes[i])
	}
	return nil
}

func (w *Writer) alone(conn *Conn, m *Member) error {
	if err := m.Apply(conn); err != nil {
		return err
	}
	return w.options.Flush(conn)
}
