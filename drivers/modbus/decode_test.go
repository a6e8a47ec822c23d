package modbus_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

func decoded(address string, kind gateway.Type, d gateway.Decoding) gateway.Point {
	p := point(address, kind)
	p.Decoding = d
	return p
}

// The exponent is read with the value: in one request, whatever else is asked for.
func TestScaleFromARegister(t *testing.T) {
	s := newSlave("tcp")
	s.written = map[uint16]uint16{100: 2341, 101: 0xFFFF, 110: 0xFFFE, 120: 5, 121: 0x8000, 130: 7, 131: 3, 140: 0x8000, 141: 0xFFFE, 150: 1, 151: 11}
	d := mustOpen(t, mustStart(t, s), time.Second)
	readings := mustPoll(t, d, 1,
		decoded("holding:100", gateway.Uint16, gateway.Decoding{ScaleFrom: "holding:101"}),
		decoded("holding:110", gateway.Int16, gateway.Decoding{ScaleFrom: "holding:101"}),
		decoded("holding:120", gateway.Uint16, gateway.Decoding{ScaleFrom: "holding:121"}),
		decoded("holding:130", gateway.Uint16, gateway.Decoding{ScaleFrom: "holding:131"}),
		decoded("holding:140", gateway.Int16, gateway.Decoding{ScaleFrom: "holding:141", Invalid: gateway.InvalidSunSpec}),
		decoded("holding:150", gateway.Int16, gateway.Decoding{ScaleFrom: "holding:151"}),
	)
	for i, want := range []gateway.Value{gateway.FloatValue(234.1), gateway.FloatValue(-0.2), {}, gateway.FloatValue(7000), {}, {}} {
		if r := readings[i]; r.Value != want || (r.Quality == gateway.Bad) != want.IsNull() || (r.Reason != "") != want.IsNull() {
			t.Errorf("point %d: %+v, want %s", i, r, want)
		}
	}
}

func TestWriteThroughAScale(t *testing.T) {
	s := newSlave("tcp")
	s.written = map[uint16]uint16{101: 0xFFFF, 121: 0x8000}
	d := mustOpen(t, mustStart(t, s), time.Second)
	scaled := decoded("holding:100", gateway.Uint16, gateway.Decoding{ScaleFrom: "holding:101"})
	r, err := d.Write(t.Context(), device(1), scaled, gateway.FloatValue(234.1))
	if err != nil || r.Value != gateway.FloatValue(234.1) || r.Quality != gateway.Good || s.written[100] != 2341 {
		t.Errorf("%+v, %v; register %d", r, err, s.written[100])
	}
	unknown := decoded("holding:120", gateway.Uint16, gateway.Decoding{ScaleFrom: "holding:121"})
	if r, err := d.Write(t.Context(), device(1), unknown, gateway.IntValue(1)); gateway.CodeOf(err) != gateway.Unavailable {
		t.Errorf("written without a scale: %+v, %v", r, err)
	}
}

// Some bits of registers are written and the others are left alone, with and without mask writes.
func TestWriteSomeBits(t *testing.T) {
	for name, missing := range map[string]byte{"mask write": 0, "read and write": 22} {
		t.Run(name, func(t *testing.T) {
			s := newSlave("tcp")
			s.written = map[uint16]uint16{10: 0xABCD, 20: 0xF000, 21: 0x000F}
			s.answer = func(_ byte, pdu []byte) []byte {
				if pdu[0] == missing {
					return []byte{missing | 0x80, 1}
				}
				return nil
			}
			d := mustOpen(t, mustStart(t, s), time.Second)
			for _, c := range []struct {
				point gateway.Point
				value gateway.Value
			}{
				{decoded("holding:10", gateway.Uint16, gateway.Decoding{Bits: "11-4"}), gateway.UintValue(0x12)},
				{decoded("holding:20", gateway.Uint32, gateway.Decoding{Bits: "19-12"}), gateway.UintValue(0x34)},
				{decoded("coil:3", gateway.Bool, gateway.Decoding{Inverted: true}), gateway.BoolValue(true)},
			} {
				r, err := d.Write(t.Context(), device(1), c.point, c.value)
				if got, _ := r.Value.Whole(); err != nil || r.Quality != gateway.Good || r.Value.String() != c.value.String() {
					t.Errorf("%s: %+v (%d), %v", c.point.Address, r, got, err)
				}
			}
			registers := mustPoll(t, d, 1, point("holding:10", gateway.Uint16), point("holding:20", gateway.Uint32), point("coil:3", gateway.Bool))
			for i, want := range []gateway.Value{gateway.UintValue(0xA12D), gateway.UintValue(0xF003_400F), gateway.BoolValue(false)} {
				if registers[i].Value != want {
					t.Errorf("%s holds %s, want %s", registers[i].Point.Point, registers[i].Value, want)
				}
			}
		})
	}
}

func TestCheckDecoding(t *testing.T) {
	for field, p := range map[string]gateway.Point{
		"decoding.scaleFrom": decoded("holding:0", gateway.Uint16, gateway.Decoding{ScaleFrom: "input:1"}),
		"decoding.bits":      decoded("holding:0.3", gateway.Bool, gateway.Decoding{Bits: "1"}),
	} {
		if err := modbus.Check(gateway.DeviceQuirks{}, p); fieldOf(err) != field {
			t.Errorf("%+v: %v, want an error on %s", p, err, field)
		}
	}
	for _, far := range []string{"holding:125", "holding:1.2", "nowhere"} {
		if err := modbus.Check(gateway.DeviceQuirks{}, decoded("holding:0", gateway.Uint16, gateway.Decoding{ScaleFrom: far})); fieldOf(err) != "decoding.scaleFrom" {
			t.Errorf("%s: %v", far, err)
		}
	}
}

func fieldOf(err error) string {
	e, is := errors.AsType[*gateway.Error](err)
	if !is {
		return ""
	}
	return e.Field
}
