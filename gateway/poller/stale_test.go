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
		r := start(t, w, &sink{}, nil, device("b", point("y")), device("a", p))
		defer r.stop()
		pass(t, 5*time.Second)
		w.set(func(w *wire) { w.took["b"] = 8 * time.Second })
		pass(t, time.Second)
		w.set(func(w *wire) { clear(w.took) }) // it was for once
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

// On a wire that is asked for more than it can do all the time, points are as fresh as it can be: they do not become stale
// between two polls. The overload is said once, by the connection, with what to do.
func TestAnOverloadedWireMakesNoPointStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		devices := []gateway.Device{device("a", point("x"))}
		w.took["a"] = 100 * time.Millisecond
		for _, id := range []string{"b", "c", "d", "e", "f"} {
			devices, w.took[id] = append(devices, device(id, point("y"))), time.Second
		}
		r := start(t, w, &sink{}, nil, devices...)
		defer r.stop()
		pass(t, 3*time.Minute) // each is read every 5 s, though due every second
		said := len(r.sink.of(t, "gw/a/state"))
		for range 300 {
			pass(t, 100*time.Millisecond)
			if x := r.shown("x"); x.Quality != gateway.Good {
				t.Fatalf("%+v", x)
			}
		}
		if s := r.poller.Status(); s.State != gateway.StateDegraded || !strings.Contains(s.Reason, "choose a slower scan class") {
			t.Errorf("%s: %s", s.State, s.Reason)
		}
		if again := len(r.sink.of(t, "gw/a/state")); again != said || r.status("a").State != gateway.StateUp {
			t.Errorf("%d states of the device, then %d; %+v", said, again, r.status("a"))
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
