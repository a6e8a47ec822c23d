package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/archive"
	"github.com/tidegate/tidegate/storage/config"
	"github.com/tidegate/tidegate/storage/history"
	"github.com/tidegate/tidegate/storage/queue"
)

// staged is a backup that was read and checked, and waits for its confirmation.
type staged struct {
	keeper   *keeper
	manifest archive.Manifest
	plan     gateway.RestorePlan
	lastID   int64
	// late forgets it when nobody confirms it in time; nil while nobody could.
	late *time.Timer
}

// Stage reads a backup to its last byte and checks everything in it. Nothing is replaced. The caller ends it with
// Commit or Discard.
func (k *keeper) Stage(ctx context.Context, r io.Reader, request restoreRequest) (*staged, error) {
	if err := k.begin(); err != nil {
		return nil, err
	}
	s := &staged{keeper: k}
	if err := s.read(ctx, r, request); err != nil {
		return nil, errors.Join(refusal(err), s.Discard())
	}
	return s, nil
}

// refusal is about what was sent, unless the disk is to blame or the sender went away.
func refusal(err error) error {
	disk, isDisk := errors.AsType[*fs.PathError](err)
	switch {
	case gateway.CodeOf(err) != "", errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, archive.ErrPassphrase):
		return gateway.FieldErrorf("passphrase", "%w", err)
	case isDisk:
		return gateway.Errorf(gateway.Unavailable, "the backup cannot be put on the disk (%w): nothing was changed", disk)
	default:
		return gateway.Errorf(gateway.Invalid, "%w", err)
	}
}

func (s *staged) read(ctx context.Context, r io.Reader, request restoreRequest) error {
	k := s.keeper
	dir, err := k.emptyFolder(archive.Staging)
	if err != nil {
		return fmt.Errorf("make a folder for the backup: %w", err)
	}
	defer func() { _ = dir.Close() }()
	manifest, err := archive.Read(r, dir, archive.Options{
		Passphrase: request.Passphrase,
		Skip:       request.skips,
		Accept:     func(m *archive.Manifest) error { return k.accept(m, request) },
	})
	if err != nil {
		return err
	}
	s.manifest = *manifest
	s.plan = gateway.RestorePlan{Backup: infoOf(manifest), Restores: request.BackupParts, LostBridges: []string{}}
	if err := s.adoptConfig(ctx); err != nil {
		return fmt.Errorf("check the configuration of the backup: %w", err)
	}
	return s.adoptParts(ctx)
}

func infoOf(m *archive.Manifest) gateway.BackupInfo {
	return gateway.BackupInfo{
		Version: m.Version, Gateway: m.Gateway, Created: m.Created, Bytes: m.Size(),
		Has: gateway.BackupParts{Queue: m.Has(archive.Queue), History: m.Has(archive.History)},
	}
}

func (s *staged) adoptParts(ctx context.Context) error {
	k := s.keeper
	if s.plan.Restores.Queue {
		adopted, err := queue.Adopt(ctx, k.path(archive.Staging, archive.Queue), k.logger)
		if err != nil {
			return fmt.Errorf("check the queue of the backup: %w", err)
		}
		s.plan.PossiblyTwice, s.plan.Generation, s.lastID = adopted.Deliveries, adopted.Generation, adopted.LastID
	}
	if s.plan.Restores.History {
		if err := history.Adopt(k.path(archive.Staging, archive.History), k.logger); err != nil {
			return fmt.Errorf("check the history of the backup: %w", err)
		}
	}
	return nil
}

// skips tells which files stay in the backup.
func (r *restoreRequest) skips(name string) bool {
	return name == archive.Queue && !r.Queue || name == archive.History && !r.History
}

func (k *keeper) accept(m *archive.Manifest, request restoreRequest) error {
	if request.Queue && !m.Has(archive.Queue) {
		return gateway.FieldErrorf("queue", "the queue is not in it: restore without it")
	}
	if request.History && !m.Has(archive.History) {
		return gateway.FieldErrorf("history", "the history is not in it: restore without it")
	}
	var size int64
	for _, file := range m.Files {
		if !request.skips(file.Name) {
			size += file.Size
		}
	}
	return k.room(size)
}

// adoptConfig refuses a configuration that could not run.
func (s *staged) adoptConfig(ctx context.Context) error {
	k := s.keeper
	adopted, err := config.Adopt(ctx, k.path(archive.Staging, archive.Config), k.path(archive.Config), k.logger)
	if err != nil {
		return err
	}
	c := adopted.Config
	if c.Revision > 0 {
		if err := errors.Join(c.Validate(), drivers.Validate(c)); err != nil {
			return err
		}
	}
	s.plan.Revision, s.plan.Users = c.Revision, append([]string{}, adopted.Users...)
	s.plan.Connections, s.plan.Devices, s.plan.Bridges = len(c.Connections), len(c.Devices), len(c.Bridges)
	if !s.plan.Restores.Queue {
		s.plan.LostBridges = append(s.plan.LostBridges, adopted.Gone...)
	}
	return nil
}

// Commit makes the restore certain: it is carried out when the databases are opened the next time, before that.
func (s *staged) Commit() error {
	k := s.keeper
	parts := s.plan.Restores
	err := archive.Commit(k.dir, archive.Restored{
		At: time.Now().UTC(), Backup: s.manifest, Queue: parts.Queue, History: parts.History,
		PossiblyTwice: s.plan.PossiblyTwice, LastID: s.lastID,
	})
	if err != nil {
		return errors.Join(err, s.Discard())
	}
	k.logger.Warn("a backup will be restored", "backup_of", s.plan.Backup.Created, "gateway", s.plan.Backup.Gateway,
		"queue", parts.Queue, "history", parts.History, "possibly_twice", s.plan.PossiblyTwice)
	return nil
}

// Discard forgets the backup.
func (s *staged) Discard() error {
	defer func() { <-s.keeper.busy }()
	return s.keeper.dir.RemoveAll(archive.Staging)
}
