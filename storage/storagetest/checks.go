package storagetest

import (
	"flag"
	"testing"
)

// Checks sets how many histories a model test tries, unless the command line says so: each restarts and syncs files, and
// rapid's hundred would take most of the time of all tests.
func Checks(tb testing.TB, count string) {
	tb.Helper()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set(count); err != nil {
			tb.Fatal(err)
		}
	}
}
