package poller_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// pupil is a driver that finds out something new with each poll, as long as it knows little.
type pupil struct {
	*driver
	known map[string]gateway.Learned
	found uint64
}

func (p *pupil) Poll(ctx context.Context, d gateway.Device, points []gateway.Point) ([]gateway.Reading, error) {
	if known := p.known[d.ID]; len(known.Tables) < 3 {
		known.Tables = append(known.Tables, gateway.LearnedTable{Table: "holding"})
		p.known[d.ID] = known
		p.found++
	}
	return p.driver.Poll(ctx, d, points)
}

func (p *pupil) Discoveries() uint64                      { return p.found }
func (p *pupil) Learned(d gateway.Device) gateway.Learned { return p.known[d.ID] }
func (p *pupil) Learn(d gateway.Device, known gateway.Learned) {
	p.known[d.ID] = known
	p.found++
}

// notes is a memory that counts.
type notes struct {
	mu      sync.Mutex // guards everything that follows
	known   map[string]gateway.Learned
	written int
}

func (n *notes) Recall(_ gateway.Connection, d gateway.Device) gateway.Learned {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.known[d.ID]
}

func (n *notes) Remember(_ gateway.Connection, d gateway.Device, l gateway.Learned) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known[d.ID] = l
	n.written++
}

func (n *notes) Forget(context.Context, string) error { return errors.New("not in this test") }

// What a driver finds out is noted when it is new, and told to the driver of the next wire.
func TestWhatIsLearnedIsNotedAndToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, n := newWire(), &notes{known: map[string]gateway.Learned{}}
		w.learns = true
		r := startWith(t, w, &sink{}, nil, n, device("a", point("x")), device("b", point("x")))
		defer r.stop()
		pass(t, 20*time.Second)
		if n.written != 6 || len(n.known["a"].Tables) != 3 || len(n.known["b"].Tables) != 3 {
			t.Errorf("%d notes: %+v", n.written, n.known)
		}
		w.set(func(w *wire) { w.broken = errors.New("unplugged") })
		pass(t, 5*time.Second)
		w.set(func(w *wire) { w.broken = nil })
		pass(t, time.Minute)
		if opens := len(w.opens); opens < 2 || n.written != 6 {
			t.Errorf("%d wires, %d notes: the driver of the new one was told nothing", opens, n.written)
		}
	})
}
