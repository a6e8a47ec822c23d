package storage

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"
)

const (
	// lookPause is how old the known free space may be; near the floor a look is due after nearPause.
	lookPause = time.Second
	nearPause = 100 * time.Millisecond
	// floorShare of the file system and floorMost bytes: the lesser is the floor that nobody has set.
	floorShare = 20
	floorMost  = 500 << 20
	// diskShare is what a byte of a message takes on the disk for a while: once in the log, once in the file.
	diskShare = 2
)

// SpaceOptions tune a Space.
type SpaceOptions struct {
	// Floor is how many bytes of the file system new messages leave free; 0 means 5 % of it, at most 500 MB. It is never
	// less than twice the ballast.
	Floor  int64
	Logger *slog.Logger
}

// Space watches the file system under the databases of one folder. Below the floor nothing is admitted that makes them
// grow. For the case that another program takes all the rest there is a ballast: deleting needs room too. Its methods
// may be called from any goroutine; a nil Space has room for ever.
type Space struct {
	folder  string
	floor   int64
	ballast ballast
	logger  *slog.Logger
	// wake is signalled when a ballast was released: whoever calls tend has something to do.
	wake chan struct{}

	mu sync.Mutex // guards everything that follows
	// free bytes at the last look, and what was admitted since.
	free, spent int64
	looked      time.Time
	// full is why nothing may grow, and since when; nil while there is room.
	full  *FullError
	since time.Time
	// released: the ballast is not there.
	released bool
	tended   time.Time
}

// FullError says that there is no room for anything new, and what to do about it.
type FullError struct {
	Folder      string
	Free, Floor int64
}

// Error says what to do.
func (e *FullError) Error() string {
	return fmt.Sprintf("the storage is full: %s of the disk with %s are free and %s have to stay free: remove other files "+
		"there, let the receivers fetch what is queued, or set a lower freeFloorMB in the start-up file",
		megabytes(e.Free), e.Folder, megabytes(e.Floor))
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

// IsFull reports whether err says that there is no room on the disk.
func IsFull(err error) bool {
	if _, full := errors.AsType[*FullError](err); full {
		return true
	}
	failure, isSQLite := errors.AsType[sqlite3.Error](err)
	if isSQLite && (failure.Code == sqlite3.ErrFull || failure.SystemErrno == syscall.ENOSPC) {
		return true
	}
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// OpenSpace looks at the file system of a folder that exists, and makes the ballast there if there is room for it.
func OpenSpace(folder string, options SpaceOptions) (*Space, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	free, total, err := freeSpace(folder)
	if err != nil {
		return nil, err
	}
	floor := options.Floor
	if floor == 0 {
		floor = min(total/floorShare, floorMost)
	}
	s := &Space{
		folder: folder, floor: max(floor, 2*ballastSize), ballast: ballastIn(folder), logger: options.Logger,
		wake: make(chan struct{}, 1), free: free, looked: time.Now(),
	}
	s.released = !s.ballast.isWhole()
	s.rebuild()
	s.judge()
	return s, nil
}

// freeSpace is what a program without privileges may still use, and the size of the file system.
func freeSpace(folder string) (free, total int64, err error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(folder, &stat); err != nil {
		return 0, 0, fmt.Errorf("look for free space in %s: %w", folder, err)
	}
	return int64(stat.Bavail) * int64(stat.Bsize), int64(stat.Blocks) * int64(stat.Bsize), nil
}

// admit asks for room for something that grows by size bytes.
func (s *Space) admit(size int) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	s.spent += diskShare * int64(size)
	age, near := time.Since(s.looked), s.free-s.spent < s.floor
	s.mu.Unlock()
	if age >= lookPause || near && age >= nearPause {
		s.look()
	}
	return s.error()
}

// error is why nothing may grow, nil while there is room.
func (s *Space) error() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full == nil {
		return nil
	}
	return s.full
}

// SpaceStats say how much room there is.
type SpaceStats struct {
	Free, Floor int64
	// Full is why nothing new is admitted; nil while there is room.
	Full error
	// Since is when that began.
	Since time.Time
}

// Stats looks again when the last look is old.
func (s *Space) Stats() SpaceStats {
	if s == nil {
		return SpaceStats{}
	}
	full := s.admit(0)
	s.mu.Lock()
	defer s.mu.Unlock()
	return SpaceStats{Free: s.free, Floor: s.floor, Full: full, Since: s.since}
}

func (s *Space) look() {
	free, _, err := freeSpace(s.folder)
	s.mu.Lock()
	s.looked = time.Now()
	if err == nil {
		s.free, s.spent = free, 0
	}
	s.mu.Unlock()
	if err != nil {
		s.logger.Warn("free space is not known", "path", s.folder, "error", err)
		return
	}
	s.judge()
}

// judge opens or closes the gate, and says so once per episode. To open it takes a tenth more than to close, so that a
// disk at its edge does not flap.
func (s *Space) judge() {
	s.mu.Lock()
	was := s.full
	switch {
	case s.released, s.free < s.floor, was != nil && s.free < s.floor+s.floor/10:
		s.full = &FullError{Folder: s.folder, Free: s.free, Floor: s.floor}
	default:
		s.full = nil
	}
	is := s.full
	if was == nil {
		s.since = time.Now()
	}
	s.mu.Unlock()
	switch {
	case was == nil && is != nil:
		s.logger.Error("the storage is full, new messages are refused", "path", s.folder, "error", is)
	case was != nil && is == nil:
		s.logger.Info("the storage has room again", "path", s.folder)
	}
}

// exhausted is told that a write found no room. It reports whether there may be some now, from the ballast.
func (s *Space) exhausted() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	known := s.released
	s.released, s.tended = true, time.Now()
	s.mu.Unlock()
	if known {
		return true // released a moment ago, for another database
	}
	if err := s.ballast.release(); err != nil {
		s.logger.Error("the ballast cannot be released", "path", s.ballast.path, "error", err)
		return false
	}
	s.look()
	notify(s.wake)
	return true
}

// tend makes the ballast again when there is room for it beside the floor. It writes, so it is called by the goroutine
// of a Writer, about once per lookPause while error is not nil.
func (s *Space) tend() {
	if s == nil || s.error() == nil && !s.isReleased() {
		return
	}
	s.mu.Lock()
	due := time.Since(s.tended) >= lookPause
	if due {
		s.tended = time.Now()
	}
	s.mu.Unlock()
	if due {
		s.look()
		s.rebuild()
	}
}

// wakes is signalled when tend has something to do.
func (s *Space) wakes() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.wake
}

func (s *Space) isReleased() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.released
}

func (s *Space) rebuild() {
	s.mu.Lock()
	room, since := s.released && s.free >= s.floor+s.floor/10+ballastSize, s.tended
	s.mu.Unlock()
	if !room {
		return
	}
	err := s.ballast.build()
	s.mu.Lock()
	// It may have been needed by another database while it was made.
	if err == nil && s.tended.Equal(since) {
		s.released = false
	}
	again := s.released
	s.mu.Unlock()
	if again {
		err = errors.Join(err, s.ballast.release())
	}
	if err != nil {
		s.logger.Warn("the ballast cannot be made", "path", s.ballast.path, "error", err)
	}
	s.look()
}
