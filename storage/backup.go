package storage

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// backupPages is how much is copied at a time; the source is not locked in between.
const backupPages = 256

// Backup writes a consistent copy of the database to a file, which is replaced only when the copy is whole and on disk.
func (db *DB) Backup(ctx context.Context, to string) error {
	unfinished := to + ".new"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(unfinished, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := db.backupInto(ctx, unfinished); err != nil {
		return errors.Join(fmt.Errorf("back up %s: %w", db.path, err), os.Remove(unfinished))
	}
	return moveInto(unfinished, to)
}

func (db *DB) backupInto(ctx context.Context, to string) (failed error) {
	target, err := connect(dsn(to, url.Values{"mode": {"rw"}, "_synchronous": {"FULL"}}))
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, target.close()) }()
	return db.Read(ctx, func(source *Conn) error {
		backup, err := target.raw.Backup("main", source.raw, "main")
		if err != nil {
			return err
		}
		for done := false; !done; {
			if err = ctx.Err(); err != nil {
				break
			}
			if done, err = backup.Step(backupPages); err != nil {
				break
			}
		}
		return errors.Join(err, backup.Finish())
	})
}

// OpenCopy opens a copy that Backup made, perhaps elsewhere. It is like Open, but reads the whole file first, and a damaged
// or foreign one is an error that changes nothing.
func OpenCopy(path string, options Options) (*DB, error) {
	options = options.withDefaults()
	options.CheckWhole = true
	if err := checkFile(path, options); err != nil {
		return nil, fmt.Errorf("check %s: %w", filepath.Base(path), err)
	}
	options.CheckWhole = false
	return Open(path, options)
}

// Peek reads a database without opening it for work: nothing is set aside or brought up to date. The file may be live.
func Peek(path string, read func(*Conn) error) (failed error) {
	// Not mode=ro: with it SQLite would leave a log and its index behind, beside a file that had none.
	conn, err := connect(dsn(path, url.Values{"mode": {"rw"}, "_busy_timeout": {fmt.Sprint(busyTimeout)}}))
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, conn.close()) }()
	return read(conn)
}
