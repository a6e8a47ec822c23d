package storage

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Recovered says that a file could not be used, and what became of it.
type Recovered struct {
	// Reason is why the file could not be used.
	Reason error
	// SetAside are the new names of its parts; they stay until somebody removes them.
	SetAside []string
	// Contents is what the file had in it, as far as it could be read.
	Contents []TableRows
	// Snapshot is the copy that took its place; empty when a new, empty database did.
	Snapshot string
}

// ContentsText is Contents in a line: "delivery 1200, message 800 (not all could be read)".
func (r *Recovered) ContentsText() string {
	var texts []string
	for _, t := range r.Contents {
		text := fmt.Sprintf("%s %d", t.Table, t.Rows)
		if t.Err != nil {
			text += " (not all could be read)"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// errForeign marks a file that is a database, but not ours.
var errForeign = errors.New("the file belongs to another program")

// errMarked is the reason of a file that showed damage while it was in use.
var errMarked = errors.New("damage was found while the file was in use")

// IsCorrupt reports whether SQLite has found the file damaged.
func IsCorrupt(err error) bool {
	failure, isSQLite := errors.AsType[sqlite3.Error](err)
	return isSQLite && (failure.Code == sqlite3.ErrCorrupt || failure.Code == sqlite3.ErrNotADB)
}

func isDamage(err error) bool {
	return IsCorrupt(err) || errors.Is(err, errForeign) || errors.Is(err, errMarked)
}

// parts are all that belongs to a database file: a log without its file, or with another, is a second accident.
func parts(path string) []string { return []string{path, path + "-wal", path + "-shm"} }

// marker is an empty file that survives a restart and says that the database beside it is damaged.
func marker(path string) string { return path + "-damaged" }

// check finds out whether the file can be used, without changing it.
func (db *DB) check() error {
	if _, err := os.Stat(marker(db.path)); err == nil {
		return errMarked
	}
	info, err := os.Stat(db.path)
	if err != nil {
		return err
	}
	// SQLite takes an empty file for an empty database. We never make one: create renames a finished file.
	if info.Size() == 0 {
		return fmt.Errorf("%w: it is empty", errMarked)
	}
	return checkFile(db.path, db.options)
}

func checkFile(path string, options Options) (failed error) {
	conn, err := connect(dsn(path, url.Values{"mode": {"rw"}, "_busy_timeout": {fmt.Sprint(busyTimeout)}}))
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, conn.close()) }()
	id, _, err := conn.Int("PRAGMA application_id")
	if err != nil {
		return err
	}
	if id != int64(options.ApplicationID) {
		return fmt.Errorf("%w: its application id is %#x", errForeign, id)
	}
	// Reading the schema makes SQLite compare the size in the header with the file.
	if _, _, err := conn.Int("SELECT count(*) FROM sqlite_schema"); err != nil {
		return err
	}
	if options.CheckWhole {
		return checkWhole(conn)
	}
	return nil
}

func checkWhole(conn *Conn) error {
	answer, err := conn.text("PRAGMA quick_check(1)")
	if err != nil {
		return err
	}
	if answer != "ok" {
		return fmt.Errorf("%s: %w", answer, sqlite3.Error{Code: sqlite3.ErrCorrupt})
	}
	return nil
}

// create makes a database beside the place and moves it there when it is whole, so that an empty file at the place is
// always a loss.
func (db *DB) create() error {
	unfinished := db.path + ".new"
	for _, part := range parts(unfinished) {
		if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := db.build(unfinished); err != nil {
		return fmt.Errorf("make a new database: %w", err)
	}
	return moveInto(unfinished, db.path)
}

func (db *DB) build(path string) (failed error) {
	// SQLite gives its other files the mode of this one.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	conn, err := connect(dsn(path, url.Values{"mode": {"rw"}, "_synchronous": {"FULL"}}))
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, conn.close()) }()
	// The page size cannot change any more in WAL mode, nor auto_vacuum once there are tables.
	err = conn.script(fmt.Sprintf(
		"PRAGMA page_size = %d; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = %d; PRAGMA journal_mode = WAL",
		db.options.PageSize, db.options.ApplicationID))
	if err != nil {
		return err
	}
	return migrate(conn, path, db.options)
}

// replace sets the file aside and puts the newest good snapshot, or a new database, in its place.
func (db *DB) replace(reason error) error {
	recovered := &Recovered{Reason: reason}
	// The mark stays until the new file is in its place: after a power cut in between, the next start goes on here
	// instead of finding no file and beginning anew.
	folder := filepath.Dir(db.path)
	if err := errors.Join(os.WriteFile(marker(db.path), nil, 0o600), syncFolder(folder)); err != nil {
		return err
	}
	aside := db.path + asideMark + time.Now().UTC().Format(asideTime)
	for i, part := range parts(db.path) {
		// The parts keep their endings, so that SQLite's own tools can open what was set aside.
		to := parts(aside)[i]
		switch err := os.Rename(part, to); {
		case err == nil:
			recovered.SetAside = append(recovered.SetAside, to)
		case !errors.Is(err, os.ErrNotExist):
			return err
		}
	}
	var unreadable error
	recovered.Contents, unreadable = db.contents(aside)
	if err := db.restore(recovered); err != nil {
		return err
	}
	if err := errors.Join(os.Remove(marker(db.path)), syncFolder(folder)); err != nil {
		return err
	}
	db.Recovered = recovered
	db.options.Logger.Error("database was damaged and has been replaced", "path", db.path, "reason", reason,
		"set_aside", recovered.SetAside, "contents", recovered.ContentsText(), "unreadable", unreadable,
		"snapshot", recovered.Snapshot)
	return nil
}

func (db *DB) restore(recovered *Recovered) error {
	for _, snapshot := range db.options.Snapshots {
		copied := db.path + ".restored"
		err := copyFile(snapshot, copied)
		if err == nil {
			whole := db.options
			whole.CheckWhole = true
			err = checkFile(copied, whole)
		}
		if err == nil {
			recovered.Snapshot = snapshot
			return moveInto(copied, db.path)
		}
		db.options.Logger.Warn("snapshot cannot be used", "path", snapshot, "error", err)
		if err := os.Remove(copied); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return db.create()
}

// copyFile copies a file that no connection has open.
func copyFile(from, to string) (failed error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, source.Close()) }()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, target.Close()) }()
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	return target.Sync()
}

// moveInto renames a closed file and makes the new name durable.
func moveInto(from, to string) error {
	point("rename.before", to)
	if err := os.Rename(from, to); err != nil {
		return err
	}
	point("rename.after", to)
	return syncFolder(filepath.Dir(to))
}

func syncFolder(path string) (failed error) {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, folder.Close()) }()
	return folder.Sync()
}

// noticeDamage makes the next Open replace the file when err says that it is damaged, and ends Run of its Writer.
func (db *DB) noticeDamage(err error) {
	if !IsCorrupt(err) {
		return
	}
	db.mu.Lock()
	first := db.reason == nil
	if first {
		db.reason = err
	}
	db.mu.Unlock()
	if !first {
		return
	}
	db.options.Logger.Error("database is damaged and will be replaced at the next start", "path", db.path, "reason", err)
	if err := os.WriteFile(marker(db.path), nil, 0o600); err != nil {
		db.options.Logger.Error("damage could not be marked", "path", db.path, "error", err)
	}
	close(db.damaged)
}

// damage is what noticeDamage has seen, or nil.
func (db *DB) damage() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.reason
}
