package poller_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

// hold sets what the points of device a hold.
func (w *wire) hold(t *testing.T, values map[string]gateway.Value) {
	t.Helper()
	w.set(func(w *wire) {
		for id, v := range values {
			w.values[gateway.PointKey{Device: "a", Point: id}] = v
		}
	})
}

// shown is the live reading of a point of device a.
func (r *rig) shown(id string) gateway.Reading {
	for _, reading := range r.live.Snapshot() {
		if reading.Point == (gateway.PointKey{Device: "a", Point: id}) {
			return reading
		}
	}
	return gateway.Reading{}
}

func numbers(payloads []payload) (values []string) {
	for _, p := range payloads {
		values = append(values, p.V.String()+" "+p.Q)
	}
	return values
}

// Published is what has changed by more than the deadband, what has another quality, and something every 10 s. The live
// value follows each reading.
func TestPublishOnChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		p := point("x")
		p.Publish = gateway.Publishing{OnChange: true, Deadband: 2, LongestSilence: gateway.Duration(10 * time.Second)}
		holds := func(v int64) { w.hold(t, map[string]gateway.Value{"x": gateway.IntValue(v)}) }
		holds(100)
		r := start(t, w, &sink{}, nil, device("a", p))
		defer r.stop()
		pass(t, 3*time.Second)
		holds(102)
		pass(t, 2*time.Second)
		if latest := r.shown("x"); latest.Value != gateway.IntValue(102) {
			t.Errorf("live value %s", latest.Value)
		}
		holds(103)
		pass(t, 2*time.Second)
		w.set(func(w *wire) { w.badFast["a"] = "refused" })
		pass(t, 2*time.Second)
		w.set(func(w *wire) { w.badFast["a"] = "" })
		pass(t, 2*time.Second)
		want := []string{"100 good", "103 good", "null bad", "103 good"}
		if diff := cmp.Diff(want, numbers(r.sink.of(t, "gw/a/x"))); diff != "" {
			t.Error(diff)
		}
		pass(t, 30*time.Second)
		if got := len(r.sink.of(t, "gw/a/x")) - len(want); got != 3 {
			t.Errorf("%d messages in 30 s in which nothing changed, want 3", got)
		}
		for i, m := range r.sink.of(t, "gw/a/x") {
			if m.N != uint64(i+1) {
				t.Fatalf("message %d has number %d", i, m.N)
			}
		}
	})
}

// A change that could not be brought to the disk is said again, though the value stays as it is.
func TestALostChangeIsSaidAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := newWire(), &sink{}
		p := point("x")
		p.Publish.OnChange = true
		w.hold(t, map[string]gateway.Value{"x": gateway.IntValue(1)})
		r := start(t, w, s, nil, device("a", p))
		defer r.stop()
		pass(t, 3*time.Second)
		s.mu.Lock()
		s.stall = true
		s.mu.Unlock()
		w.hold(t, map[string]gateway.Value{"x": gateway.IntValue(2)})
		pass(t, 15*time.Second)
		s.mu.Lock()
		s.stall = false
		s.mu.Unlock()
		pass(t, 15*time.Second)
		if diff := cmp.Diff([]string{"1 good", "2 good"}, numbers(s.of(t, "gw/a/x"))); diff != "" {
			t.Error(diff)
		}
	})
}

// A computed point follows what it is made of, also over several scan classes, and is as good as the worst of it.
func TestComputedPoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		slow := point("volts")
		slow.ScanClass = "5s"
		made := gateway.Point{ID: "power", Type: gateway.Float64, Expression: "amps * volts / 1000", Publish: gateway.Publishing{OnChange: true}}
		divided := gateway.Point{ID: "ratio", Type: gateway.Float64, Expression: "volts / amps", Publish: gateway.Publishing{OnChange: true}}
		w.hold(t, map[string]gateway.Value{"amps": gateway.IntValue(10), "volts": gateway.IntValue(230)})
		r := start(t, w, &sink{}, nil, device("a", point("amps"), slow, made, divided))
		defer r.stop()
		pass(t, 12*time.Second)
		w.hold(t, map[string]gateway.Value{"amps": gateway.IntValue(0)})
		pass(t, 2*time.Second)
		w.set(func(w *wire) { w.badFast["a"] = "refused" })
		pass(t, 8*time.Second)
		if diff := cmp.Diff([]string{"2.3 good", "0 good", "null bad"}, numbers(r.sink.of(t, "gw/a/power"))); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"23 good", "null bad"}, numbers(r.sink.of(t, "gw/a/ratio"))); diff != "" {
			t.Error(diff)
		}
		latest := r.shown("power")
		if latest.Reason == "" {
			t.Error("a computed point is bad without a reason")
		}
		for _, p := range w.polls {
			if p.points > 2 {
				t.Fatalf("the device was asked for %d points", p.points)
			}
		}
	})
}

func TestLimitsAndTexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		limited, strict, state := point("limited"), point("strict"), point("state")
		limited.Limits = gateway.Limits{Min: new(0.0), Max: new(100.0)}
		strict.Limits = gateway.Limits{Max: new(100.0), Bad: true}
		state.Enum = "0=off; 1=on; *=unknown"
		w.hold(t, map[string]gateway.Value{"limited": gateway.IntValue(101), "strict": gateway.IntValue(101), "state": gateway.IntValue(1)})
		r := start(t, w, &sink{}, nil, device("a", limited, strict, state))
		defer r.stop()
		pass(t, 1500*time.Millisecond)
		for id, want := range map[string]string{"limited": "101 uncertain", "strict": "null bad", "state": "on good"} {
			if got := numbers(r.sink.of(t, "gw/a/"+id)); len(got) == 0 || got[0] != want {
				t.Errorf("%s: %v, want %s", id, got, want)
			}
		}
		for id, v := range map[string]gateway.Value{"limited": gateway.IntValue(-1), "state": gateway.TextValue("half")} {
			if _, err := r.poller.Write(t.Context(), gateway.PointKey{Device: "a", Point: id}, v); gateway.CodeOf(err) != gateway.Invalid {
				t.Errorf("%s was written to %s: %v", v, id, err)
			}
		}
	})
}
