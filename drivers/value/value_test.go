package value_test

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

func layout(t gateway.Type, order string) value.Layout { return value.Layout{Type: t, Order: order} }

func mustHex(tb testing.TB, text string) []byte {
	tb.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// 123456.0 = 0x47F12000 is the vector of libmodbus' unit tests; the four orders of it are what libmodbus calls _abcd,
// _cdab, _badc and _dcba.
var vectors = []struct {
	layout value.Layout
	wire   string
	want   gateway.Value
}{
	{layout(gateway.Float32, ""), "47F12000", gateway.FloatValue(123456)},
	{layout(gateway.Float32, "ABCD"), "47F12000", gateway.FloatValue(123456)},
	{layout(gateway.Float32, "CDAB"), "200047F1", gateway.FloatValue(123456)},
	{layout(gateway.Float32, "BADC"), "F1470020", gateway.FloatValue(123456)},
	{layout(gateway.Float32, "DCBA"), "0020F147", gateway.FloatValue(123456)},
	{layout(gateway.Float32, "ACBD"), "4720F100", gateway.FloatValue(123456)},
	{layout(gateway.Float32, ""), "41AB3333", gateway.FloatValue(21.4)},
	{layout(gateway.Int16, ""), "8000", gateway.IntValue(-32768)},
	{layout(gateway.Int16, "BADC"), "FEFF", gateway.IntValue(-2)},
	{layout(gateway.Int16, "BA"), "FEFF", gateway.IntValue(-2)},
	{layout(gateway.Int16, "CDAB"), "FFFE", gateway.IntValue(-2)},
	{layout(gateway.Uint16, ""), "FFFF", gateway.UintValue(65535)},
	{layout(gateway.Int32, "CDAB"), "0000 8000", gateway.IntValue(math.MinInt32)},
	{layout(gateway.Uint32, "DCBA"), "01020304", gateway.UintValue(0x04030201)},
	{layout(gateway.Int64, ""), "FFFFFFFFFFFFFFFE", gateway.IntValue(-2)},
	{layout(gateway.Uint64, ""), "FFFFFFFFFFFFFFFF", gateway.UintValue(math.MaxUint64)},
	{layout(gateway.Uint64, "CDAB"), "0708 0506 0304 0102", gateway.UintValue(0x0102030405060708)},
	{layout(gateway.Uint64, "BADC"), "0201 0403 0605 0807", gateway.UintValue(0x0102030405060708)},
	{layout(gateway.Uint64, "DCBA"), "0807060504030201", gateway.UintValue(0x0102030405060708)},
	{layout(gateway.Uint64, "EFGHABCD"), "0506070801020304", gateway.UintValue(0x0102030405060708)},
	{layout(gateway.Uint64, "BCDEFGHA"), "0203040506070801", gateway.UintValue(0x0102030405060708)},
	{layout(gateway.Float64, ""), "40FE240000000000", gateway.FloatValue(123456)},
	{layout(gateway.Float64, "CDAB"), "0000 0000 2400 40FE", gateway.FloatValue(123456)},
	{layout(gateway.Bool, ""), "0000", gateway.BoolValue(false)},
	{layout(gateway.Bool, ""), "0100", gateway.BoolValue(true)},
	{value.Layout{Type: gateway.String, Length: 5}, "4D65 7465 7200", gateway.TextValue("Meter")},
	{value.Layout{Type: gateway.String, Length: 6, Order: "BADC"}, "654D 6574 0072", gateway.TextValue("Meter")},
	{value.Layout{Type: gateway.String, Length: 6}, "4162 2020 2020", gateway.TextValue("Ab")},
	{value.Layout{Type: gateway.String, Length: 2}, "B0 43", gateway.TextValue("°C")},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		if got := v.layout.Decode(mustHex(t, v.wire)); got != v.want {
			t.Errorf("%+v: %s reads as %s, want %s", v.layout, v.wire, got, v.want)
		}
	}
}

// What a device does not know is null, never 0: not-a-number, infinity, and bytes that did not come.
func TestUnknownIsNull(t *testing.T) {
	for wire, l := range map[string]value.Layout{
		"7FC00000": layout(gateway.Float32, ""), "FF800000": layout(gateway.Float32, ""), "7F800001": layout(gateway.Float32, ""),
		"7FF8000000000000": layout(gateway.Float64, ""), "7FF0000000000000": layout(gateway.Float64, ""),
		"0102": layout(gateway.Uint32, ""), "": layout(gateway.Int16, ""), "41": {Type: gateway.String, Length: 2},
	} {
		if got := l.Decode(mustHex(t, wire)); !got.IsNull() {
			t.Errorf("%q reads as %s %s, want null", wire, l.Type, got)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, c := range []struct {
		layout value.Layout
		value  gateway.Value
	}{
		{layout(gateway.Int16, ""), gateway.IntValue(32768)},
		{layout(gateway.Int16, ""), gateway.FloatValue(1.5)},
		{layout(gateway.Int16, ""), gateway.Value{}},
		{layout(gateway.Uint16, ""), gateway.IntValue(-1)},
		{layout(gateway.Uint16, ""), gateway.FloatValue(1e300)},
		{layout(gateway.Uint16, ""), gateway.TextValue("seven")},
		{layout(gateway.Uint16, ""), gateway.TextValue(strings.Repeat("1", 1000))},
		{layout(gateway.Int32, ""), gateway.FloatValue(2147483648)},
		{layout(gateway.Int64, ""), gateway.UintValue(math.MaxUint64)},
		{layout(gateway.Uint64, ""), gateway.FloatValue(18446744073709551616)},
		{layout(gateway.Float32, ""), gateway.FloatValue(1e39)},
		{layout(gateway.Float64, ""), gateway.TextValue("1")},
		{layout(gateway.Bool, ""), gateway.IntValue(2)},
		{value.Layout{Type: gateway.String, Length: 3}, gateway.TextValue("four")},
		{value.Layout{Type: gateway.String, Length: 3}, gateway.TextValue("a\x00b")},
		{value.Layout{Type: gateway.String, Length: 3}, gateway.IntValue(1)},
		{layout("int17", ""), gateway.IntValue(1)},
	} {
		if data, err := c.layout.Encode(c.value); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%s as %s: % x, %v, want Invalid", c.value, c.layout.Type, data, err)
		}
	}
}

// A whole number comes as a float from a page, and as a text where JavaScript cannot hold it.
func TestEncodeTakesWholeNumbersInAnyForm(t *testing.T) {
	for _, c := range []struct {
		layout value.Layout
		value  gateway.Value
		wire   string
	}{
		{layout(gateway.Int16, ""), gateway.FloatValue(-2), "FFFE"},
		{layout(gateway.Uint16, ""), gateway.BoolValue(true), "0001"},
		{layout(gateway.Uint64, ""), gateway.TextValue("18446744073709551615"), "FFFFFFFFFFFFFFFF"},
		{layout(gateway.Int64, ""), gateway.TextValue("-9223372036854775808"), "8000000000000000"},
	} {
		data, err := c.layout.Encode(c.value)
		if err != nil || hex.EncodeToString(data) != strings.ToLower(c.wire) {
			t.Errorf("%s as %s: % x, %v, want %s", c.value, c.layout.Type, data, err, c.wire)
		}
	}
}

func orderOf(t *rapid.T, size int) string {
	named := []string{"", "ABCD", "CDAB", "BADC", "DCBA"}
	if rapid.Bool().Draw(t, "named") || size == 0 {
		return rapid.SampledFrom(named).Draw(t, "order")
	}
	return string(rapid.Permutation([]byte("ABCDEFGH"[:size])).Draw(t, "permutation"))
}

// Whatever a device can send and that has a meaning, comes back byte for byte when it is written.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := anyLayout(t)
		wire := rapid.SliceOfN(rapid.Byte(), l.Size(), l.Size()).Draw(t, "wire")
		v := l.Decode(wire)
		if v.IsNull() {
			return
		}
		again, err := l.Encode(v)
		if err != nil && readsAnything(l) {
			return
		}
		if err != nil {
			t.Fatalf("%+v: %x reads as %s: %v", l, wire, v, err)
		}
		// -0 is 0 for everybody but the bits: compare values where bytes differ.
		if got := l.Decode(again); got != v && got.String() != v.String() {
			t.Fatalf("%+v: %x reads as %s and is written as %x", l, wire, v, again)
		}
	})
}

// readsAnything says that what is no UTF-8 is read as Latin-1; as UTF-8 it may not fit any more.
func readsAnything(l value.Layout) bool {
	e := l.Decoding.Encoding
	return l.Type == gateway.String && (e == "" || e == gateway.LowBytes || e == gateway.HighBytes)
}

func TestTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.TrimRight(rapid.StringMatching(`[ -~°äµ]{0,20}`).Draw(t, "text"), " ")
		l := value.Layout{Type: gateway.String, Length: max(1, len(text)+rapid.IntRange(0, 3).Draw(t, "room")), Order: orderOf(t, 0)}
		wire, err := l.Encode(gateway.TextValue(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := l.Decode(wire).Text(); got != text {
			t.Fatalf("%q comes back as %q", text, got)
		}
	})
}
