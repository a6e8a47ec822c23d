package poller_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// noisy is a driver that loses two answers with each poll.
type noisy struct{ *driver }

func (n noisy) Damaged() uint64 { return uint64(2 * n.polls) }

// What drivers count is counted on over all wires that a connection had.
func TestDamageIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		w.noisy = true
		r := start(t, w, &sink{}, nil, device("a", point("x")))
		defer r.stop()
		pass(t, 10*time.Second+500*time.Millisecond)
		before := r.poller.Status().Damaged
		if polls := r.poller.Status().Polls; polls < 9 || before != 2*polls {
			t.Errorf("%d damaged answers in %d polls", before, polls)
		}
		w.set(func(w *wire) { w.broken = errors.New("unplugged") })
		pass(t, 3*time.Second)
		w.set(func(w *wire) { w.broken = nil })
		pass(t, 30*time.Second)
		if s := r.poller.Status(); s.Damaged != 2*s.Polls || s.Damaged <= before || len(w.opens) < 2 {
			t.Errorf("%d damaged answers in %d polls over %d wires", s.Damaged, s.Polls, len(w.opens))
		}
	})
}

// A scale that waits half a minute for a stable weight holds its own wire, and no other one.
func TestALongAnswerHoldsNobodyElseUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, quick := newWire(), newWire()
		slow.took["scale"] = 30 * time.Second
		waiting, polling := start(t, slow, &sink{}, nil, device("scale", point("x"))), start(t, quick, &sink{}, nil, device("meter", point("x")))
		defer waiting.stop()
		defer polling.stop()
		pass(t, 5*time.Minute)
		if n := polling.poller.Status().Polls; n < 298 {
			t.Errorf("%d polls in 5 minutes beside a slow wire", n)
		}
		if s := waiting.poller.Status(); s.Polls < 8 || s.Devices[0].State == gateway.StateDown {
			t.Errorf("the slow one: %+v", s)
		}
	})
}
