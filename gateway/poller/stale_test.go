package poller_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

// A point that is not read for three of its periods is bad, once, without its old value, and says why; the next reading
// makes it good again.
func TestAPointThatIsNotReadInTimeIsStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.hold(t, map[string]gateway.Value{"x": gateway.IntValue(5)})
		p := point("x")
		p.Publish.OnChange = true
		slow := []gateway.Device{device("b", point("y")), device("c", point("y")), device("d", point("y"))}
		r := start(t, w, &sink{}, nil, append(slow, device("a", p))...)
		defer r.stop()
		pass(t, 5*time.Second)
		w.set(func(w *wire) { // each in its turn: a is read every 6 s
			for _, d := range slow {
				w.took[d.ID] = 2 * time.Second
			}
		})
		stale := false
		for range 60 {
			pass(t, 100*time.Millisecond)
			if x := r.shown("x"); x.Quality == gateway.Bad {
				stale = true
				d := r.status("a")
				if !x.Value.IsNull() || !strings.Contains(x.Reason, "stale: not read for 3s") || d.State != gateway.StateDegraded || !strings.Contains(d.Reason, "stale") {
					t.Fatalf("%+v, device %+v", x, d)
				}
			}
		}
		w.set(func(w *wire) { clear(w.took) })
		pass(t, 20*time.Second)
		if d := r.status("a"); !stale || d.State != gateway.StateUp {
			t.Errorf("was stale: %t; device %+v", stale, d)
		}
		got := numbers(r.sink.of(t, "gw/a/x"))
		if diff := cmp.Diff([]string{"5 good", "null bad", "5 good"}, got[:3]); diff != "" || got[len(got)-1] != "5 good" {
			t.Error(diff, got)
		}
	})
}

func (r *rig) status(id string) gateway.DeviceStatus {
	for _, d := range r.poller.Status().Devices {
		if d.ID == id {
			return d
		}
	}
	return gateway.DeviceStatus{}
}
