package modbus_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func TestWriteReadsBack(t *testing.T) {
	swapped := point("holding:30", gateway.Float32)
	swapped.ByteOrder = "CDAB"
	text := point("holding:40", gateway.String)
	text.Length = 5
	swappedBit := point("holding:6.2", gateway.Bool)
	swappedBit.ByteOrder = "BADC"
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			d := mustOpen(t, mustStart(t, newSlave(framing)), time.Second)
			for _, c := range []struct {
				point gateway.Point
				value gateway.Value
			}{
				{point("holding:10", gateway.Uint16), gateway.UintValue(7)},
				{point("holding:50", gateway.Uint64), gateway.UintValue(1<<63 + 1)},
				{point("holding:20", gateway.Int16), gateway.IntValue(-214)},
				{swapped, gateway.FloatValue(123456)},
				{text, gateway.TextValue("Tide")},
				{point("coil:1", gateway.Bool), gateway.BoolValue(true)},
				{point("coil:3", gateway.Bool), gateway.BoolValue(false)},
				{point("holding:6.0", gateway.Bool), gateway.BoolValue(true)},
				{swappedBit, gateway.BoolValue(true)},
			} {
				reading, err := d.Write(t.Context(), device(1), c.point, c.value)
				want, wantNumber := c.value.Float()
				got, gotNumber := reading.Value.Float()
				same := reading.Value == c.value || wantNumber && gotNumber && got-want < 1e-9 && want-got < 1e-9
				if err != nil || !same || reading.Quality != gateway.Good {
					t.Errorf("%s: %+v, %v", c.point.Address, reading, err)
				}
			}
			if r := mustPoll(t, d, 1, point("holding:6", gateway.Uint16))[0]; r.Value != gateway.UintValue(6|1|1<<10) {
				t.Errorf("the other bits of the register changed: %+v", r)
			}
		})
	}
}

// A device without the short functions is written with the long ones, and without mask writes by reading before.
func TestWriteFallsBack(t *testing.T) {
	for name, missing := range map[string][]byte{"single": {5, 6, 22}, "mask": {22}} {
		t.Run(name, func(t *testing.T) {
			s := newSlave("tcp")
			s.answer = func(_ byte, pdu []byte) []byte {
				for _, function := range missing {
					if pdu[0] == function && !(function == 6 && name == "mask") {
						return []byte{function | 0x80, 1}
					}
				}
				return nil
			}
			d := mustOpen(t, mustStart(t, s), time.Second)
			points := map[string]gateway.Type{"coil:1": gateway.Bool, "holding:9": gateway.Uint16}
			if name == "mask" {
				points = map[string]gateway.Type{"holding:8.0": gateway.Bool}
			}
			for address, kind := range points {
				if r, err := d.Write(t.Context(), device(1), point(address, kind), gateway.IntValue(1)); err != nil || r.Quality != gateway.Good {
					t.Errorf("%s: %+v, %v", address, r, err)
				}
			}
		})
	}
}

func TestWriteRefusesWhatCannotBe(t *testing.T) {
	s := newSlave("tcp")
	d := mustOpen(t, mustStart(t, s), time.Second)
	readOnly := point("holding:1", gateway.Uint16)
	readOnly.Writable = false
	for name, c := range map[string]struct {
		point gateway.Point
		value gateway.Value
	}{
		"read-only point": {readOnly, gateway.IntValue(1)},
		"input":           {gateway.Point{ID: "i", Address: "input:1", Type: gateway.Uint16, Writable: true}, gateway.IntValue(1)},
		"range":           {point("holding:1", gateway.Uint16), gateway.IntValue(65536)},
		"fraction":        {point("holding:1", gateway.Uint16), gateway.FloatValue(1.5)},
		"kind":            {point("holding:1", gateway.Uint16), gateway.TextValue("x")},
		"coil":            {point("coil:1", gateway.Bool), gateway.IntValue(2)},
	} {
		if r, err := d.Write(t.Context(), device(1), c.point, c.value); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%s: %+v, %v, want Invalid", name, r, err)
		}
	}
	if n := len(s.seen()); n != 0 {
		t.Errorf("%d requests for writes that were refused", n)
	}
}

// The answer to a write is lost. Only what the device holds afterwards says whether it was done, and nothing is sent twice.
func TestWriteWithoutAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		executed bool
		code     gateway.Code
	}{"Executed": {true, ""}, "NotExecuted": {false, gateway.Unavailable}} {
		t.Run(name, func(t *testing.T) {
			s := newSlave("rtu")
			var writes atomic.Int32
			s.answer = func(_ byte, pdu []byte) []byte {
				if pdu[0] != 6 {
					return nil
				}
				writes.Add(1)
				if c.executed {
					s.written[5] = 77
				}
				return []byte{}
			}
			d := mustOpen(t, mustStart(t, s), 50*time.Millisecond)
			r, err := d.Write(t.Context(), device(1), point("holding:5", gateway.Uint16), gateway.IntValue(77))
			if gateway.CodeOf(err) != c.code || err == nil && r.Value != gateway.UintValue(77) {
				t.Errorf("%+v, %v", r, err)
			}
			if n := writes.Load(); n != 1 {
				t.Errorf("%d writes", n)
			}
		})
	}
}

// A device that takes the value but keeps another one is not reported as if it had obeyed.
func TestWriteThatTheDeviceChanges(t *testing.T) {
	s := newSlave("tcp")
	s.answer = func(_ byte, pdu []byte) []byte {
		if pdu[0] != 6 {
			return nil
		}
		s.written[5] = 50
		return pdu
	}
	d := mustOpen(t, mustStart(t, s), time.Second)
	r, err := d.Write(t.Context(), device(1), point("holding:5", gateway.Uint16), gateway.IntValue(77))
	if err != nil || r.Value != gateway.UintValue(50) || r.Quality != gateway.Uncertain || r.Reason == "" {
		t.Errorf("%+v, %v", r, err)
	}
}
