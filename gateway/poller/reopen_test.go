package poller_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// A device that ends the connection after each answer, or when it was idle, loses no value and no quality.
func TestAConnectionThatIsClosedBetweenPollsCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.hangsUp = true
		r := start(t, w, &sink{}, nil, device("a", point("x")), device("b", point("y")))
		defer r.stop()
		pass(t, time.Minute)
		for _, topic := range []string{"gw/a/x", "gw/b/y"} {
			got := r.sink.of(t, topic)
			if len(got) < 58 || len(got) > 62 {
				t.Errorf("%s: %d readings in a minute", topic, len(got))
			}
			for _, p := range got {
				if p.Q != "good" {
					t.Fatalf("%s: %+v", topic, p)
				}
			}
		}
		if w.most != 1 {
			t.Errorf("%d connections at once", w.most)
		}
	})
}

// A wire that breaks at its first use is not opened again and again without a pause.
func TestAWireThatNeverWorksIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.broken = errors.New("reset by peer")
		r := start(t, w, &sink{}, nil, device("a", point("x")))
		defer r.stop()
		pass(t, time.Minute)
		if n := len(w.opens); n > 15 {
			t.Errorf("opened %d times in a minute", n)
		}
		if s := r.poller.Status(); s.State != gateway.StateDown {
			t.Errorf("%+v", s)
		}
	})
}

// All devices begin within a second of a start, not in chorus, and each has its first value within two periods.
func TestAStartIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		w := newWire()
		var devices []gateway.Device
		for i := range 50 {
			devices = append(devices, device("d"+string(rune('A'+i)), point("x")))
		}
		r := start(t, w, &sink{}, nil, devices...)
		defer r.stop()
		pass(t, 2*time.Second)
		first := map[string]time.Duration{}
		slots := map[time.Duration]int{}
		for _, p := range w.polls {
			if _, seen := first[p.device]; !seen {
				first[p.device] = p.at.Sub(begin)
				slots[p.at.Sub(begin)/(100*time.Millisecond)]++
			}
		}
		if len(first) != len(devices) {
			t.Errorf("%d of %d devices were read within two periods", len(first), len(devices))
		}
		for slot, n := range slots {
			if n > 15 {
				t.Errorf("%d devices begin in the same tenth of a second (%d)", n, slot)
			}
		}
	})
}

// What the driver finds wrong with a wire whose devices answer is the state of the connection, until it finds it no more.
func TestADoubtShowsInTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.doubt = "a second master"
		r := start(t, w, &sink{}, nil, device("a", point("x")))
		defer r.stop()
		pass(t, 5*time.Second)
		if s := r.poller.Status(); s.State != gateway.StateDegraded || s.Reason != "a second master" || s.Devices[0].State != gateway.StateUp {
			t.Errorf("%+v", s)
		}
		w.set(func(w *wire) { w.doubt = "" })
		pass(t, 2*time.Second)
		if s := r.poller.Status(); s.State != gateway.StateUp || s.Reason != "" {
			t.Errorf("%+v", s)
		}
	})
}
