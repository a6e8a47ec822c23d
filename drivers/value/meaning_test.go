package value_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

func meaning(t *testing.T, wire []byte, kind gateway.Type, order string) (gateway.Meaning, bool) {
	t.Helper()
	for _, m := range value.Meanings(wire) {
		if m.Type == kind && m.ByteOrder == order {
			return m, true
		}
	}
	return gateway.Meaning{}, false
}

// swapWords makes CDAB of ABCD.
func swapWords(b []byte) []byte { return []byte{b[2], b[3], b[0], b[1]} }

func TestAFloatStandsOutInItsOrderOnly(t *testing.T) {
	for _, number := range []float32{230.2, 50.01, -7.25, 0.0123, 123456} {
		big := binary.BigEndian.AppendUint32(nil, math.Float32bits(number))
		right, found := meaning(t, swapWords(big), gateway.Float32, "CDAB")
		if got, _ := right.Value.Float(); !found || !right.Plausible || float32(got) != number {
			t.Errorf("%v: CDAB gives %+v", number, right)
		}
		for _, order := range []string{"ABCD", "BADC", "DCBA"} {
			wrong, _ := meaning(t, swapWords(big), gateway.Float32, order)
			if got, _ := wrong.Value.Float(); wrong.Plausible && float32(got) == number {
				t.Errorf("%v: %s gives it too", number, order)
			}
		}
	}
}

func TestMeaningsEndWhereTheBytesDo(t *testing.T) {
	for length, want := range map[int]int{0: 0, 1: 0, 2: 2, 4: 14, 6: 14, 8: 26} {
		if got := len(value.Meanings(make([]byte, length))); got != want {
			t.Errorf("%d bytes have %d meanings, want %d", length, got, want)
		}
	}
}

func TestATextIsFoundInBothOrders(t *testing.T) {
	for order, wire := range map[string]string{"ABCD": "SDM630\x00\x00\x00\x00", "BADC": "DS6M03\x00\x00\x00\x00"} {
		got, found := meaning(t, []byte(wire), gateway.String, order)
		if text, _ := got.Value.Text(); !found || text != "SDM630" || got.Length != 6 {
			t.Errorf("%s: %+v", order, got)
		}
	}
	if m, found := meaning(t, []byte("abc\x01efgh"), gateway.String, "ABCD"); found {
		t.Errorf("three characters are a text: %+v", m)
	}
}

func TestPlausible(t *testing.T) {
	for _, test := range []struct {
		wire  []byte
		kind  gateway.Type
		order string
		want  bool
	}{
		{[]byte{0, 0}, gateway.Uint16, "", false},
		{[]byte{0x08, 0xFC}, gateway.Uint16, "", true},
		{[]byte{0xFF, 0xFF}, gateway.Uint16, "", false},
		{[]byte{0xFF, 0xFF}, gateway.Int16, "", true},
		{[]byte{0, 0, 0x08, 0xFC}, gateway.Uint32, "ABCD", false},
		{[]byte{0, 2, 0x08, 0xFC}, gateway.Uint32, "ABCD", true},
		{[]byte{0x7F, 0xC0, 0, 0}, gateway.Float32, "ABCD", false}, // NaN
		{[]byte{0, 0, 0, 0}, gateway.Float32, "ABCD", false},
	} {
		if m, _ := meaning(t, test.wire, test.kind, test.order); m.Plausible != test.want {
			t.Errorf("% x as %s: plausible %v", test.wire, test.kind, m.Plausible)
		}
	}
}
