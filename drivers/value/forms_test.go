package value_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

func encoded(t gateway.Type, e gateway.Encoding) value.Layout {
	return value.Layout{Type: t, Decoding: gateway.Decoding{Encoding: e}}
}

func bitsOf(t gateway.Type, bits string, e gateway.Encoding) value.Layout {
	return value.Layout{Type: t, Decoding: gateway.Decoding{Bits: bits, Encoding: e}}
}

func textOf(length int, e gateway.Encoding) value.Layout {
	return value.Layout{Type: gateway.String, Length: length, Decoding: gateway.Decoding{Encoding: e}}
}

// forms come from outside: half floats from Python's struct ('e'), both ways; M10K from AVEVA's manual (400005 to 400007 =
// 21,4748,3646) and Schneider's FAQ FA212766 (least register first, each with the sign); TI081 from the bits in Schneider's
// IM400N manual; the six bytes from Bender's PEM575 manual, registers 9000 to 9002. 1234567890 s is Go's own birthday test.
var forms = []struct {
	layout value.Layout
	wire   string
	want   gateway.Value
}{
	{layout(gateway.Float16, ""), "3C00", gateway.FloatValue(1)},
	{layout(gateway.Float16, ""), "C100", gateway.FloatValue(-2.5)},
	{layout(gateway.Float16, ""), "7BFF", gateway.FloatValue(65504)},
	{layout(gateway.Float16, ""), "4CD6", gateway.FloatValue(19.34)},
	{layout(gateway.Float16, ""), "4D5A", gateway.FloatValue(21.4)},
	{layout(gateway.Float16, ""), "2E66", gateway.FloatValue(0.1)},
	{layout(gateway.Float16, ""), "3555", gateway.FloatValue(0.3333)},
	{layout(gateway.Float16, ""), "0001", gateway.FloatValue(6e-8)},
	{layout(gateway.Float16, "BA"), "663E", gateway.FloatValue(1.6)},
	{layout(gateway.Int48, ""), "FFFF FFFF FFFE", gateway.IntValue(-2)},
	{layout(gateway.Uint48, "CDAB"), "0506 0304 0102", gateway.UintValue(0x010203040506)},
	{layout(gateway.Uint48, "BADC"), "0201 0403 0605", gateway.UintValue(0x010203040506)},
	{layout(gateway.Uint48, "DCBA"), "0605 0403 0201", gateway.UintValue(0x010203040506)},
	{layout(gateway.Uint48, "CDEFAB"), "0304 0506 0102", gateway.UintValue(0x010203040506)},
	{encoded(gateway.Uint48, gateway.M10K), "0015 128C 0E3E", gateway.UintValue(2147483646)},
	{encoded(gateway.Int32, gateway.M10K), "FFFF FFFE", gateway.IntValue(-10002)},
	{value.Layout{Type: gateway.Int64, Order: "CDAB", Decoding: gateway.Decoding{Encoding: gateway.M10K}}, "0004 0003 0002 0001", gateway.IntValue(1000200030004)},
	{encoded(gateway.Uint16, gateway.BCD), "9876", gateway.UintValue(9876)},
	{encoded(gateway.Uint32, gateway.BCD), "0012 3456", gateway.UintValue(123456)},
	{encoded(gateway.Uint64, gateway.BCD), "9999 9999 9999 9999", gateway.UintValue(9999999999999999)},
	{encoded(gateway.Int16, gateway.Magnitude), "8005", gateway.IntValue(-5)},
	{encoded(gateway.Int32, gateway.OnesComplement), "FFFF FFFA", gateway.IntValue(-5)},
	{encoded(gateway.Int16, gateway.OffsetBinary), "0000", gateway.IntValue(-32768)},
	{encoded(gateway.Int16, gateway.OffsetBinary), "8001", gateway.IntValue(1)},
	{bitsOf(gateway.Uint16, "7-0", ""), "12FE", gateway.UintValue(0xFE)},
	{bitsOf(gateway.Int16, "7-0", ""), "12FE", gateway.IntValue(-2)},
	{bitsOf(gateway.Int16, "15-8", ""), "FE12", gateway.IntValue(-2)},
	{bitsOf(gateway.Int32, "23-0", ""), "00FF FFFE", gateway.IntValue(-2)},
	{bitsOf(gateway.Uint32, "0,31-16", ""), "2345 0001", gateway.UintValue(0x12345)}, // a weight of 17 bits beside its status
	{bitsOf(gateway.Uint16, "11-4", gateway.BCD), "F42F", gateway.UintValue(42)},
	{bitsOf(gateway.Bool, "3", ""), "0008", gateway.BoolValue(true)},
	{bitsOf(gateway.Bool, "3-2", ""), "FFF3", gateway.BoolValue(false)},
	{value.Layout{Type: gateway.Bool, Decoding: gateway.Decoding{Bits: "0", Inverted: true}}, "FFFE", gateway.BoolValue(true)},
	{textOf(4, gateway.LowBytes), "004D 0065 0074 0000", gateway.TextValue("Met")},
	{textOf(3, gateway.HighBytes), "4D00 6500 7420", gateway.TextValue("Met")},
	{textOf(2, gateway.Latin1), "C3B6", gateway.TextValue("Ã¶")},
	{textOf(2, ""), "C3B6", gateway.TextValue("ö")},
	{textOf(3, gateway.Hex), "0A0B 0C00", gateway.TextValue("0a0b0c")},
	{textOf(4, gateway.Base64), "5469 6465", gateway.TextValue("VGlkZQ==")},
	{textOf(4, gateway.IP), "C0A8 0164", gateway.TextValue("192.168.1.100")},
	{textOf(16, gateway.IP), "20010db8000000000000000000000001", gateway.TextValue("2001:db8::1")},
	{textOf(6, gateway.MAC), "00A0 DE12 3456", gateway.TextValue("00:a0:de:12:34:56")},
	{encoded(gateway.Time, gateway.Unix32), "499602D2", gateway.TextValue("2009-02-13T23:31:30Z")},
	{encoded(gateway.Time, gateway.Unix32), "FFFFFFFF", gateway.TextValue("2106-02-07T06:28:15Z")},
	{encoded(gateway.Time, gateway.Unix64), "00000000 499602D2", gateway.TextValue("2009-02-13T23:31:30Z")},
	{encoded(gateway.Time, gateway.Unix64Ms), "0000011F 71FB0450", gateway.TextValue("2009-02-13T23:31:30Z")},
	{encoded(gateway.Time, gateway.TI081), "0019 0B1A 1233 7B0C", gateway.TextValue("2025-11-26T18:51:31.5")},
	{encoded(gateway.Time, gateway.YMDHMS), "190B 1A12 331F", gateway.TextValue("2025-11-26T18:51:31")},
	{encoded(gateway.Time, gateway.YMDHMSBCD), "2511 2618 5131", gateway.TextValue("2025-11-26T18:51:31")},
}

func TestForms(t *testing.T) {
	for _, v := range forms {
		wire := mustHex(t, v.wire)
		if got := v.layout.Decode(wire); got != v.want {
			t.Errorf("%+v: %s reads as %s, want %s", v.layout, v.wire, got, v.want)
		}
		again, err := v.layout.Encode(v.want)
		if err != nil || !sameBits(v.layout, again, wire) && v.layout.Decode(again) != v.want {
			t.Errorf("%+v: %s is written as %x, want %s: %v", v.layout, v.want, again, v.wire, err)
		}
	}
}

func sameBits(l value.Layout, a, b []byte) bool {
	mask := l.Mask()
	for i := range a {
		if mask == nil && a[i] != b[i] || mask != nil && (a[i]^b[i])&mask[i] != 0 {
			return false
		}
	}
	return true
}

// Python rounds to the nearest half float, ties to even.
func TestHalfFloatsAreRounded(t *testing.T) {
	for number, want := range map[float64]string{
		0.1: "2e66", 21.4: "4d5a", 65519.9: "7bff", 1e-8: "0000", 5.97e-8: "0001", 1.0 / 3: "3555", 2049: "6800", 2051: "6802", 6e-5: "03ef",
	} {
		data, err := layout(gateway.Float16, "").Encode(gateway.FloatValue(number))
		if err != nil || hex.EncodeToString(data) != want {
			t.Errorf("%g: %x, %v, want %s", number, data, err, want)
		}
	}
}

// What stands for "no value" is null with a reason, never a number, and cannot be written. SunSpec's marks are those of
// sunspec/pysunspec2, sunspec2/mb.py.
func TestMarks(t *testing.T) {
	const sunspec = gateway.InvalidSunSpec
	for _, c := range []struct {
		kind    gateway.Type
		invalid string
		wire    string
		null    bool
	}{
		{gateway.Int16, sunspec, "8000", true},
		{gateway.Int16, sunspec, "7FFF", false},
		{gateway.Int16, "0x8000, 0x7FFF", "7FFF", true},
		{gateway.Uint16, sunspec, "FFFF", true},
		{gateway.Uint16, sunspec, "8000", false},
		{gateway.Int32, sunspec, "80000000", true},
		{gateway.Uint32, sunspec, "FFFFFFFF", true},
		{gateway.Int64, sunspec, "8000000000000000", true},
		{gateway.Uint64, sunspec, "FFFFFFFFFFFFFFFF", true},
		{gateway.Float32, sunspec, "7FC00000", true},
		{gateway.Uint32, "0", "00000000", true},
		{gateway.Int16, "-1", "FFFF", true},
		{gateway.Int16, "-1", "FFFE", false},
		{gateway.Float32, "-9999", "C61C3C00", true},
		{gateway.Float32, "-9999", "C61C3C01", false},
	} {
		l := value.Layout{Type: c.kind, Decoding: gateway.Decoding{Invalid: c.invalid}}
		v, reason := l.Read(mustHex(t, c.wire))
		if v.IsNull() != c.null || (reason != "") != c.null {
			t.Errorf("%s with %q: %s is %s, %q", c.kind, c.invalid, c.wire, v, reason)
		}
		plain := value.Layout{Type: c.kind}.Decode(mustHex(t, c.wire))
		if _, err := l.Encode(plain); !plain.IsNull() && (err != nil) != c.null {
			t.Errorf("%s with %q: writing %s: %v", c.kind, c.invalid, plain, err)
		}
	}
	if v, _ := textLayout(sunspec).Read(make([]byte, 8)); !v.IsNull() {
		t.Errorf("an empty text of SunSpec is %s", v)
	}
}

func textLayout(invalid string) value.Layout {
	return value.Layout{Type: gateway.String, Length: 8, Decoding: gateway.Decoding{Invalid: invalid}}
}

// Bits that are no number of the encoding are null, never something near.
func TestWhatIsNoNumberIsNull(t *testing.T) {
	for wire, l := range map[string]value.Layout{
		"12A4":             encoded(gateway.Uint16, gateway.BCD),
		"00010000 2710":    encoded(gateway.Uint48, gateway.M10K),
		"D8F00000":         encoded(gateway.Int32, gateway.M10K),
		"7C00":             layout(gateway.Float16, ""),
		"7E00":             layout(gateway.Float16, ""),
		"0019 0B1A 12B3 0": encoded(gateway.Time, gateway.TI081),
		"0019 0D1A 1233 7": encoded(gateway.Time, gateway.TI081),
		"190B 1F12 331F":   encoded(gateway.Time, gateway.YMDHMS), // November 31st
		"2511 2A18 5131":   encoded(gateway.Time, gateway.YMDHMSBCD),
		"FFFFFFFFFFFFFFFF": encoded(gateway.Time, gateway.Unix64),
	} {
		wire = strings.ReplaceAll(wire, " ", "")
		wire += strings.Repeat("0", 2*l.Size()-len(wire))
		if v, reason := l.Read(mustHex(t, wire)); !v.IsNull() || reason == "" {
			t.Errorf("%+v: %s reads as %s, %q", l, wire, v, reason)
		}
	}
}

func TestFormsRefuse(t *testing.T) {
	for _, c := range []struct {
		layout value.Layout
		value  gateway.Value
	}{
		{encoded(gateway.Uint16, gateway.BCD), gateway.IntValue(10000)},
		{encoded(gateway.Uint32, gateway.M10K), gateway.IntValue(100_000_000)},
		{encoded(gateway.Int32, gateway.M10K), gateway.IntValue(-100_000_000)},
		{encoded(gateway.Int16, gateway.Magnitude), gateway.IntValue(-32768)},
		{encoded(gateway.Int16, gateway.OnesComplement), gateway.IntValue(-32768)},
		{bitsOf(gateway.Int16, "7-0", ""), gateway.IntValue(128)},
		{layout(gateway.Uint48, ""), gateway.IntValue(1 << 48)},
		{layout(gateway.Float16, ""), gateway.FloatValue(65520)},
		{textOf(2, gateway.Latin1), gateway.TextValue("€")},
		{textOf(2, gateway.LowBytes), gateway.TextValue("abc")},
		{textOf(3, gateway.Hex), gateway.TextValue("0a0b")},
		{textOf(4, gateway.IP), gateway.TextValue("192.168.1")},
		{textOf(4, gateway.IP), gateway.TextValue("::1")},
		{encoded(gateway.Time, gateway.TI081), gateway.TextValue("1999-12-31T23:59:59")},
		{encoded(gateway.Time, gateway.Unix32), gateway.TextValue("yesterday")},
		{encoded(gateway.Time, gateway.Unix32), gateway.IntValue(1)},
	} {
		if data, err := c.layout.Encode(c.value); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%s as %+v: % x, %v, want Invalid", c.value, c.layout, data, err)
		}
	}
}

// anyLayout draws a layout that a point can have: gateway judges it.
func anyLayout(t *rapid.T) value.Layout {
	kind := rapid.SampledFrom(gateway.Types()).Draw(t, "type")
	encodings := gateway.EncodingsOf(kind)
	if kind != gateway.Time {
		encodings = append(encodings, "")
	}
	p := gateway.Point{
		ID: "p", Address: "holding:0", Type: kind, Length: rapid.IntRange(1, 20).Draw(t, "length"),
		Decoding: gateway.Decoding{Encoding: rapid.SampledFrom(encodings).Draw(t, "encoding")},
	}
	switch p.Decoding.Encoding { // these have one length
	case gateway.IP:
		p.Length = rapid.SampledFrom([]int{4, 16}).Draw(t, "version")
	case gateway.MAC:
		p.Length = 6
	}
	if kind == gateway.String {
		p.ByteOrder = orderOf(t, 0)
	} else {
		p.ByteOrder = orderOf(t, p.Bytes())
	}
	if kind.Whole() && rapid.Bool().Draw(t, "sliced") {
		unit := map[gateway.Encoding]int{gateway.BCD: 4, gateway.M10K: 16}[p.Decoding.Encoding]
		width := max(unit, 1) * rapid.IntRange(1, 8*p.Bytes()/max(unit, 1)).Draw(t, "width")
		low := rapid.IntRange(0, 8*p.Bytes()-width).Draw(t, "low")
		p.Decoding.Bits = fmt.Sprintf("%d-%d", low+width-1, low)
	}
	config := gateway.Config{
		Name: "g", ScanClasses: gateway.DefaultScanClasses(),
		Connections: []gateway.Connection{{ID: "c", URL: "tcp://h:502"}},
	}
	config.Devices = []gateway.Device{{ID: "d", Connection: "c", ScanClass: config.ScanClasses[0].ID, Points: []gateway.Point{p}}}
	if err := config.Validate(); err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	return value.Of(p)
}

// Whatever bytes come: no panic, and a value that is read can be written and is read the same again.
func FuzzLayout(f *testing.F) {
	f.Add("uint32", "bcd", "15-0", "0x8000", "CDAB", 4, []byte{1, 2, 3, 4})
	f.Add("time", "ti081", "", "", "", 0, []byte{0, 25, 11, 26, 18, 51, 3, 4})
	f.Fuzz(func(t *testing.T, kind, encoding, bits, invalid, order string, length int, wire []byte) {
		p := gateway.Point{
			ID: "p", Address: "holding:0", Type: gateway.Type(kind), Length: length, ByteOrder: order,
			Decoding: gateway.Decoding{Encoding: gateway.Encoding(encoding), Bits: bits, Invalid: invalid},
		}
		config := gateway.Config{
			Name: "g", ScanClasses: []gateway.ScanClass{{ID: "s", Interval: 1e9}},
			Connections: []gateway.Connection{{ID: "c", URL: "tcp://h:502"}},
			Devices:     []gateway.Device{{ID: "d", Connection: "c", ScanClass: "s", Points: []gateway.Point{p}}},
		}
		if config.Validate() != nil {
			return
		}
		l := value.Of(p)
		v := l.Decode(wire)
		if v.IsNull() {
			return
		}
		again, err := l.Encode(v)
		if err != nil && p.Type != gateway.String {
			t.Fatalf("%+v: % x reads as %s: %v", p, wire, v, err)
		}
		if got := l.Decode(again); err == nil && got.String() != v.String() {
			t.Fatalf("%+v: % x reads as %s, is written as % x, which reads as %s", p, wire, v, again, got)
		}
	})
}
