package storage

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// ballastSize is what the work that makes room may need on a full disk: the log has to be copied back before it can
// start again, and the deletions go through it.
const ballastSize = 2*autoCheckpoint*defaultPageSize + 2<<20

// ballast is a file that is good for nothing but being removed.
type ballast struct{ path string }

func ballastIn(folder string) ballast { return ballast{filepath.Join(folder, "ballast")} }

// isWhole reports whether the file really takes its room: a sparse one would give nothing back.
func (b ballast) isWhole() bool {
	info, err := os.Stat(b.path)
	if err != nil {
		return false
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	return known && stat.Blocks*512 >= ballastSize
}

// build allocates the file. What is there of it already stays.
func (b ballast) build() (failed error) {
	if b.isWhole() {
		return nil
	}
	file, err := os.OpenFile(b.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make the ballast: %w", err)
	}
	defer func() { failed = errors.Join(failed, file.Close()) }()
	err = syscall.Fallocate(int(file.Fd()), 0, 0, ballastSize)
	if errors.Is(err, syscall.EOPNOTSUPP) || errors.Is(err, syscall.ENOSYS) {
		// Noise, since some file systems store nothing for zeros.
		_, err = io.CopyN(file, rand.Reader, ballastSize)
	}
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return fmt.Errorf("make the ballast: %w", err)
	}
	return nil
}

// release gives the room back. A file system frees nothing for good before it is synced.
func (b ballast) release() error {
	err := os.Remove(b.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release the ballast: %w", err)
	}
	return syncFolder(filepath.Dir(b.path))
}
