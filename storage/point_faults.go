//go:build faultpoints

package storage

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// pointVariable names a file outside the disk under test. As long as it holds the name of a point and a pattern for the
// name of the database ("commit.before queue.db"), the process stops when it gets there.
const pointVariable = "TIDEGATE_FAULT_POINT"

// head is how long the rest of the process runs on.
const head = 10 * time.Millisecond

// point stops the process when it was asked for, until somebody continues or ends it.
func point(name, path string) {
	wanted, err := os.ReadFile(os.Getenv(pointVariable))
	if err != nil {
		return // nothing is asked for
	}
	wantedName, pattern, _ := strings.Cut(strings.TrimSpace(string(wanted)), " ")
	if fits, _ := filepath.Match(pattern, filepath.Base(path)); wantedName != name || !fits {
		return
	}
	// What must not happen before this point gets the time to happen.
	time.Sleep(head)
	// Sent to the own thread: it stops before the call returns. The others follow at once.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGSTOP); err != nil {
		panic(err)
	}
}
