// Package storagetest has what tests of databases share: disks that fail (a file system of its own that can be filled,
// switched to read-only or lose its power), a shim that makes calls of another program fail or wait, and every schema that
// ever landed, as text.
//
// Disk and shim need a machine that permits it: root for mounting, a C compiler for the shim. Where that is not so the test is
// skipped and says why; with CI=true in the environment it fails instead.
package storagetest

import (
	"os"
	"testing"
)

// Impossible skips a test that the machine does not permit. In CI the machine has to permit it.
func Impossible(tb testing.TB, format string, args ...any) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf(format, args...)
	}
	tb.Skipf(format, args...)
}
