package config

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// Adopted is what a copy brings.
type Adopted struct {
	Config gateway.Config
	Users  []string
	// Gone are bridges of the present configuration that the copy does not know.
	Gone []string
}

// Backup copies the database to a file.
func (s *Store) Backup(ctx context.Context, to string) error { return s.db.Backup(ctx, to) }

// Adopt checks a copy from a backup, brings it up to date, and makes it ready to take the place of the file at present,
// which may be missing, damaged or live: its logins end, and its counters go on after those of the present file, so that
// no run number comes twice and its good copies count as the newest.
func Adopt(ctx context.Context, copied, present string, logger *slog.Logger) (a Adopted, failed error) {
	options, err := fileOptions(logger)
	if err != nil {
		return a, err
	}
	db, err := storage.OpenCopy(copied, options)
	if err != nil {
		return a, err
	}
	defer func() { failed = errors.Join(failed, db.Close()) }()
	now := look(present)
	err = db.Update(ctx, func(conn *storage.Conn) error {
		if err := conn.Do("DELETE FROM login"); err != nil {
			return err
		}
		return conn.Do("UPDATE meta SET run = max(run, ?), change = max(change, ?)", now.run, now.change)
	})
	if err != nil {
		return a, fmt.Errorf("prepare %s: %w", filepath.Base(copied), err)
	}
	store := &Store{db: db, path: copied, logger: logger}
	if a.Config, err = store.Load(ctx); err != nil {
		return a, err
	}
	for _, id := range now.bridges {
		if _, known := a.Config.Bridge(id); !known {
			a.Gone = append(a.Gone, id)
		}
	}
	accounts, err := store.Accounts(ctx)
	for _, account := range accounts {
		a.Users = append(a.Users, account.Name)
	}
	return a, err
}

// present is what a copy has to know of the file that it replaces.
type present struct {
	run, change int64
	bridges     []string
}

// look makes a run number that is beyond all that were used, should the file not tell.
func look(path string) present {
	var p present
	err := storage.Peek(path, func(conn *storage.Conn) error {
		err := conn.Query(func(row storage.Row) error {
			p.run, p.change = row.Int(0), row.Int(1)
			return nil
		}, "SELECT run, change FROM meta")
		if err != nil {
			return err
		}
		return conn.Query(func(row storage.Row) error {
			p.bridges = append(p.bridges, row.Text(0))
			return nil
		}, "SELECT id FROM bridge ORDER BY ordinal")
	})
	if err != nil {
		p.run = max(p.run, time.Now().Unix())
	}
	// Without its folder there are no copies either.
	copies, _ := goodCopies(path)
	for _, name := range copies {
		_, digits, _ := strings.Cut(filepath.Base(name), copySuffix)
		number, _ := strconv.ParseInt(digits, 10, 64) // goodCopies looked at the digits
		p.change = max(p.change, number)
	}
	return p
}
