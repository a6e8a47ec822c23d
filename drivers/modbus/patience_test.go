package modbus_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// slowAnswers makes a device that takes as long as it is told.
func slowAnswers(framing string, pause func() time.Duration) *slave {
	s := newSlave(framing)
	s.fault = func(_, reply []byte) []chunk { return []chunk{{pause(), reply}} }
	return s
}

// A unit that answered in a few milliseconds and then falls silent costs the user's timeout once, and then much less, with
// timeouts that double. When it answers again it has what it needs.
func TestASilentUnitCostsLess(t *testing.T) {
	const users = 400 * time.Millisecond
	for _, framing := range []string{"rtu", "tcp"} {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s := newSlave(framing)
			d := mustOpen(t, mustStart(t, s), users)
			poll := func() (took time.Duration, quality gateway.Quality) {
				begin := time.Now()
				r := mustPoll(t, d, 1, point("holding:1", gateway.Uint16))[0]
				return time.Since(begin), r.Quality
			}
			for range 5 {
				poll()
			}
			if p := d.Patience(device(1)); p.Timeout > users/2 || p.Silent {
				t.Fatalf("after quick answers: %+v", p)
			}
			setAnswer(s, func(byte, []byte) []byte { return []byte{} })
			if took, quality := poll(); took < users || quality != gateway.Bad || !d.Patience(device(1)).Silent {
				t.Errorf("the first silence: %s after %s, %+v", quality, took, d.Patience(device(1)))
			}
			before := d.Patience(device(1)).Timeout
			if took, _ := poll(); took > users*3/4 {
				t.Errorf("the second silence took %s", took)
			}
			if after := d.Patience(device(1)).Timeout; after != min(users, 2*before) {
				t.Errorf("timeout %s after %s", after, before)
			}
			setAnswer(s, nil)
			if _, quality := poll(); quality != gateway.Good || d.Patience(device(1)).Silent {
				t.Errorf("%s when it answers again: %+v", quality, d.Patience(device(1)))
			}
		})
	}
}

func setAnswer(s *slave, answer func(unit byte, pdu []byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// An answer that comes later than usual, but within the user's timeout, is not lost, and the next one may take as long.
func TestASlowAnswerIsNotLost(t *testing.T) {
	for _, framing := range []string{"rtu", "ascii", "tcp"} {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			requests := 0
			s := slowAnswers(framing, func() time.Duration {
				if requests++; requests > 6 {
					return 150 * time.Millisecond
				}
				return 0
			})
			d := mustOpen(t, mustStart(t, s), 600*time.Millisecond)
			for n := range uint64(9) {
				if r := mustPoll(t, d, 1, point("holding:1"+gateway.UintValue(n).String(), gateway.Uint16))[0]; r.Value != gateway.UintValue(10+n) {
					t.Errorf("poll %d: %+v", n, r)
				}
			}
			if p := d.Patience(device(1)); p.Timeout < 300*time.Millisecond {
				t.Errorf("%+v", p)
			}
		})
	}
}

// One answer that is slow, the first after a start, does not decide for long how requests are planned.
func TestOneSlowAnswerIsSoonMadeUpFor(t *testing.T) {
	first := true
	s := slowAnswers("rtu", func() time.Duration {
		defer func() { first = false }()
		if first {
			return 300 * time.Millisecond
		}
		return 0
	})
	d := mustOpen(t, mustStart(t, s), time.Second)
	for range 10 {
		mustPoll(t, d, 1, point("holding:1", gateway.Uint16))
	}
	if p := d.Patience(device(1)); p.Turnaround > 50*time.Millisecond {
		t.Errorf("%+v", p)
	}
}

// Of a unit that never answered most requests take no longer than the others on its wire need, and every fourth has the
// user's timeout.
func TestAUnitThatNeverAnsweredCostsLess(t *testing.T) {
	t.Parallel()
	const users = 300 * time.Millisecond
	s := newSlave("rtu")
	s.answer = func(unit byte, _ []byte) []byte {
		if unit == 2 {
			return []byte{}
		}
		return nil
	}
	d := mustOpen(t, mustStart(t, s), users)
	for range 5 {
		mustPoll(t, d, 1, point("holding:1", gateway.Uint16))
	}
	long := 0
	for n := range 8 {
		if n >= 4 && d.Patience(device(2)).Timeout == users {
			long++
		}
		mustPoll(t, d, 2, point("holding:1", gateway.Uint16))
	}
	if long != 1 {
		t.Errorf("%d of the last 4 requests have the user's timeout", long)
	}
}
