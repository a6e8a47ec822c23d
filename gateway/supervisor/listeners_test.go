package supervisor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

type listenerRunner struct {
	plant *plant
	id    string
}

func (r *listenerRunner) Run(ctx context.Context) error {
	r.plant.note("start " + r.id)
	<-ctx.Done()
	r.plant.note("stop " + r.id)
	return nil
}

func (r *listenerRunner) Close() error { r.plant.note("close " + r.id); return nil }

// doors is a configuration of listeners alone.
func doors() gateway.Config {
	return gateway.Config{
		Revision: 1, Name: "gw", ScanClasses: gateway.DefaultScanClasses(),
		Listeners: []gateway.Listener{
			{ID: "lan", Kind: gateway.ListenTCP, Address: ":1884"},
			{ID: "web", Kind: gateway.ListenWebSocket, Address: ":8083"},
		},
	}
}

func TestAChangedListenerLeavesItsNeighbourAlone(t *testing.T) {
	changes := map[string]struct {
		change func(*gateway.Config)
		want   []string
	}{
		"another address":  {func(c *gateway.Config) { c.Listeners[0].Address = ":1885" }, []string{"open lan", "stop lan", "start lan"}},
		"the same address": {func(c *gateway.Config) { c.Listeners[0].Anonymous = true }, []string{"stop lan", "open lan", "start lan"}},
		"another proxy": {func(c *gateway.Config) {
			c.Listeners[0].ProxyProtocol, c.Listeners[0].TrustedProxies = true, []string{"192.0.2.7"}
		}, []string{"stop lan", "open lan", "start lan"}},
		"the same without proxies": {func(c *gateway.Config) { c.Listeners[0].TrustedProxies = []string{} }, nil},
		"off":                      {func(c *gateway.Config) { c.Listeners[0].Disabled = true }, []string{"stop lan"}},
		"removed":                  {func(c *gateway.Config) { c.Listeners = c.Listeners[1:] }, []string{"stop lan"}},
		"a new one": {func(c *gateway.Config) {
			c.Listeners = append(c.Listeners, gateway.Listener{ID: "tls", Kind: gateway.ListenTLS, Address: ":8883"})
		}, []string{"open tls", "start tls"}},
	}
	for name, test := range changes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, &plant{config: doors()})
				defer r.stop()
				r.plant.events()
				r.mustApply(t, test.change)
				want(t, r.plant.events(), test.want...)
				if len(r.plant.told) != len(r.Config().Listeners) {
					t.Errorf("access was told %+v", r.plant.told)
				}
			})
		})
	}
}

func TestATakenAddressRefusesTheChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: doors(), taken: map[string]bool{":1999": true}})
		defer r.stop()
		r.plant.events()
		next := clone(r.Config())
		next.Listeners = append(next.Listeners, gateway.Listener{ID: "free", Kind: gateway.ListenTCP, Address: ":1998"},
			gateway.Listener{ID: "busy", Kind: gateway.ListenTCP, Address: ":1999"})
		_, err := r.Apply(t.Context(), next, "anna")
		e, is := errors.AsType[*gateway.Error](err)
		if !is || e.Code != gateway.Invalid || e.Field != "listeners[3].address" {
			t.Errorf("error %v", err)
		}
		want(t, r.plant.events(), "open free", "open busy", "close free")
		if r.plant.saves != 0 || len(r.Listeners()) != 2 {
			t.Errorf("%d saves, %+v", r.plant.saves, r.Listeners())
		}
	})
}

func TestWhatCannotBeSavedIsClosedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, &plant{config: doors(), saveErr: errors.New("the disk is full")})
		defer r.stop()
		r.plant.events()
		next := clone(r.Config())
		next.Listeners[0].Address = ":1885"
		if _, err := r.Apply(t.Context(), next, "anna"); err == nil {
			t.Error("it was applied")
		}
		want(t, r.plant.events(), "open lan", "close lan")
	})
}

func TestAListenerThatCannotBindAtTheStartIsAStatusAndComesLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &plant{config: doors(), taken: map[string]bool{":1884": true}}
		r := start(t, p)
		defer r.stop()
		list := r.Listeners()
		if list[0].State != gateway.StateDown || list[0].Reason != "the address is taken" || list[1].State != gateway.StateUp {
			t.Errorf("status %+v", list)
		}
		p.mu.Lock()
		p.taken = nil
		p.mu.Unlock()
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if l := r.Listeners()[0]; l.State != gateway.StateUp || !l.Exposed {
			t.Errorf("status %+v", l)
		}
	})
}
