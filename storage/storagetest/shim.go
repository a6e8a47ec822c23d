package storagetest

import (
	_ "embed" // the source of the shim
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// Calls are kinds of calls that a Shim can fail.
type Calls int64

// The kinds. They may be added up.
const (
	Writes    Calls = 1
	Syncs     Calls = 2
	Truncates Calls = 4
	AllCalls        = Writes | Syncs | Truncates
)

// Forever is a number of failures.
const Forever = -1

//go:embed testdata/shim.c
var shimSource []byte

// control is what testdata/shim.c reads and writes.
type control struct {
	kinds, skip, failures, errno, delay, syncs, failed atomic.Int64
}

// Shim makes the disk below one database of another program fail on command. It works for programs that are linked
// dynamically; what a Go program writes without libc goes through untouched.
type Shim struct {
	library, file, path string
	control             *control
}

// NewShim builds the shim for the database at file and what belongs to it. It skips the test when there is no C compiler.
func NewShim(tb testing.TB, file string) *Shim {
	tb.Helper()
	folder := tb.TempDir()
	s := &Shim{library: filepath.Join(folder, "shim.so"), file: file, path: filepath.Join(folder, "control")}
	source := filepath.Join(folder, "shim.c")
	if err := os.WriteFile(source, shimSource, 0o600); err != nil {
		tb.Fatal(err)
	}
	output, err := exec.CommandContext(tb.Context(), "cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", s.library, source, "-ldl").CombinedOutput()
	if err != nil {
		refuse(tb, fmt.Sprintf("a failing disk cannot be built here: %v: %s", err, output))
	}
	s.open(tb)
	return s
}

func (s *Shim) open(tb testing.TB) {
	tb.Helper()
	size := int(unsafe.Sizeof(control{}))
	if err := os.WriteFile(s.path, make([]byte, size), 0o600); err != nil {
		tb.Fatal(err)
	}
	file, err := os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		tb.Fatal(err)
	}
	memory, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = syscall.Munmap(memory) })
	s.control = (*control)(unsafe.Pointer(&memory[0]))
}

// Env is the environment in which the program has to be started.
func (s *Shim) Env() []string {
	return append(os.Environ(), "LD_PRELOAD="+s.library, "SHIM_CONTROL="+s.path, "SHIM_FILE="+s.file)
}

// Fail lets skip calls succeed and then fails as many as failures says, or all.
func (s *Shim) Fail(calls Calls, skip, failures int, errno syscall.Errno) {
	s.Heal()
	s.control.skip.Store(int64(skip))
	s.control.failures.Store(int64(failures))
	s.control.errno.Store(int64(errno))
	s.control.kinds.Store(int64(calls))
}

// Heal ends all failures.
func (s *Shim) Heal() { s.control.kinds.Store(0) }

// Delay makes each sync wait.
func (s *Shim) Delay(d time.Duration) { s.control.delay.Store(d.Microseconds()) }

// Syncs counts them since the start; Failed counts the calls that failed.
func (s *Shim) Syncs() int64 { return s.control.syncs.Load() }

// Failed counts the calls that failed.
func (s *Shim) Failed() int64 { return s.control.failed.Load() }
