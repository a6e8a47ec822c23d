package value

import (
	"math"
	"unicode"

	"github.com/tidegate/tidegate/gateway"
)

// orders are the habits that are tried for values of more than one register.
var orders = []string{"ABCD", "CDAB", "BADC", "DCBA"}

// Meanings are the ways to read a value that begins with these bytes, as far as there are enough of them: whole numbers
// and floats of 16, 32 and 64 bits in the four usual orders, floats first, and a text when at least four characters of one are there.
func Meanings(wire []byte) []gateway.Meaning {
	var all []gateway.Meaning
	for _, t := range []gateway.Type{gateway.Uint16, gateway.Int16} {
		all = appendMeaning(all, Layout{Type: t}, wire)
	}
	for _, t := range []gateway.Type{
		gateway.Float32, gateway.Uint32, gateway.Int32, gateway.Float64, gateway.Uint64, gateway.Int64,
	} {
		for _, order := range orders {
			all = appendMeaning(all, Layout{Type: t, Order: order}, wire)
		}
	}
	for _, order := range []string{"ABCD", "BADC"} {
		if length := textLength(wire, order); length >= leastText {
			all = appendMeaning(all, Layout{Type: gateway.String, Order: order, Length: length}, wire)
		}
	}
	return all
}

func appendMeaning(all []gateway.Meaning, l Layout, wire []byte) []gateway.Meaning {
	if len(wire) < l.Size() {
		return all
	}
	v := l.Decode(wire)
	return append(all, gateway.Meaning{
		Type: l.Type, ByteOrder: l.Order, Length: l.Length, Value: v, Plausible: plausible(l.Type, v),
	})
}

// leastText and mostText are how many characters make a text, and how many are looked at.
const leastText, mostText = 4, 64

// textLength is how many printable characters are in front, up to the NUL or blanks that fill the rest.
func textLength(wire []byte, order string) int {
	n := 0
	for n < min(len(wire), mostText) {
		at := n
		if order == "BADC" {
			at ^= 1
		}
		if at >= len(wire) || wire[at] > unicode.MaxASCII || !unicode.IsPrint(rune(wire[at])) {
			break
		}
		n++
	}
	return n
}

// The sizes of what people measure: from a thousandth to ten millions. 16 bits alone say nothing, so whatever is small
// passes.
const (
	smallest, largest = 1e-3, 1e7
	largest16         = 10_000
	// largestWhole is for counters: energy in Wh over years.
	largestWhole = 1e9
)

// plausible is a guess by size. A float with the wrong order has a wild exponent nearly always, so that a float of a
// usual size is a strong hint; whole numbers are a weak one.
func plausible(t gateway.Type, v gateway.Value) bool {
	number, isNumber := v.Float()
	size := math.Abs(number)
	switch t {
	case gateway.Float32, gateway.Float64:
		return isNumber && size >= smallest && size <= largest
	case gateway.Int16, gateway.Uint16:
		return size > 0 && size <= largest16
	case gateway.Int32, gateway.Uint32, gateway.Int64, gateway.Uint64:
		// With its high half empty it is a 16-bit number, or a counter that has just begun.
		return size > math.MaxUint16 && size <= largestWhole
	case gateway.String:
		return true
	case gateway.Bool:
	}
	return false
}
