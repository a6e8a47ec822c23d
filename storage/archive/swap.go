package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"
)

// The life of a restore in the data directory. A power cut at any point leaves the old state or the new one:
//
//	restore.new     a backup is read into it and checked; whatever of it is left at a start is removed
//	restore.ready   Commit renamed it, synced: from here on the restore happens, if need be at the next start
//	before-restore-…  Complete moves the old files there, one after the other, and the new ones into their place
//	restored.json   moved last: the restore is done
//
// A backup is made in backup.new, which is removed afterwards, or at the next start.
const (
	Making   = "backup.new"
	Staging  = "restore.new"
	ready    = "restore.ready"
	asideFor = "before-restore-"
	record   = "restored.json"
)

// Restored is what the data directory knows of its last restore.
type Restored struct {
	// At is when it was asked for; Aside is the folder with the files of before.
	At    time.Time `json:"at"`
	Aside string    `json:"aside"`
	// Backup is what was restored.
	Backup Manifest `json:"backup"`
	// Queue and History say that these were restored too. PossiblyTwice counts its messages: they may have been delivered after the
	// backup was made. LastID is the largest identifier of them.
	Queue         bool  `json:"queue"`
	History       bool  `json:"history,omitempty"`
	PossiblyTwice int64 `json:"possiblyTwice"`
	LastID        int64 `json:"lastId"`
}

// swapped are the entries of the data directory that a restore replaces, with what belongs to each of them: a log without
// its database, or with another, is an accident.
var swapped = [][]string{
	{Config, Config + "-wal", Config + "-shm", Config + "-damaged"},
	{path.Dir(CA)},
	{Queue, Queue + "-wal", Queue + "-shm", Queue + "-damaged"},
	{History, History + "-wal", History + "-shm", History + "-damaged"},
}

// Commit makes the restore of what lies in Staging certain. Complete, which needs all databases closed, carries it out.
func Commit(dir *os.Root, r Restored) error {
	r.Aside = asideFor + r.At.UTC().Format("20060102-150405.000")
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := save(bytes.NewReader(text), dir, path.Join(Staging, record)); err != nil {
		return fmt.Errorf("note the restore: %w", err)
	}
	if err := syncFolders(dir, path.Join(Staging, path.Dir(CA)), Staging); err != nil {
		return fmt.Errorf("sync what will be restored: %w", err)
	}
	if err := dir.Rename(Staging, ready); err != nil {
		return fmt.Errorf("begin the restore: %w", err)
	}
	return syncFolders(dir, ".")
}

// Complete carries out a restore that was committed, or goes on with one that was interrupted; nil when there is none. It
// also removes what an interrupted backup or a restore that was not committed left behind. It must come before the
// databases are opened.
func Complete(dir *os.Root) (*Restored, error) {
	if err := errors.Join(dir.RemoveAll(Making), dir.RemoveAll(Staging)); err != nil {
		return nil, fmt.Errorf("remove what is unfinished: %w", err)
	}
	r, err := readRecord(dir, path.Join(ready, record))
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, dir.RemoveAll(ready)
	}
	if err := complete(dir, r.Aside); err != nil {
		return nil, fmt.Errorf("restore what lies in %s: %w", ready, err)
	}
	return r, nil
}

func complete(dir *os.Root, aside string) error {
	if err := dir.MkdirAll(aside, 0o700); err != nil {
		return err
	}
	for _, parts := range swapped {
		if err := swap(dir, aside, parts); err != nil {
			return err
		}
	}
	if err := dir.Rename(path.Join(ready, record), record); err != nil {
		return err
	}
	if err := syncFolders(dir, "."); err != nil {
		return err
	}
	return dir.RemoveAll(ready)
}

// swap does nothing when the new entry was moved before an interruption, or is not in the backup.
func swap(dir *os.Root, aside string, parts []string) error {
	fresh := path.Join(ready, parts[0])
	if _, err := dir.Lstat(fresh); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	for _, part := range parts {
		if err := dir.Rename(part, path.Join(aside, part)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// The old log must be away for certain before a new database stands beside it.
	if err := syncFolders(dir, aside, "."); err != nil {
		return err
	}
	if err := dir.Rename(fresh, parts[0]); err != nil {
		return err
	}
	return syncFolders(dir, ".")
}

// Last is the last restore of a data directory, nil when there was none.
func Last(dir *os.Root) (*Restored, error) { return readRecord(dir, record) }

func readRecord(dir *os.Root, name string) (*Restored, error) {
	text, err := dir.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the note of the restore: %w", err)
	}
	r := new(Restored)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return r, nil
}

// syncFolders makes the names in folders durable; folders that are not there have none.
func syncFolders(dir *os.Root, names ...string) error {
	for _, name := range names {
		folder, err := dir.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
			return err
		}
	}
	return nil
}
