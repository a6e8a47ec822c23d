package poller_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// along is a driver whose answers hold all points of the device.
type along struct{ *driver }

func (a along) Glean(d gateway.Device, points []gateway.Point) (readings []gateway.Reading) {
	a.wire.mu.Lock()
	defer a.wire.mu.Unlock()
	for _, p := range points {
		key := gateway.PointKey{Device: d.ID, Point: p.ID}
		readings = append(readings, gateway.Reading{Point: key, Value: a.wire.values[key], Quality: gateway.Good, Time: time.Now()})
	}
	return readings
}

// A point of a slow class that lies inside the requests of a fast one is shown as fresh as that, and published at its own
// interval.
func TestAPointThatIsReadAlongIsShownOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.along = true
		slow := point("slow")
		slow.ScanClass = "1m"
		w.hold(t, map[string]gateway.Value{"fast": gateway.IntValue(1), "slow": gateway.IntValue(1)})
		r := start(t, w, &sink{}, nil, device("a", point("fast"), slow))
		defer r.stop()
		pass(t, 5*time.Second)
		w.hold(t, map[string]gateway.Value{"fast": gateway.IntValue(2), "slow": gateway.IntValue(2)})
		pass(t, 5*time.Second)
		shown := r.shown("slow")
		if shown.Value != gateway.IntValue(2) || time.Since(shown.Time) > 1500*time.Millisecond {
			t.Errorf("after %s: %+v", time.Since(shown.Time), shown)
		}
		if got := r.sink.of(t, "gw/a/slow"); len(got) != 1 || got[0].V != gateway.IntValue(1) {
			t.Errorf("published: %+v", got)
		}
		pass(t, 2*time.Minute)
		if got := r.sink.of(t, "gw/a/slow"); len(got) < 2 || len(got) > 4 || got[1].V != gateway.IntValue(2) || got[1].N != 2 {
			t.Errorf("published: %+v", got)
		}
	})
}

// A bad point becomes good with its own poll only, and is shown as bad until then.
func TestABadPointIsNotGleaned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.along = true
		slow := point("slow")
		slow.ScanClass = "1m"
		w.badFast["a"] = "busy"
		r := start(t, w, &sink{}, nil, device("a", point("fast"), slow))
		defer r.stop()
		pass(t, 5*time.Second)
		w.hold(t, map[string]gateway.Value{"fast": gateway.IntValue(2), "slow": gateway.IntValue(2)})
		w.set(func(w *wire) { clear(w.badFast) })
		pass(t, 5*time.Second)
		if shown := r.shown("slow"); shown.Quality != gateway.Bad || r.shown("fast").Quality != gateway.Good {
			t.Errorf("%+v", shown)
		}
		pass(t, 2*time.Minute)
		if shown := r.shown("slow"); shown.Quality != gateway.Good {
			t.Errorf("%+v", shown)
		}
	})
}
