package history

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// Backup copies the file, while it is written to. What has come since the last batch is not in it, see Options.Every.
func (h *History) Backup(ctx context.Context, to string) error {
	h.mu.Lock()
	db, failure := h.db, h.failure
	h.mu.Unlock()
	if db == nil {
		return gateway.Errorf(gateway.Unavailable, "the history cannot be read at present: %v", failure)
	}
	return db.Backup(ctx, to)
}

// BackupFile copies the file of a history that nobody runs.
func BackupFile(ctx context.Context, path, to string, logger *slog.Logger) error {
	db, err := openFile(path, logger)
	if err != nil {
		return err
	}
	err = db.Backup(ctx, to)
	if closed := db.Close(); err == nil {
		err = closed
	}
	return err
}

// Adopt checks a copy from a backup and brings it up to date.
func Adopt(copied string, logger *slog.Logger) error {
	scripts, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db, err := storage.OpenCopy(copied, storage.Options{ApplicationID: applicationID, Migrations: scripts, Logger: logger})
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return fmt.Errorf("close the copy: %w", err)
	}
	return nil
}
