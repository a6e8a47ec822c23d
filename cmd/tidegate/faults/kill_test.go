package faults_test

import (
	"testing"
	"time"
)

// TestKill: kill -9 at any moment, with many messages in flight in both directions.
func TestKill(t *testing.T) {
	t.Parallel() // a disk and a gateway of its own
	times := rounds(t, "TIDEGATE_KILLS", 10)
	r := newRig(t, newSite(t, t.TempDir()))
	done := r.run(t, times, func() { r.gate.Kill() })
	r.verdict(t, "kills", done)
}

// verdict prints the figures and fails for every broken promise.
func (r *rig) verdict(t *testing.T, what string, done int) {
	t.Helper()
	r.report.print(t, what, done, r.seed, time.Since(r.began))
	if n := r.report.broken(); n > 0 {
		t.Errorf("%d promises were broken, first: %s", n, r.report.first)
	}
	if least := 50 * done; r.report.acked < least {
		t.Errorf("%d messages were acknowledged, fewer than %d prove nothing", r.report.acked, least)
	}
}
