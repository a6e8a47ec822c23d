package poller_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain: no test may leave a goroutine.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
