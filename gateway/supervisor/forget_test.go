package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/gateway"
)

func (p *plant) Recall(gateway.Connection, gateway.Device) gateway.Learned { return gateway.Learned{} }

func (p *plant) Remember(gateway.Connection, gateway.Device, gateway.Learned) {}

func (p *plant) Forget(_ context.Context, device string) error {
	p.note("forget " + device)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.forgetErr
}

func (w wire) Discoveries() uint64                    { return 0 }
func (w wire) Learned(gateway.Device) gateway.Learned { return gateway.Learned{} }
func (w wire) Learn(d gateway.Device, l gateway.Learned) {
	if l.Empty() {
		w.plant.note("driver forgets " + d.ID)
	}
}

// What was learned is forgotten on disk first, then by the driver; a disk that fails is said, and changes nothing.
func TestForgettingReachesTheDriver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: config()})
		defer r.stop()
		r.plant.events()
		if err := r.ForgetLearned(t.Context(), "d2"); err != nil {
			t.Error(err)
		}
		want(t, r.plant.events(), "forget d2", "explore two", "driver forgets d2")
		r.plant.forgetErr = errors.New("disk full")
		if err := r.ForgetLearned(t.Context(), "d2"); err == nil {
			t.Error("a disk that fails is not said")
		}
		want(t, r.plant.events(), "forget d2")
		if err := r.ForgetLearned(t.Context(), "nothing"); gateway.CodeOf(err) != gateway.NotFound {
			t.Errorf("unknown device: %v", err)
		}
	})
}
