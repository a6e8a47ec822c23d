package modbus_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// once makes a fault happen for the first reply after it was armed; all others go out as they are.
// A request that nobody waits for any more may be answered while the test arms the next fault.
type once struct {
	mu    sync.Mutex // guards armed
	armed func(request, reply []byte) []chunk
}

func (o *once) arm(fault func(request, reply []byte) []chunk) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.armed = fault
}

func (o *once) fault(request, reply []byte) []chunk {
	o.mu.Lock()
	f := o.armed
	o.armed = nil
	o.mu.Unlock()
	if f == nil {
		return []chunk{{data: reply}}
	}
	return f(request, reply)
}

// check polls register n of unit 1 and fails on any value but n. It reports whether there was a value.
func check(t *testing.T, poll func(...gateway.Point) []gateway.Reading, n uint64) bool {
	t.Helper()
	address := "holding:" + gateway.UintValue(n).String()
	r := poll(point(address, gateway.Uint16))[0]
	if r.Quality == gateway.Good && r.Value != gateway.UintValue(n) {
		t.Errorf("%s reads as %s", address, r.Value)
	}
	return r.Quality == gateway.Good
}

func poller(t *testing.T, s *slave, timeout time.Duration) func(...gateway.Point) []gateway.Reading {
	t.Helper()
	d := mustOpen(t, mustStart(t, s), timeout)
	return func(points ...gateway.Point) []gateway.Reading { return mustPoll(t, d, 1, points...) }
}

// Each bit of a reply is flipped in turn. The checksum finds it, the read is repeated, and no value is ever wrong.
func TestFlippedBits(t *testing.T) {
	for framing, bits := range map[string]int{"rtu": 8 * 7, "ascii": 8 * 15} {
		const group = 40 // a wire remembers each failure for some seconds, so it gets only so many
		for first := 0; first < bits; first += group {
			t.Run(fmt.Sprintf("%s/%d", framing, first), func(t *testing.T) {
				t.Parallel()
				flipBits(t, framing, first, min(first+group, bits))
			})
		}
	}
}

func flipBits(t *testing.T, framing string, first, end int) {
	spoil(t, framing, first, end, func(reply []byte, bit int) { reply[bit/8] ^= 1 << (bit % 8) })
}

// A character with a parity error comes as 0: the driver of the port puts that in its place. Each one of a reply in turn.
func TestParityErrors(t *testing.T) {
	for framing, length := range map[string]int{"rtu": 7, "ascii": 15} {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			spoil(t, framing, 0, length, func(reply []byte, at int) { reply[at] = 0 })
		})
	}
}

// spoil damages one reply after the other. What was asked is asked again, at most once; the counter says how often.
func spoil(t *testing.T, framing string, first, end int, damage func(reply []byte, n int)) {
	t.Helper()
	s, o := newSlave(framing), &once{}
	s.fault = o.fault
	d := mustOpen(t, mustStart(t, s), 40*time.Millisecond)
	poll := func(points ...gateway.Point) []gateway.Reading { return mustPoll(t, d, 1, points...) }
	bad, next, often, spoiled := 0, 0, 0, 0
	for n := first; n < end; n++ {
		o.arm(func(_, reply []byte) []chunk {
			before := bytes.Clone(reply)
			if damage(reply, n); !bytes.Equal(before, reply) {
				spoiled++
			}
			return []chunk{{data: reply}}
		})
		before := len(s.seen())
		if !check(t, poll, uint64(n+100)) {
			bad++
		}
		if asked := len(s.seen()) - before; asked > 2 {
			often++ // a busy machine makes some of the answers late, which are asked for again too
		}
		if !check(t, poll, uint64(n+1000)) {
			next++
		}
	}
	if bad > 2 || next > 2 || often > 2 {
		t.Errorf("of %d damaged replies %d cost a reading, %d the one behind it too, %d were asked for more than twice", end-first, bad, next, often)
	}
	// A letter that became a small one is no damage, and what a busy machine sends late is given up before it comes.
	if got := d.Damaged(); got < uint64(spoiled*9/10) || got > uint64(2*spoiled) {
		t.Errorf("%d counted of %d damaged replies", got, spoiled)
	}
}

// Noise before a reply, also such that looks like the beginning of one, costs at most that reading.
func TestNoiseBeforeAReply(t *testing.T) {
	for _, framing := range []string{"rtu", "ascii"} {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s, o := newSlave(framing), &once{}
			s.fault = o.fault
			poll := poller(t, s, 100*time.Millisecond)
			good := 0
			for n := range uint64(60) {
				noise := make([]byte, 1+rand.IntN(20))
				for i := range noise {
					noise[i] = byte(rand.IntN(256))
				}
				if n%3 == 0 {
					noise = append(noise, map[string]string{"rtu": "\x01\x03\x02", "ascii": ":0103"}[framing]...)
				}
				o.arm(func(_, reply []byte) []chunk { return []chunk{{data: append(noise, reply...)}} })
				if check(t, poll, n+100) {
					good++
				}
				if !check(t, poll, n+1000) {
					t.Errorf("noise % x: the next read fails too", noise)
				}
			}
			if good < 55 {
				t.Errorf("%d of 60 readings survive noise", good)
			}
		})
	}
}

// A frame that comes in two parts with a pause is accepted wherever it is cut: adapters deliver like that.
func TestRepliesInParts(t *testing.T) {
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s, o := newSlave(framing), &once{}
			s.fault = o.fault
			poll := poller(t, s, time.Second)
			for cut := 1; cut < 7; cut++ {
				parts := func(_, reply []byte) []chunk {
					return []chunk{{data: reply[:cut]}, {5 * time.Millisecond, reply[cut:]}}
				}
				o.arm(parts)
				if !check(t, poll, uint64(cut)) {
					t.Errorf("cut after %d bytes: no value", cut)
				}
			}
		})
	}
}

// The deadline is one for the whole exchange, however the bytes come, and what comes of a frame is not a value.
func TestDeadlineIsAbsolute(t *testing.T) {
	for name, fault := range map[string]func(_, reply []byte) []chunk{
		"truncated": func(_, reply []byte) []chunk { return []chunk{{data: reply[:len(reply)-1]}} },
		"dribble": func(_, reply []byte) []chunk {
			var chunks []chunk
			for i := range reply {
				chunks = append(chunks, chunk{15 * time.Millisecond, reply[i : i+1]})
			}
			return chunks
		},
	} {
		for _, framing := range framings {
			t.Run(name+"/"+framing, func(t *testing.T) {
				t.Parallel()
				s := newSlave(framing)
				s.fault = fault
				d := mustOpen(t, mustStart(t, s), 40*time.Millisecond)
				begin := time.Now()
				r := mustPoll(t, d, 1, point("coil:5", gateway.Bool))[0]
				// Twice, since a garbled answer is asked for again, and some room for a busy machine.
				if took := time.Since(begin); r.Quality != gateway.Bad || took > 250*time.Millisecond {
					t.Errorf("%+v after %s", r, took)
				}
			})
		}
	}
}

// Replies that are well-formed but answer something else are passed over.
func TestForeignReplies(t *testing.T) {
	pack := func(framing string, request []byte, unit byte, pdu ...byte) []byte {
		return newSlave(framing).pack(request, unit, pdu)
	}
	for _, framing := range framings {
		for name, foreign := range map[string]func(request []byte) []byte{
			"unit":               func(r []byte) []byte { return pack(framing, r, 2, 3, 2, 0xAA, 0xAA) },
			"function":           func(r []byte) []byte { return pack(framing, r, 1, 4, 2, 0xAA, 0xAA) },
			"exception of other": func(r []byte) []byte { return pack(framing, r, 1, 0x84, 2) },
			"fewer registers":    func(r []byte) []byte { return pack(framing, r, 1, 3, 0) },
			"more registers":     func(r []byte) []byte { return pack(framing, r, 1, 3, 4, 0xAA, 0xAA, 0xAA, 0xAA) },
			"false count":        func(r []byte) []byte { return pack(framing, r, 1, 3, 9, 0xAA, 0xAA) },
			"long exception":     func(r []byte) []byte { return pack(framing, r, 1, 0x83, 2, 2) },
			"nothing":            func(r []byte) []byte { return pack(framing, r, 1, 3) },
		} {
			t.Run(framing+"/"+name, func(t *testing.T) {
				t.Parallel()
				s, o := newSlave(framing), &once{}
				s.fault = o.fault
				poll := poller(t, s, 100*time.Millisecond)
				o.arm(func(request, reply []byte) []chunk {
					return []chunk{{data: foreign(request)}, {2 * time.Millisecond, reply}}
				})
				if !check(t, poll, 7) {
					t.Error("the real reply behind a foreign one is lost")
				}
				o.arm(func(request, _ []byte) []chunk { return []chunk{{data: foreign(request)}} })
				check(t, poll, 8)
				check(t, poll, 9)
			})
		}
	}
}

// A write that is confirmed for another address or value is not confirmed.
func TestForeignEcho(t *testing.T) {
	for name, echo := range map[string][]byte{
		"address": {6, 0, 9, 0, 77}, "value": {6, 0, 5, 0, 78}, "function": {16, 0, 5, 0, 1}, "short": {6, 0, 5},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSlave("tcp")
			s.answer = func(_ byte, pdu []byte) []byte {
				if pdu[0] == 6 {
					return echo
				}
				return nil
			}
			d := mustOpen(t, mustStart(t, s), 30*time.Millisecond)
			r, err := d.Write(t.Context(), device(1), point("holding:5", gateway.Uint16), gateway.IntValue(77))
			if gateway.CodeOf(err) != gateway.Unavailable {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// Exceptions, also in parts, become readings with a reason that helps, and the wire stays usable.
func TestExceptions(t *testing.T) {
	reasons := map[byte]string{
		1: "illegal function", 2: "illegal data address (exception 2): check the address and the table", 3: "illegal data value",
		4: "device failure", 8: "parity", 10: "gateway path", 11: "gateway target", 99: "exception 99",
	}
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s := newSlave(framing)
			var answered atomic.Uint32
			s.answer = func(_ byte, pdu []byte) []byte {
				if pdu[2] >= 200 {
					return []byte{pdu[0] | 0x80, byte(answered.Load())}
				}
				return nil
			}
			s.fault = func(_, reply []byte) []chunk {
				return []chunk{{data: reply[:4]}, {2 * time.Millisecond, reply[4:]}}
			}
			poll := poller(t, s, time.Second)
			at := 200
			for code := range reasons {
				answered.Store(uint32(code))
				r := poll(point("holding:"+gateway.IntValue(int64(at)).String(), gateway.Uint16))[0]
				if r.Quality != gateway.Bad || !r.Value.IsNull() || !strings.Contains(r.Reason, reasons[code]) {
					t.Errorf("exception %d: %+v", code, r)
				}
				if !check(t, poll, uint64(code)) {
					t.Errorf("after exception %d nothing works", code)
				}
				at++
			}
		})
	}
}

// A device that is busy is asked once more after a pause.
func TestBusyIsAskedAgain(t *testing.T) {
	s := newSlave("rtu")
	asked := 0
	s.answer = func(_ byte, pdu []byte) []byte {
		if asked++; asked == 1 {
			return []byte{pdu[0] | 0x80, 6}
		}
		return nil
	}
	if !check(t, poller(t, s, time.Second), 5) {
		t.Error("no value after busy")
	}
}

// touches makes a device refuse every request that touches an address.
func refuse(code byte, wrong func(start, quantity int) bool) func(byte, []byte) []byte {
	return func(_ byte, pdu []byte) []byte {
		if wrong(int(pdu[1])<<8|int(pdu[2]), int(pdu[3])<<8|int(pdu[4])) {
			return []byte{pdu[0] | 0x80, code}
		}
		return nil
	}
}

func registers(numbers ...int) []gateway.Point {
	points := make([]gateway.Point, len(numbers))
	for i, n := range numbers {
		points[i] = point("holding:"+gateway.IntValue(int64(n)).String(), gateway.Uint16)
	}
	return points
}

// A hole in the middle of a merged request costs one poll's extra requests, then the plan goes around it.
func TestHoleIsLearned(t *testing.T) {
	s := newSlave("tcp")
	s.answer = refuse(2, func(start, quantity int) bool { return start <= 105 && 105 < start+quantity })
	poll := poller(t, s, time.Second)
	for range 2 {
		for _, r := range poll(registers(100, 101, 110, 111)...) {
			if r.Quality != gateway.Good {
				t.Errorf("%+v", r)
			}
		}
	}
	// One request for all, two around the hole, two again.
	if n := len(s.seen()); n != 5 {
		t.Errorf("%d requests, want 5", n)
	}
}

// One point that the device does not have: all others are good, and it is left alone for a while.
func TestWrongPointStandsAlone(t *testing.T) {
	for _, code := range []byte{2, 3} {
		s := newSlave("rtu")
		s.answer = refuse(code, func(start, quantity int) bool { return start <= 105 && 105 < start+quantity })
		poll := poller(t, s, time.Second)
		for i := range 3 {
			for _, r := range poll(registers(103, 104, 105, 106, 107)...) {
				wrong := r.Point.Point == "holding-105"
				if (r.Quality == gateway.Bad) != wrong || wrong && !strings.Contains(r.Reason, "illegal data") {
					t.Errorf("poll %d: %+v", i, r)
				}
			}
		}
		before := len(s.seen())
		poll(registers(103, 104, 105, 106, 107)...)
		if n := len(s.seen()) - before; n != 2 {
			t.Errorf("%d requests when everything is learned, want 2", n)
		}
	}
}

// A device that gives at most 60 registers at once is read in parts.
func TestLimitIsLearned(t *testing.T) {
	s := newSlave("tcp")
	s.answer = refuse(3, func(_, quantity int) bool { return quantity > 60 })
	poll := poller(t, s, time.Second)
	var all []int
	for n := range 125 {
		all = append(all, n)
	}
	for range 2 {
		for _, r := range poll(registers(all...)...) {
			if r.Quality != gateway.Good {
				t.Errorf("%+v", r)
			}
		}
	}
	before := len(s.seen())
	poll(registers(all...)...)
	if n := len(s.seen()) - before; n > 4 {
		t.Errorf("%d requests when the limit is learned", n)
	}
}

// After a timeout, the widened request is refused by a device that has no more registers. That says nothing about them.
func TestRefusedTagIsNotLearned(t *testing.T) {
	s := newSlave("rtu")
	s.answer = refuse(2, func(start, quantity int) bool { return start+quantity > 2 })
	o := &once{}
	s.fault = o.fault
	o.arm(func(_, reply []byte) []chunk { return []chunk{{60 * time.Millisecond, reply}} })
	poll := poller(t, s, 40*time.Millisecond)
	poll(registers(0, 1)...)
	for i := range 3 {
		for n, r := range poll(registers(0, 1)...) {
			if r.Value != gateway.UintValue(uint64(n)) {
				t.Errorf("poll %d: %+v", i, r)
			}
		}
	}
}

// A silent device costs one timeout per poll, not one per request, and other units on the wire are not touched by it.
func TestSilentDevice(t *testing.T) {
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s := newSlave(framing)
			s.answer = func(unit byte, _ []byte) []byte {
				if unit == 3 {
					return []byte{}
				}
				return nil
			}
			d := mustOpen(t, mustStart(t, s), 40*time.Millisecond)
			for _, r := range mustPoll(t, d, 3, registers(1, 5000, 10000)...) {
				if r.Quality != gateway.Bad || r.Reason != "no answer from unit 3 within 40ms" {
					t.Errorf("%+v", r)
				}
			}
			if n := len(s.seen()); n != 1 {
				t.Errorf("%d requests to a silent device", n)
			}
			if r := mustPoll(t, d, 4, registers(9)...)[0]; r.Value != gateway.UintValue(9) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// The request on the wire is what the standard says, to the byte.
func TestRequestBytes(t *testing.T) {
	s := newSlave("rtu")
	poll := poller(t, s, time.Second)
	poll(point("holding:258", gateway.Uint32))
	if got := s.seen()[0]; !bytes.Equal(got, []byte{3, 1, 2, 0, 2}) {
		t.Errorf("% x", got)
	}
}
