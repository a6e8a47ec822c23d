package modbus_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// A wire that breaks while an answer is awaited is an error at once: waiting for the deadline would help nobody.
func TestBrokenWire(t *testing.T) {
	t.Run("serial", func(t *testing.T) {
		device, path := mustTerminal(t)
		d := mustOpen(t, "rtu://"+path+"?baud=115200", 20*time.Second)
		var unplugged sync.WaitGroup
		unplugged.Go(func() {
			buffer := make([]byte, 8)
			_, _ = device.Read(buffer) // the request is on the wire
			_ = device.Close()
		})
		defer unplugged.Wait()
		mustBreak(t, d)
	})
	t.Run("tcp", func(t *testing.T) {
		s := newSlave("tcp")
		d := mustOpen(t, mustListen(t, s), 20*time.Second)
		mustPoll(t, d, 1, registers(1)...)
		s.mu.Lock()
		s.hangUp = true
		s.mu.Unlock()
		mustBreak(t, d)
	})
}

func mustBreak(t *testing.T, d *modbus.Driver) {
	t.Helper()
	begin := time.Now()
	readings, err := d.Poll(t.Context(), device(1), registers(1))
	if err == nil || gateway.CodeOf(err) != "" {
		t.Errorf("a broken wire gives %+v, %v", readings, err)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %s to notice", took)
	}
}

// silentDriver has a wire on which nobody answers, and a signal for each request.
func silentDriver(t *testing.T, framing string) (*modbus.Driver, <-chan struct{}) {
	t.Helper()
	s := newSlave(framing)
	asked := make(chan struct{}, 100)
	s.answer = func(byte, []byte) []byte {
		asked <- struct{}{}
		return []byte{}
	}
	return mustOpen(t, mustStart(t, s), 20*time.Second), asked
}

func TestCloseAndContextEndACall(t *testing.T) {
	for _, framing := range framings {
		for _, how := range []string{"close", "context"} {
			t.Run(framing+"/"+how, func(t *testing.T) {
				t.Parallel()
				d, asked := silentDriver(t, framing)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var ending sync.WaitGroup
				ending.Go(func() {
					<-asked
					if how == "context" {
						cancel()
						return
					}
					if err := d.Close(); err != nil {
						t.Error(err)
					}
				})
				begin := time.Now()
				_, err := d.Poll(ctx, device(1), registers(1))
				ending.Wait()
				if err == nil || how == "context" && !errors.Is(err, context.Canceled) {
					t.Errorf("%v", err)
				}
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("the call ended after %s", took)
				}
			})
		}
	}
}

// A peer that has vanished without a word is noticed, so that the connection is opened again.
func TestHalfOpenConnection(t *testing.T) {
	s := newSlave("tcp")
	s.answer = func(byte, []byte) []byte { return []byte{} }
	d := mustOpen(t, mustStart(t, s), 20*time.Millisecond)
	for range 3 {
		mustPoll(t, d, 1, registers(1)...)
	}
	if readings, err := d.Poll(t.Context(), device(1), registers(1)); err == nil {
		t.Errorf("still trying: %+v", readings)
	}
}

// A late TCP reply is passed over by its transaction id; nothing has to be opened again.
func TestLateTCPReply(t *testing.T) {
	s, o := newSlave("tcp"), &once{}
	s.fault = o.fault
	poll := poller(t, s, 50*time.Millisecond)
	o.arm(func(_, reply []byte) []chunk { return []chunk{{70 * time.Millisecond, reply}} })
	if check(t, poll, 1) {
		t.Error("the late reply counted")
	}
	for n := uint64(2); n < 10; n++ {
		if !check(t, poll, n) {
			t.Errorf("register %d has no value", n)
		}
	}
}

// Devices take a request that comes too soon after a frame for its continuation. 3.5 characters at 1200 baud are 29 ms.
func TestSilenceBetweenFrames(t *testing.T) {
	s := newSlave("rtu")
	var ended time.Time
	var gaps []time.Duration
	s.answer = func(byte, []byte) []byte {
		if !ended.IsZero() {
			gaps = append(gaps, time.Since(ended))
		}
		return nil
	}
	s.fault = func(_, reply []byte) []chunk {
		ended = time.Now()
		return []chunk{{data: reply}}
	}
	device, path := mustTerminal(t)
	var serving sync.WaitGroup
	serving.Go(func() { s.serve(device) })
	d := mustOpen(t, "rtu://"+path+"?baud=1200", time.Second)
	for range 4 {
		mustPoll(t, d, 1, registers(1)...)
	}
	_ = device.Close()
	serving.Wait()
	if len(gaps) != 3 {
		t.Fatalf("%d gaps", len(gaps))
	}
	for _, gap := range gaps {
		if gap < 29*time.Millisecond {
			t.Errorf("the next request came after %s", gap)
		}
	}
}

// Two connections cannot share a port, under whatever name.
func TestPortHasOneMaster(t *testing.T) {
	url := mustPlug(t, newSlave("rtu"))
	mustOpen(t, url, time.Second)
	_, err := modbus.Open(t.Context(), gateway.Connection{URL: url})
	if gateway.CodeOf(err) != gateway.Unavailable {
		t.Errorf("%v", err)
	}
}
