package modbus_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// The reply to the first read comes after its deadline, all others in time. Without protection each read would get the
// value of the one before, without an error, for ever.
func TestLateReplyIsNotTheNextAnswer(t *testing.T) {
	for _, framing := range []string{"rtu", "ascii"} {
		t.Run(framing, func(t *testing.T) {
			s := newSlave(framing)
			first := true
			s.fault = func(_, reply []byte) []chunk {
				if first {
					first = false
					return []chunk{{60 * time.Millisecond, reply}}
				}
				return []chunk{{5 * time.Millisecond, reply}}
			}
			d := mustOpen(t, mustStart(t, s), 40*time.Millisecond)
			if r := mustPoll(t, d, 1, point("holding:10", gateway.Uint16))[0]; r.Quality != gateway.Bad {
				t.Errorf("the late reply counted: %+v", r)
			}
			for n := 100; n < 110; n++ {
				r := mustPoll(t, d, 1, point(fmt.Sprintf("holding:%d", n), gateway.Uint16))[0]
				if r.Value != gateway.UintValue(uint64(n)) {
					t.Errorf("register %d reads as %+v", n, r)
				}
			}
		})
	}
}

// overtaken is the device's end of a wire on which late replies come when later ones have gone already, as behind a
// gateway that does several things at once.
type overtaken struct {
	io.ReadWriter
	late func() time.Duration
	sent sync.WaitGroup
	mu   sync.Mutex // guards writing
}

func (o *overtaken) Write(p []byte) (int, error) {
	send := func(p []byte) (int, error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		return o.ReadWriter.Write(p)
	}
	after := o.late()
	if after == 0 {
		return send(p)
	}
	p = bytes.Clone(p)
	o.sent.Go(func() {
		<-time.After(after)
		_, _ = send(p)
	})
	return len(p), nil
}

// Late replies that are overtaken by others are not taken for them either.
func TestNoWrongValueWithOvertakenReplies(t *testing.T) {
	const timeout = 10 * time.Millisecond
	device, path := mustTerminal(t)
	s := newSlave("rtu")
	wire := &overtaken{ReadWriter: device, late: func() time.Duration {
		if rand.IntN(100) < 10 {
			return timeout + rand.N(10*timeout)
		}
		return 0
	}}
	var serving sync.WaitGroup
	serving.Go(func() { s.serve(wire) })
	d := mustOpen(t, "rtu://"+path+"?baud=115200", timeout)
	good := 0
	for range 500 {
		p, want := randomPoint()
		r := mustPoll(t, d, 1, p)[0]
		if r.Quality == gateway.Good && r.Value != want {
			t.Errorf("%s reads as %s, want %s", p.Address, r.Value, want)
		}
		if r.Quality == gateway.Good {
			good++
		}
	}
	if good < 300 {
		t.Errorf("%d good readings of 500", good)
	}
	// The slave first: it may still be about to send.
	_ = device.Close()
	serving.Wait()
	wire.sent.Wait()
}
