package value_test

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

func listOf(l value.Layout, count int) value.Layout {
	l.Count = count
	return l
}

func TestLists(t *testing.T) {
	for _, c := range []struct {
		layout value.Layout
		wire   string
		want   string // as JSON
		reason string
	}{
		{listOf(layout(gateway.Int16, ""), 3), "0001 FFFE 7FFF", "[1,-2,32767]", ""},
		{listOf(layout(gateway.Float32, "CDAB"), 2), "200047F1 333341AB", "[123456,21.4]", ""},
		{listOf(layout(gateway.Uint64, ""), 2), "FFFFFFFFFFFFFFFF 0000000000000001", `["18446744073709551615",1]`, ""},
		{listOf(layout(gateway.Bool, ""), 2), "0000 0001", "[false,true]", ""},
		{listOf(bitsOf(gateway.Uint16, "7-0", ""), 2), "1234 5678", "[52,120]", ""},
		{listOf(layout(gateway.Float32, ""), 3), "41AB3333 7FC00000 41AB3333", "[21.4,null,21.4]", "value 2 of 3: the device has no value here"},
		{listOf(layout(gateway.Float32, ""), 2), "7FC00000 7FC00000", "null", "value 1 of 2"},
		{listOf(layout(gateway.Int16, ""), 2), "0001", "null", "too short"},
	} {
		v, reason := c.layout.Read(mustHex(t, c.wire))
		text, err := v.MarshalJSON()
		if err != nil || string(text) != c.want || !strings.Contains(reason, c.reason) || (reason == "") != (c.reason == "") {
			t.Errorf("%+v: %s reads as %s, %q, %v; want %s, %q", c.layout, c.wire, text, reason, err, c.want, c.reason)
		}
		if c.reason != "" {
			continue
		}
		if wire, err := c.layout.Encode(v); err != nil || !sameBits(c.layout, wire, mustHex(t, c.wire)) {
			t.Errorf("%+v: %s is written as %x, %v", c.layout, v, wire, err)
		}
	}
}

func TestListsRefuse(t *testing.T) {
	three := listOf(layout(gateway.Int16, ""), 3)
	one := gateway.IntValue(1)
	for _, v := range []gateway.Value{
		one,
		{},
		gateway.TextValue("[1,2,3]"), gateway.ListValue([]gateway.Value{one, one}),
		gateway.ListValue([]gateway.Value{one, {}, one}), gateway.ListValue([]gateway.Value{one, one, gateway.IntValue(40_000)}),
	} {
		if wire, err := three.Encode(v); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%s: %x, %v", v, wire, err)
		}
	}
	if _, err := layout(gateway.Int16, "").Encode(gateway.ListValue([]gateway.Value{one})); gateway.CodeOf(err) != gateway.Invalid {
		t.Errorf("a list for one value: %v", err)
	}
}

// Whatever registers a device sends: what is read as a list is written as the same registers.
func TestListRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]gateway.Type{gateway.Int16, gateway.Uint32, gateway.Uint48, gateway.Int64, gateway.Uint64}).Draw(t, "type")
		l := listOf(layout(kind, orderOf(t, kind.Bytes())), rapid.IntRange(2, 20).Draw(t, "count"))
		wire := rapid.SliceOfN(rapid.Byte(), l.Size(), l.Size()).Draw(t, "wire")
		again, err := l.Encode(l.Decode(wire))
		if err != nil || !bytes.Equal(wire, again) {
			t.Fatalf("%x becomes %x, %v", wire, again, err)
		}
	})
}

// Devices that want blanks behind a text get them, in the bytes that have characters; what is read is free of both.
func TestTextsAreFilledUp(t *testing.T) {
	for _, c := range []struct {
		encoding    gateway.Encoding
		order, wire string
		length      int
		blanks      bool
	}{
		{"", "", "4142 0000 0000", 6, false},
		{"", "", "4142 2020 2020", 6, true},
		{"", "", "4142 2020 2000", 5, true},
		{"", "BADC", "4241 2020 0020", 5, true},
		{gateway.Latin1, "", "4142 2020", 4, true},
		{gateway.LowBytes, "", "0041 0042 0020", 3, true},
		{gateway.HighBytes, "", "4100 4200 2000", 3, true},
	} {
		l := value.Layout{Type: gateway.String, Length: c.length, Order: c.order, Decoding: gateway.Decoding{Encoding: c.encoding, Blanks: c.blanks}}
		wire, err := l.Encode(gateway.TextValue("AB"))
		if err != nil || !bytes.Equal(wire, mustHex(t, c.wire)) {
			t.Errorf("%+v: % x, %v, want %s", l, wire, err, c.wire)
		}
		if v := l.Decode(wire); v != gateway.TextValue("AB") {
			t.Errorf("%+v: %x reads as %q", l, wire, v)
		}
	}
}
