package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/access"
	"github.com/tidegate/tidegate/storage/archive"
	"github.com/tidegate/tidegate/storage/config"
	"github.com/tidegate/tidegate/storage/queue"
)

// keeper makes backups of a data directory and restores them there, one at a time. It writes nowhere else.
type keeper struct {
	folder string
	floor  int // MB that stay free; 0 for the default
	dir    *os.Root
	logger *slog.Logger
	// config and queue are open, and copyHistory copies the history; a restore does without them.
	config      *config.Store
	queue       *queue.Queue
	copyHistory func(ctx context.Context, to string) error
	// busy is held by a backup, and from the reading of a backup to the end of its restore.
	busy chan struct{}
}

func openKeeper(s settings, logger *slog.Logger) (*keeper, error) {
	dir, err := os.OpenRoot(s.Data)
	if err != nil {
		return nil, fmt.Errorf("open the data directory: %w", err)
	}
	return &keeper{folder: s.Data, floor: s.FreeFloor, dir: dir, logger: logger, busy: make(chan struct{}, 1)}, nil
}

// Close ends the use of the directory.
func (k *keeper) Close() error { return k.dir.Close() }

func (k *keeper) path(names ...string) string {
	return filepath.Join(append([]string{k.folder}, names...)...)
}

var errBusy = gateway.Errorf(gateway.Conflict, "another backup or restore is going on: wait for its end")

func (k *keeper) begin() error {
	select {
	case k.busy <- struct{}{}:
		return nil
	default:
		return errBusy
	}
}

// What a backup or a restore leaves free on the disk: what the queue leaves free, and some room for the queue.
const (
	defaultFloor = 500 << 20
	spare        = 64 << 20
)

// room refuses what would fill the disk.
func (k *keeper) room(size int64) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(k.folder, &disk); err != nil {
		return fmt.Errorf("look for room: %w", err)
	}
	block := int64(disk.Bsize)
	stay := int64(k.floor)<<20 + spare
	if k.floor == 0 {
		stay = min(defaultFloor, int64(disk.Blocks)/20*block) + spare
	}
	if free := int64(disk.Bavail) * block; size > free-stay {
		return gateway.Errorf(gateway.Unavailable, "it needs %d MB in %s, where %d MB are free and %d MB stay free: make room first",
			size>>20+1, k.folder, free>>20, stay>>20)
	}
	return nil
}

// backupRequest is what a backup shall be, and restoreRequest is what shall be taken from one; the latter comes before
// the bytes of the backup.
type (
	backupRequest struct {
		Passphrase string `json:"passphrase"`
		gateway.BackupParts
	}
	restoreRequest backupRequest
)

// snapshot is a copy of everything that goes into a backup, taken while the gateway runs. Close removes it.
type snapshot struct {
	keeper     *keeper
	dir        *os.Root
	manifest   archive.Manifest
	passphrase string
}

// Snapshot copies what is asked for into a folder of the data directory.
func (k *keeper) Snapshot(ctx context.Context, request backupRequest) (*snapshot, error) {
	if err := access.CheckPassphrase(request.Passphrase); err != nil {
		return nil, err
	}
	if err := k.begin(); err != nil {
		return nil, err
	}
	s := &snapshot{keeper: k, passphrase: request.Passphrase}
	if err := s.take(ctx, request.BackupParts); err != nil {
		return nil, errors.Join(fmt.Errorf("back up: %w", err), s.Close())
	}
	return s, nil
}

func (s *snapshot) take(ctx context.Context, parts gateway.BackupParts) error {
	k := s.keeper
	current, err := k.config.Load(ctx)
	if err != nil {
		return err
	}
	s.manifest = archive.Manifest{Version: version, Gateway: current.Name, Created: time.Now().UTC()}
	if s.dir, err = k.emptyFolder(archive.Making); err != nil {
		return err
	}
	if err := k.config.Backup(ctx, k.path(archive.Making, archive.Config)); err != nil {
		return err
	}
	for _, name := range []string{archive.CA, archive.Certificate} {
		if err := s.copy(name); err != nil {
			return fmt.Errorf("copy %s: %w", name, err)
		}
	}
	return s.takeParts(ctx, parts)
}

// takeParts copies what can be large, when there is room for all of it.
func (s *snapshot) takeParts(ctx context.Context, parts gateway.BackupParts) error {
	k := s.keeper
	copies := []struct {
		wanted bool
		name   string
		copy   func(ctx context.Context, to string) error
	}{
		{parts.Queue, archive.Queue, k.copyQueue},
		{parts.History, archive.History, k.copyHistory},
	}
	var size int64
	for _, part := range copies {
		if part.wanted {
			size += k.sizeOf(part.name)
		}
	}
	if err := k.room(size); err != nil {
		return err
	}
	for _, part := range copies {
		if !part.wanted {
			continue
		}
		if err := part.copy(ctx, k.path(archive.Making, part.name)); err != nil {
			return fmt.Errorf("copy %s: %w", part.name, err)
		}
	}
	return nil
}

func (k *keeper) copyQueue(ctx context.Context, to string) error { return k.queue.Backup(ctx, to) }

// sizeOf is about what the copy of a database will have: what of the log is not in the file yet may make it larger.
func (k *keeper) sizeOf(name string) (size int64) {
	for _, part := range []string{name, name + "-wal"} {
		if info, err := k.dir.Stat(part); err == nil {
			size += info.Size()
		}
	}
	return size
}

// copy leaves out what is not there: without HTTPS there are no certificates.
func (s *snapshot) copy(name string) error {
	content, err := s.keeper.dir.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.dir.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return s.dir.WriteFile(name, content, 0o600)
}

// emptyFolder makes a folder in the data directory anew.
func (k *keeper) emptyFolder(name string) (*os.Root, error) {
	if err := k.dir.RemoveAll(name); err != nil {
		return nil, err
	}
	if err := k.dir.Mkdir(name, 0o700); err != nil {
		return nil, err
	}
	return k.dir.OpenRoot(name)
}

// Write writes the backup.
func (s *snapshot) Write(w io.Writer) error {
	if err := archive.Write(w, s.passphrase, s.manifest, s.dir); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	s.keeper.logger.Info("backup made", "queue", s.has(archive.Queue), "history", s.has(archive.History))
	return nil
}

func (s *snapshot) has(name string) bool {
	_, err := s.dir.Stat(name)
	return err == nil
}

// Name is what a file with this backup is called.
func (s *snapshot) Name() string {
	return fmt.Sprintf("tidegate-%s-%s.tgbackup", s.manifest.Gateway, s.manifest.Created.Format("20060102-150405"))
}

// Close removes the copy.
func (s *snapshot) Close() error {
	defer func() { <-s.keeper.busy }()
	var closed error
	if s.dir != nil {
		closed = s.dir.Close()
	}
	return errors.Join(closed, s.keeper.dir.RemoveAll(archive.Making))
}
