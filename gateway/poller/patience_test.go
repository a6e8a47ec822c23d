package poller_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// patient is a driver that does not wait for the whole timeout.
type patient struct{ *driver }

func (p patient) Patience(d gateway.Device) gateway.Patience {
	p.wire.mu.Lock()
	defer p.wire.mu.Unlock()
	return gateway.Patience{Timeout: 70 * time.Millisecond, Turnaround: 5 * time.Millisecond, Silent: p.wire.badFast[d.ID] == "no answer"}
}

// A device is dead when the driver says that it is silent, however soon that comes; a refusal is none.
func TestASilenceMayBeShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.patient = true
		w.badFast["dead"], w.badFast["refuses"] = "no answer", "illegal data address"
		r := start(t, w, &sink{}, nil, device("dead", point("x")), device("refuses", point("x")), device("live", point("x")))
		defer r.stop()
		pass(t, 10*time.Second)
		for id, want := range map[string]gateway.State{"dead": gateway.StateDown, "refuses": gateway.StateDegraded, "live": gateway.StateUp} {
			if got := r.status(id); got.State != want || got.TimeoutMs != 70 || got.TurnaroundMs != 5 {
				t.Errorf("%+v, want %s", got, want)
			}
		}
		if wire := r.poller.Status().Wire; wire.Silent == 0 || wire.Refused == 0 {
			t.Errorf("%+v", wire)
		}
	})
}
