package queue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"

	"github.com/tidegate/tidegate/storage"
)

// Adopted is what a copy brings.
type Adopted struct {
	// Deliveries wait in it. Whoever got them after the copy was made gets them twice.
	Deliveries int64
	// LastID is the largest identifier of a message in it.
	LastID int64
	// Generation is the one that it had.
	Generation string
}

// Backup copies the database to a file. It waits for no commit and delays none.
func (q *Queue) Backup(ctx context.Context, to string) error { return q.db.Backup(ctx, to) }

// Holds reports whether a message with an identifier up to last is still queued. Identifiers begin anew only after the
// queue was empty at a start.
func (q *Queue) Holds(ctx context.Context, last int64) (holds bool, err error) {
	err = q.db.Read(ctx, func(conn *storage.Conn) error {
		_, holds, err = conn.Int("SELECT id FROM message WHERE id <= ? LIMIT 1", last)
		return err
	})
	return holds, err
}

// Adopt checks a copy from a backup, brings it up to date, and makes it ready to be a queue again. It gets another
// generation and its sessions are fresh, so that bridges begin with a clean start: packet identifiers of then mean nothing
// now. Identifiers of messages that clients had not released are forgotten: in doubt a message comes twice, but a new one
// is never taken for an old one.
func Adopt(ctx context.Context, copied string, logger *slog.Logger) (a Adopted, failed error) {
	scripts, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return a, err
	}
	db, err := storage.OpenCopy(copied, storage.Options{ApplicationID: applicationID, Migrations: scripts, Logger: logger})
	if err != nil {
		return a, err
	}
	defer func() { failed = errors.Join(failed, db.Close()) }()
	err = db.Update(ctx, func(conn *storage.Conn) error {
		err := conn.Query(func(row storage.Row) error {
			a.Generation = row.Text(0)
			return nil
		}, "SELECT generation FROM meta")
		if err != nil {
			return err
		}
		for _, change := range []string{
			"UPDATE meta SET generation = lower(hex(randomblob(16)))",
			"UPDATE session SET fresh = 1",
			"DELETE FROM inbound",
		} {
			if err := conn.Do(change); err != nil {
				return err
			}
		}
		if a.Deliveries, _, err = conn.Int("SELECT coalesce(sum(messages), 0) FROM lane"); err != nil {
			return err
		}
		a.LastID, _, err = conn.Int("SELECT coalesce(max(id), 0) FROM message")
		return err
	})
	if err != nil {
		return a, fmt.Errorf("prepare %s: %w", filepath.Base(copied), err)
	}
	return a, nil
}
