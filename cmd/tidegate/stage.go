package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/storage/archive"
	"github.com/tidegate/tidegate/storage/config"
	"github.com/tidegate/tidegate/storage/queue"
)

// restoreRequest comes before the bytes of a backup.
type restoreRequest struct {
	Passphrase string `json:"passphrase"`
	Queue      bool   `json:"queue"`
}

// restorePlan is what a restore would do, for whoever has to confirm it.
type restorePlan struct {
	Backup      archive.Manifest `json:"backup"`
	Revision    int64            `json:"revision"`
	Users       []string         `json:"users"`
	Connections int              `json:"connections"`
	Devices     int              `json:"devices"`
	Bridges     int              `json:"bridges"`
	// Queue says that the queue would be restored too; PossiblyTwice counts its messages.
	Queue         bool  `json:"queue"`
	PossiblyTwice int64 `json:"possiblyTwice"`
	// LostBridges exist now and not in the backup: nobody sends what is queued for them.
	LostBridges []string `json:"lostBridges"`

	lastID int64
}

// staged is a backup that was read and checked, and waits for its confirmation.
type staged struct {
	keeper *keeper
	plan   restorePlan
}

// Stage reads a backup to its last byte and checks everything in it. Nothing is replaced. The caller ends it with
// Commit or Discard.
func (k *keeper) Stage(ctx context.Context, r io.Reader, request restoreRequest) (*staged, error) {
	if err := k.begin(); err != nil {
		return nil, err
	}
	s := &staged{keeper: k}
	if err := s.read(ctx, r, request); err != nil {
		return nil, errors.Join(err, s.Discard())
	}
	return s, nil
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
		Skip:       func(name string) bool { return name == archive.Queue && !request.Queue },
		Accept:     func(m *archive.Manifest) error { return k.accept(m, request.Queue) },
	})
	if err != nil {
		return err
	}
	s.plan = restorePlan{Backup: *manifest, Queue: request.Queue, LostBridges: []string{}}
	if err := s.adoptConfig(ctx); err != nil {
		return fmt.Errorf("check the configuration of the backup: %w", err)
	}
	if !request.Queue {
		return nil
	}
	adopted, err := queue.Adopt(ctx, k.path(archive.Staging, archive.Queue), k.logger)
	if err != nil {
		return fmt.Errorf("check the queue of the backup: %w", err)
	}
	s.plan.PossiblyTwice, s.plan.lastID = adopted.Deliveries, adopted.LastID
	return nil
}

func (k *keeper) accept(m *archive.Manifest, withQueue bool) error {
	if withQueue && !m.Has(archive.Queue) {
		return errors.New("the queue is not in it: restore without --queue")
	}
	return k.room(m.Size())
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
	s.plan.Revision, s.plan.Users = c.Revision, adopted.Users
	s.plan.Connections, s.plan.Devices, s.plan.Bridges = len(c.Connections), len(c.Devices), len(c.Bridges)
	if !s.plan.Queue {
		s.plan.LostBridges = append(s.plan.LostBridges, adopted.Gone...)
	}
	return nil
}

// Commit makes the restore certain: it is carried out when the databases are opened the next time, before that.
func (s *staged) Commit() error {
	k := s.keeper
	err := archive.Commit(k.dir, archive.Restored{
		At: time.Now().UTC(), Backup: s.plan.Backup, Queue: s.plan.Queue, PossiblyTwice: s.plan.PossiblyTwice, LastID: s.plan.lastID,
	})
	if err != nil {
		return errors.Join(err, s.Discard())
	}
	k.logger.Warn("a backup will be restored", "backup_of", s.plan.Backup.Created, "gateway", s.plan.Backup.Gateway,
		"queue", s.plan.Queue, "possibly_twice", s.plan.PossiblyTwice)
	return nil
}

// Discard forgets the backup.
func (s *staged) Discard() error {
	defer func() { <-s.keeper.busy }()
	return s.keeper.dir.RemoveAll(archive.Staging)
}
