package config

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/storage"
)

// keptCopies is how many good copies of the file are kept.
const keptCopies = 5

// copySuffix is followed by the number of the change, with zeros in front, so that names sort by age.
const copySuffix = ".good-"

// goodCopies lists the copies of the file at path, newest first.
func goodCopies(path string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	prefix := filepath.Base(path) + copySuffix
	var copies []string
	for _, entry := range entries {
		number, isCopy := strings.CutPrefix(entry.Name(), prefix)
		if isCopy && len(number) == 10 && strings.Trim(number, "0123456789") == "" {
			copies = append(copies, filepath.Join(filepath.Dir(path), entry.Name()))
		}
	}
	slices.Sort(copies)
	slices.Reverse(copies)
	return copies, nil
}

// change makes a change that must not be lost with the file: afterwards the file is copied.
func (s *Store) change(ctx context.Context, change func(*storage.Conn) error) error {
	err := s.db.Update(ctx, func(conn *storage.Conn) error {
		if err := change(conn); err != nil {
			return err
		}
		return conn.Do("UPDATE meta SET change = change + 1")
	})
	if err != nil {
		return err
	}
	// The change is made and cannot fail any more; a copy is for another accident.
	if err := s.copyFile(context.WithoutCancel(ctx)); err != nil {
		s.logger.Warn("configuration could not be copied", "path", s.path, "error", err)
	}
	return nil
}

func (s *Store) copyFile(ctx context.Context) error {
	s.copying <- struct{}{}
	defer func() { <-s.copying }()
	var number int64
	err := s.db.Read(ctx, func(conn *storage.Conn) (err error) {
		number, _, err = conn.Int("SELECT change FROM meta")
		return err
	})
	if err != nil {
		return err
	}
	if err := s.db.Backup(ctx, fmt.Sprintf("%s%s%010d", s.path, copySuffix, number)); err != nil {
		return err
	}
	copies, err := goodCopies(s.path)
	if err != nil {
		return err
	}
	for _, old := range copies[min(keptCopies, len(copies)):] {
		if err := os.Remove(old); err != nil {
			return err
		}
	}
	return nil
}
