package storage

import (
	"context"
	"errors"
	"fmt"
)

// Update makes one change in a transaction and returns when it is on disk. It is for databases that change rarely and
// have no Writer; changes wait for each other until ctx ends. After an error nothing of the change is left. On a full disk
// it may run twice.
func (db *DB) Update(ctx context.Context, change func(*Conn) error) error {
	select {
	case db.updating <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-db.updating }()
	if db.isClosed() {
		return ErrClosed
	}
	if db.writer == nil {
		if err := db.reopenWriter(); err != nil {
			return fmt.Errorf("open %s again: %w", db.path, err)
		}
	}
	err := db.transact(change)
	if IsFull(err) && db.options.Space.exhausted() {
		err = db.transactAgain(change)
	}
	db.noticeDamage(err)
	return err
}

// transactAgain runs a change once more in the room that the ballast has made. Nothing is left of the first time.
func (db *DB) transactAgain(change func(*Conn) error) error {
	if err := db.reopenWriter(); err != nil {
		return fmt.Errorf("open %s again: %w", db.path, err)
	}
	return db.transact(change)
}

func (db *DB) transact(change func(*Conn) error) error {
	conn := db.writer
	err := conn.Do("BEGIN IMMEDIATE")
	if err == nil {
		err = asMember(change(conn))
	}
	if err == nil {
		point("update.before", db.path)
		if err = conn.Do("COMMIT"); err == nil {
			point("update.after", db.path)
			return nil
		}
	}
	if _, isMember := errors.AsType[*memberError](err); isMember && conn.inTransaction() && !isFatal(err) {
		rolledBack := conn.Do("ROLLBACK")
		if rolledBack == nil {
			return unmember(err)
		}
		err = errors.Join(unmember(err), rolledBack)
	}
	// The next change starts on a new connection: a sync is never repeated on this one.
	db.writer = nil
	return errors.Join(fmt.Errorf("change %s: %w", db.path, unmember(err)), conn.close())
}
