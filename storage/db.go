package storage

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"
)

// DB is an open database: one connection that writes, owned by a Writer, and a few that read.
type DB struct {
	path    string
	options Options
	// Recovered says what happened to a file that could not be used; nil in the usual case.
	Recovered *Recovered

	writer *Conn
	// updating is held by Update: one change at a time.
	updating chan struct{}
	// slots bounds the readers in use.
	slots chan struct{}
	// damaged is closed when SQLite has found damage; reason says which.
	damaged chan struct{}

	mu     sync.Mutex // guards everything that follows
	reason error
	// idle readers are kept open with their statements. epoch grows when all connections have to be opened anew.
	idle   []*Conn
	epoch  int
	closed bool
}

// ErrClosed is returned by what comes after Close or after the end of Run.
var ErrClosed = errors.New("storage is closed")

// Open opens the database at path and brings its schema up to date, or makes a new one. The folder is made with mode
// 0700, the file has 0600. A damaged or foreign file is set aside, see DB.Recovered; one that a newer version wrote is a
// *NewerSchemaError and stays as it is.
func Open(path string, options Options) (*DB, error) {
	options = options.withDefaults()
	if _, number, _ := sqlite3.Version(); number < minSQLite {
		return nil, fmt.Errorf("SQLite %d is older than %d, which is the first without a known corruption", number, minSQLite)
	}
	path, err := place(path, options.Durability)
	if err != nil {
		return nil, err
	}
	db := &DB{
		path: path, options: options,
		updating: make(chan struct{}, 1), slots: make(chan struct{}, options.Readers), damaged: make(chan struct{}),
	}
	if err := db.removeContents(); err != nil {
		options.Logger.Warn("what an earlier start left cannot be removed", "path", path, "error", err)
	}
	err = db.open()
	if IsFull(err) && db.space().exhausted() {
		err = db.open() // even reading needs a little room, for the index of the log
	}
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return db, nil
}

// place makes the folder. In memory, it is one of its own that ends with the database.
func place(path string, durability Durability) (string, error) {
	if durability == Memory {
		folder, err := os.MkdirTemp(memoryFolder(), "tidegate-*")
		return filepath.Join(folder, filepath.Base(path)), err
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return path, os.MkdirAll(filepath.Dir(path), 0o700)
}

// memoryFolder is the usual memory file system of Linux, else the folder for temporary files.
func memoryFolder() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return ""
}

func (db *DB) open() error {
	err := db.check()
	switch {
	case err == nil:
	case errors.Is(err, os.ErrNotExist):
		if err := db.create(); err != nil {
			return err
		}
	case isDamage(err):
		if err := db.replace(err); err != nil {
			return err
		}
	default:
		return err
	}
	if err := os.Chmod(db.path, 0o600); err != nil {
		return err
	}
	return db.connectWriter()
}

// connectWriter opens the one connection that writes.
func (db *DB) connectWriter() error {
	conn, err := openFile(db.path, db.options, "rw")
	if err != nil {
		return err
	}
	err = conn.script(fmt.Sprintf("PRAGMA wal_autocheckpoint = %d; PRAGMA journal_size_limit = %d",
		autoCheckpoint, journalLimit))
	if err == nil {
		err = migrate(conn, db.path, db.options)
	}
	if err != nil {
		return errors.Join(err, conn.close())
	}
	db.writer = conn
	return nil
}

// reopenWriter starts on a clean connection with an empty log. A failed sync leaves pages that can be read but are not
// on disk; what is appended behind them would be lost with them at a power cut. So the whole log is copied into the file
// and synced there, before anything is acknowledged again.
func (db *DB) reopenWriter() error {
	if err := errors.Join(db.dropReaders(false), db.closeWriter()); err != nil {
		db.options.Logger.Debug("closing a broken connection", "path", db.path, "error", err)
	}
	if err := db.connectWriter(); err != nil {
		return err
	}
	err := db.emptyLog()
	if err == nil {
		// An empty log needs no sync, so only a commit shows that the disk keeps anything again.
		err = db.writer.script(fmt.Sprintf("PRAGMA application_id = %d", db.options.ApplicationID))
	}
	if err != nil {
		return errors.Join(err, db.closeWriter())
	}
	return nil
}

// emptyLog waits for the checkpointer, which SQLite does not: while a log is being copied back it only says "busy".
func (db *DB) emptyLog() error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 50 {
		busy, _, err := db.writer.Int("PRAGMA wal_checkpoint(TRUNCATE)")
		if err != nil || busy == 0 {
			return err
		}
		<-tick.C
	}
	return errors.New("somebody still reads the old log")
}

func (db *DB) closeWriter() error {
	conn := db.writer
	db.writer = nil
	if conn == nil {
		return nil
	}
	return conn.close()
}

// openFile opens an existing file in a mode of SQLite (ro, rw, rwc) and asserts what must hold on every connection.
func openFile(path string, options Options, mode string) (*Conn, error) {
	word, number, err := options.Durability.synchronous()
	if err != nil {
		return nil, err
	}
	conn, err := connect(dsn(path, url.Values{
		"mode":          {mode},
		"_journal_mode": {"WAL"},
		"_synchronous":  {word},
		"_foreign_keys": {"1"},
		"_busy_timeout": {fmt.Sprint(busyTimeout)},
		"_cache_size":   {fmt.Sprint(cacheSize)},
	}))
	if err != nil {
		return nil, err
	}
	if err := assertPragmas(conn, number); err != nil {
		return nil, errors.Join(err, conn.close())
	}
	return conn, nil
}

// assertPragmas trusts no default: the driver compiles WAL with synchronous=NORMAL, which loses commits at a power cut.
func assertPragmas(conn *Conn, synchronous int64) error {
	if err := conn.script("PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY"); err != nil {
		return err
	}
	got, _, err := conn.Int("PRAGMA synchronous")
	if err != nil {
		return err
	}
	if got != synchronous {
		return fmt.Errorf("the connection has synchronous=%d instead of %d", got, synchronous)
	}
	mode, err := conn.text("PRAGMA journal_mode")
	if err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the connection has journal_mode=%s instead of wal", mode)
	}
	return nil
}

func dsn(path string, parameters url.Values) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: parameters.Encode()}).String()
}

// Path is where the file lies; at durability Memory not where Open was told.
func (db *DB) Path() string { return db.path }

// space is what watches the disk below the file; nil in memory.
func (db *DB) space() *Space {
	if db.options.Durability == Memory {
		return nil
	}
	return db.options.Space
}

// Read gives read a connection that cannot write. It waits for a free one until ctx ends. Reading must be short: the log
// cannot start again while somebody reads an old state.
func (db *DB) Read(ctx context.Context, read func(*Conn) error) (failed error) {
	select {
	case db.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-db.slots }()
	conn, epoch, err := db.reader()
	if err != nil {
		return err
	}
	defer func() { failed = errors.Join(failed, db.giveBack(conn, epoch)) }()
	// One transaction, so that all queries see the same state.
	if err := conn.Do("BEGIN"); err != nil {
		return err
	}
	failed = read(conn)
	db.noticeDamage(failed)
	return errors.Join(failed, conn.Do("ROLLBACK"))
}

func (db *DB) reader() (*Conn, int, error) {
	db.mu.Lock()
	epoch := db.epoch
	if db.closed {
		db.mu.Unlock()
		return nil, 0, ErrClosed
	}
	if last := len(db.idle) - 1; last >= 0 {
		conn := db.idle[last]
		db.idle = db.idle[:last]
		db.mu.Unlock()
		return conn, epoch, nil
	}
	db.mu.Unlock()
	conn, err := openFile(db.path, db.options, "ro")
	if err != nil {
		return nil, 0, fmt.Errorf("open a reader of %s: %w", db.path, err)
	}
	return conn, epoch, nil
}

func (db *DB) giveBack(conn *Conn, epoch int) error {
	db.mu.Lock()
	if !db.closed && epoch == db.epoch && !conn.inTransaction() {
		db.idle = append(db.idle, conn)
		db.mu.Unlock()
		return nil
	}
	db.mu.Unlock()
	return conn.close()
}

func (db *DB) isClosed() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.closed
}

// dropReaders closes idle readers; those in use are closed when they come back.
func (db *DB) dropReaders(forever bool) error {
	db.mu.Lock()
	idle := db.idle
	db.idle = nil
	db.epoch++
	db.closed = db.closed || forever
	db.mu.Unlock()
	var failed error
	for _, conn := range idle {
		failed = errors.Join(failed, conn.close())
	}
	return failed
}

// Close ends all connections, the writer last, so that SQLite can empty and remove the log. It waits for readers and for
// an Update. Run of the database's Writer must have returned.
func (db *DB) Close() error {
	failed := db.dropReaders(true)
	db.updating <- struct{}{}
	defer func() { <-db.updating }()
	for range cap(db.slots) {
		db.slots <- struct{}{}
	}
	for range cap(db.slots) {
		<-db.slots
	}
	failed = errors.Join(failed, db.closeWriter())
	if db.options.Durability == Memory {
		failed = errors.Join(failed, os.RemoveAll(filepath.Dir(db.path)))
	}
	return failed
}
