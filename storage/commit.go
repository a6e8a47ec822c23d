package storage

import (
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

// reopenPause keeps a dead disk from being asked for every group.
const reopenPause = 500 * time.Millisecond

// commit makes one group durable and tells each member, in order. The error is that of the whole group.
func (w *Writer) commit(members []Member) error {
	started := time.Now()
	outcomes := make([]error, len(members))
	err := w.transaction(members, outcomes)
	if err != nil {
		err = fmt.Errorf("commit a group: %w", err)
		for i := range outcomes {
			outcomes[i] = err
		}
	}
	w.count(members, outcomes, time.Since(started))
	for i := range members {
		members[i].done(outcomes[i])
	}
	if err == nil {
		notify(w.checkpoint)
	}
	return err
}

func (w *Writer) count(members []Member, outcomes []error, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Groups++
	w.stats.LastGroup = took
	for i, m := range members {
		if outcomes[i] != nil {
			w.stats.Failed++
			continue
		}
		w.stats.Members++
		w.stats.Bytes += uint64(m.Size)
	}
}

// transaction tries the fast way first: all members, one flush. When one of them fails, everything is rolled back and
// runs again with a savepoint for each, which shows who it was.
func (w *Writer) transaction(members []Member, outcomes []error) error {
	if err := w.usable(); err != nil {
		return err
	}
	err := w.attempt(func(conn *Conn) error {
		for i := range members {
			if err := members[i].Apply(conn); err != nil {
				return &memberError{err}
			}
		}
		return asMember(w.options.Flush(conn))
	})
	if failed, isMember := errors.AsType[*memberError](err); isMember {
		if len(members) == 1 {
			outcomes[0] = failed.error
			return nil
		}
		err = w.attempt(func(conn *Conn) error { return w.oneByOne(conn, members, outcomes) })
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
		if err = conn.Do("COMMIT"); err == nil {
			return nil
		}
	}
	w.options.Forget()
	if _, isMember := errors.AsType[*memberError](err); isMember && conn.inTransaction() && !isFatal(err) {
		rolledBack := conn.Do("ROLLBACK")
		if rolledBack == nil {
			return err
		}
		err = errors.Join(err, rolledBack)
	}
	w.fail(err)
	return errors.Join(errGroup, unmember(err))
}

// errGroup is in front of errors that concern a whole group.
var errGroup = errors.New("the database could not be written")

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

func (w *Writer) oneByOne(conn *Conn, members []Member, outcomes []error) error {
	for i := range members {
		if err := conn.Do("SAVEPOINT member"); err != nil {
			return err
		}
		outcomes[i] = w.alone(conn, &members[i])
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
	return nil
}

func (w *Writer) alone(conn *Conn, m *Member) error {
	if err := m.Apply(conn); err != nil {
		return err
	}
	return w.options.Flush(conn)
}

// fail remembers that the connection must not be used any more.
func (w *Writer) fail(err error) {
	w.mu.Lock()
	known := w.stats.Failure != nil
	w.stats.Failure = err
	w.mu.Unlock()
	if closed := w.db.closeWriter(); closed != nil {
		w.options.Logger.Debug("closing a broken connection", "path", w.db.path, "error", closed)
	}
	if !known {
		w.options.Logger.Error("database cannot be written", "path", w.db.path, "error", err)
	}
	// At once: a full disk may have room a moment later, and Admit refuses as long as this has not worked.
	w.mend()
}

// mend opens the database again if it is time.
func (w *Writer) mend() {
	if err := w.usable(); err != nil {
		w.options.Logger.Debug("database cannot be opened again yet", "path", w.db.path, "error", err)
	}
}

// usable opens the database again after a failure, but not too often.
func (w *Writer) usable() error {
	if w.db.writer != nil {
		return nil
	}
	w.mu.Lock()
	failure, again := w.stats.Failure, time.Since(w.reopened) >= reopenPause
	w.mu.Unlock()
	if !again {
		return errors.Join(errGroup, failure)
	}
	if err := w.reopen(); err != nil {
		return errors.Join(errGroup, err)
	}
	return nil
}

// reopen starts on a clean connection.
func (w *Writer) reopen() error {
	w.mu.Lock()
	w.reopened = time.Now()
	w.mu.Unlock()
	if err := w.db.reopenWriter(); err != nil {
		return err
	}
	w.mu.Lock()
	w.stats.Failure = nil
	w.mu.Unlock()
	w.options.Logger.Info("database can be written again", "path", w.db.path)
	return nil
}
