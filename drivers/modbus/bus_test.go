package modbus_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// Replies with transaction ids that are not the awaited one, over the wrap from 65,535 to 0: twice, out of order, of a
// device that answers with 0, or as another unit. None is taken, and the next request is answered.
func TestTransactionIDs(t *testing.T) {
	var before []byte
	for name, fault := range map[string]func(reply []byte) []chunk{
		"twice":   func(reply []byte) []chunk { return []chunk{{data: bytes.Repeat(reply, 2)}} },
		"ordered": func(reply []byte) []chunk { return []chunk{{data: append(bytes.Clone(before), reply...)}} },
		"zero":    func(reply []byte) []chunk { return []chunk{{data: with(reply, 1, 0)}} },
		"unit 0":  func(reply []byte) []chunk { return []chunk{{data: with(reply, 6, 0)}} },
		"unit 255": func(reply []byte) []chunk {
			return []chunk{{data: with(reply, 6, 255)}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, o := newSlave("tcp"), &once{}
			s.fault = func(request, reply []byte) []chunk {
				defer func() { before = bytes.Clone(reply) }()
				return o.fault(request, reply)
			}
			d := mustOpen(t, mustStart(t, s), 30*time.Millisecond)
			poll := func(points ...gateway.Point) []gateway.Reading { return mustPoll(t, d, 1, points...) }
			mustSkipTransactions(t, d, 65530)
			for n := range uint64(12) {
				if n%2 == 0 {
					o.arm(func(_, reply []byte) []chunk { return fault(reply) })
				}
				if !check(t, poll, n+100) && n%2 == 1 {
					t.Errorf("request %d: the next read fails too", n)
				}
			}
		})
	}
}

// with is a reply with another low byte of its transaction id, or another unit.
func with(reply []byte, at int, value byte) []byte {
	changed := bytes.Clone(reply)
	if changed[at] == value {
		value++
	}
	changed[at] = value
	return changed
}

func mustSkipTransactions(t *testing.T, d *modbus.Driver, n int) {
	t.Helper()
	if err := modbus.SkipTransactions(d, 1, n); err != nil {
		t.Fatal(err)
	}
}

// Another master asks and is answered on the same line, at any time. No value is wrong, and the collision is noticed.
func TestAnotherMasterOnTheLine(t *testing.T) {
	wire, path := mustTerminal(t)
	s := newSlave("rtu")
	shared := &sharedWire{ReadWriter: wire}
	var serving sync.WaitGroup
	serving.Go(func() { s.serve(shared) })
	ended := make(chan struct{})
	serving.Go(func() {
		for {
			select {
			case <-ended:
				return
			case <-time.After(5*time.Millisecond + rand.N(20*time.Millisecond)):
			}
			// What it asks of unit 9 and what that answers, in one go.
			_, _ = shared.Write(append(packRTU(9, []byte{3, 0, 7, 0, 1}), packRTU(9, []byte{3, 2, 0xAA, 0xAA})...))
		}
	})
	d := mustOpen(t, "rtu://"+path+"?baud=115200", 30*time.Millisecond)
	good := 0
	for i := 0; i < 1000 && (good < 40 || d.Doubt() == ""); i++ {
		n := uint64(100 + i)
		if check(t, func(points ...gateway.Point) []gateway.Reading { return mustPoll(t, d, 1, points...) }, n) {
			good++
		}
		<-time.After(2 * time.Millisecond)
	}
	close(ended)
	_ = wire.Close()
	serving.Wait()
	if good < 40 || !strings.Contains(d.Doubt(), "second master") {
		t.Errorf("%d values, %q", good, d.Doubt())
	}
}

// sharedWire lets several write frames as a whole.
type sharedWire struct {
	io.ReadWriter
	mu sync.Mutex // guards writing
}

func (w *sharedWire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ReadWriter.Write(p)
}

// A quiet line makes no doubt, late and garbled replies included.
func TestNoDoubtWithoutAnotherMaster(t *testing.T) {
	s, o := newSlave("rtu"), &once{}
	s.fault = o.fault
	d := mustOpen(t, mustStart(t, s), 30*time.Millisecond)
	for n := range uint64(30) {
		if n%3 == 0 {
			o.arm(func(_, reply []byte) []chunk { return []chunk{{40 * time.Millisecond, reply}} })
		}
		check(t, func(points ...gateway.Point) []gateway.Reading { return mustPoll(t, d, 1, points...) }, n+100)
	}
	if doubt := d.Doubt(); doubt != "" {
		t.Error(doubt)
	}
}

// What a wrong setting looks like on the wire is said with what to check.
func TestWrongSettingsAreNamed(t *testing.T) {
	garbage := []byte{0x00, 0x9E, 0xFE, 0x86, 0x00, 0xF8, 0x1C}
	for name, c := range map[string]struct {
		framing string
		unit    int
		garble  bool
		want    string
	}{
		"rate or parity of a serial line": {"rtu", 1, true, "check baud rate, parity and wiring"},
		"rate or parity with ASCII":       {"ascii", 1, true, "check baud rate, parity and wiring"},
		"kind of a network connection":    {"tcp", 1, true, "check the number of the unit, the kind of the connection and the port"},
		"number of the unit":              {"rtu", 9, false, "no answer from unit 9"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSlave(c.framing)
			s.fault = func(_, reply []byte) []chunk {
				if c.garble {
					reply = garbage
				}
				return []chunk{{data: reply}}
			}
			s.answer = func(unit byte, _ []byte) []byte {
				if unit != 1 {
					return []byte{}
				}
				return nil
			}
			d := mustOpen(t, mustStart(t, s), 40*time.Millisecond)
			r := mustPoll(t, d, c.unit, point("holding:1", gateway.Uint16))[0]
			if r.Quality != gateway.Bad || !r.Value.IsNull() || !strings.Contains(r.Reason, c.want) {
				t.Errorf("%+v", r)
			}
		})
	}
}
