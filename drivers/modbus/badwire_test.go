package modbus_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// badWireRequests is how many requests the device gets for each fault; TIDEGATE_BAD_WIRE is the long form.
func badWireRequests(t *testing.T) int {
	t.Helper()
	text, set := os.LookupEnv("TIDEGATE_BAD_WIRE")
	if !set {
		return 150
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const badWireTimeout = 8 * time.Millisecond

// badWires are what happens to three replies in ten.
var badWires = map[string]func(reply []byte) []chunk{
	"late": func(reply []byte) []chunk {
		return []chunk{{badWireTimeout + rand.N(2*badWireTimeout), reply}}
	},
	"noise":     func(reply []byte) []chunk { return []chunk{{data: withNoise(reply)}} },
	"truncated": func(reply []byte) []chunk { return []chunk{{data: reply[:rand.IntN(len(reply))]}} },
}

// Reads and writes on a wire that treats three replies in ten badly: not one wrong value.
func TestNoWrongValueOnABadWire(t *testing.T) {
	requests := badWireRequests(t)
	for _, framing := range []string{"rtu", "ascii"} {
		for name, fault := range badWires {
			t.Run(framing+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := newSlave(framing)
				s.fault = func(_, reply []byte) []chunk {
					if rand.IntN(100) < 30 {
						return fault(reply)
					}
					return []chunk{{data: reply}}
				}
				w := &badWire{slave: s, driver: mustOpen(t, mustStart(t, s), badWireTimeout)}
				for s.count() < requests {
					w.step(t)
				}
				if w.good < requests/10 {
					t.Errorf("%d right values with %d requests", w.good, requests)
				}
				t.Logf("%d requests: %d right values, %d unknown, %d wrong", s.count(), w.good, w.bad, w.wrong)
			})
		}
	}
}

// badWire counts what came of the reads and writes over one.
type badWire struct {
	slave            *slave
	driver           *modbus.Driver
	good, bad, wrong int
}

func (w *badWire) step(t *testing.T) {
	t.Helper()
	unit := 1 + rand.IntN(8)
	if rand.IntN(8) == 0 {
		w.write(t, unit)
		return
	}
	p, want := randomPoint()
	r := mustPoll(t, w.driver, unit, p)[0]
	w.count(t, p, r.Quality != gateway.Bad, r.Value, want)
}

// write sets what is never read otherwise, so that the device's memory says what a reading has to be.
func (w *badWire) write(t *testing.T, unit int) {
	t.Helper()
	n := 2000 + rand.IntN(1000)
	p, v := point(fmt.Sprintf("holding:%d", n), gateway.Uint16), gateway.UintValue(uint64(rand.IntN(1<<16)))
	if n%2 == 0 {
		p, v = point(fmt.Sprintf("coil:%d", n), gateway.Bool), gateway.BoolValue(rand.IntN(2) == 0)
	}
	r, err := w.driver.Write(t.Context(), device(unit), p, v)
	if err != nil && gateway.CodeOf(err) == "" {
		t.Fatal(err)
	}
	w.count(t, p, err == nil && r.Quality == gateway.Good, r.Value, v)
	if err == nil && w.slave.holds(n) != r.Value {
		t.Errorf("%s: said %s, but the device holds %s", p.Address, r.Value, w.slave.holds(n))
	}
}

func (w *badWire) count(t *testing.T, p gateway.Point, known bool, got, want gateway.Value) {
	t.Helper()
	switch {
	case !known:
		w.bad++
	case got != want:
		w.wrong++
		t.Errorf("%s reads as %s, want %s", p.Address, got, want)
	default:
		w.good++
	}
}

// holds is the written coil (even) or register (odd) n.
func (s *slave) holds(n int) gateway.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n%2 == 0 {
		return gateway.BoolValue(s.coil(uint16(n)))
	}
	return gateway.UintValue(uint64(s.register(uint16(n))))
}

func (s *slave) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// withNoise puts up to 20 bytes before, into or behind a frame; one in three looks like the beginning of a reply. Noise
// that makes a valid frame by chance, one in 65,536, cannot be told from one by anybody and is drawn again.
func withNoise(reply []byte) []byte {
	for {
		noise := make([]byte, 1+rand.IntN(20))
		for i := range noise {
			noise[i] = byte(rand.IntN(256))
		}
		if rand.IntN(3) == 0 {
			noise = append(noise, reply[:min(5, len(reply))]...)
		}
		at := rand.IntN(len(reply) + 1)
		noisy := bytes.Join([][]byte{reply[:at], noise, reply[at:]}, nil)
		if !hasFalseFrame(noisy, reply) {
			return noisy
		}
	}
}

// hasFalseFrame reports whether data has a valid RTU frame as long as the reply and with its beginning, but not the reply.
func hasFalseFrame(data, reply []byte) bool {
	for i := 0; i+len(reply) <= len(data); i++ {
		frame := data[i : i+len(reply)]
		if !bytes.Equal(frame, reply) && bytes.Equal(frame, packRTU(frame[0], frame[1:len(frame)-2])) {
			return true
		}
	}
	return false
}

func randomPoint() (gateway.Point, gateway.Value) {
	n := rand.IntN(1000)
	switch rand.IntN(4) {
	case 0:
		return point(fmt.Sprintf("coil:%d", n), gateway.Bool), gateway.BoolValue(n%3 == 0)
	case 1:
		return point(fmt.Sprintf("input:%d", n), gateway.Uint16), gateway.UintValue(uint64(n + 1000))
	case 2:
		return point(fmt.Sprintf("holding:%d", n), gateway.Uint32), gateway.UintValue(uint64(n<<16 | (n + 1)))
	}
	return point(fmt.Sprintf("holding:%d", n), gateway.Uint16), gateway.UintValue(uint64(n))
}
