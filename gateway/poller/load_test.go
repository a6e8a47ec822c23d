package poller_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// That the intervals cannot be kept is said, with the device that takes most of the time, and taken back.
func TestAnOverloadedWireIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.took["a"], w.took["b"] = 700*time.Millisecond, 500*time.Millisecond
		r := start(t, w, &sink{}, nil, device("a", point("x")), device("b", point("x")))
		defer r.stop()
		pass(t, 10*time.Second)
		s := r.poller.Status()
		if s.State != gateway.StateDegraded || s.Load < 1.15 || s.Load > 1.25 || !strings.Contains(s.Reason, "120 %") || !strings.Contains(s.Reason, " a ") {
			t.Errorf("overloaded: %s %q, load %g", s.State, s.Reason, s.Load)
		}
		w.set(func(w *wire) { w.took["a"] = 100 * time.Millisecond })
		pass(t, 30*time.Second)
		if s := r.poller.Status(); s.State != gateway.StateUp || s.Load > 0.7 {
			t.Errorf("relieved: %s %q, load %g", s.State, s.Reason, s.Load)
		}
	})
}
