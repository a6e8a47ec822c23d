package storagetest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Freeze stops a process (SIGSTOP) and returns when none of its threads runs any more. A thread that waits for the disk
// is left in the middle of that: it stops when it comes back from the kernel.
func Freeze(p *os.Process) error {
	if err := p.Signal(unix.SIGSTOP); err != nil {
		return err
	}
	return poll(func() bool { return Frozen(p) })
}

// Frozen tells whether every thread of the process is stopped or waits for the disk. A process can stop itself.
func Frozen(p *os.Process) bool {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.Pid))
	if err != nil || len(files) == 0 {
		return false
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // the thread has ended
		}
		if err != nil || !bytes.ContainsRune([]byte("TDZX"), state(text)) {
			return false
		}
	}
	return true
}

// state is the letter behind the name, which is in brackets and may contain anything.
func state(text []byte) rune {
	_, after, found := bytes.Cut(text[max(bytes.LastIndexByte(text, ')'), 0):], []byte(") "))
	if !found || len(after) == 0 {
		return 0
	}
	return rune(after[0])
}
