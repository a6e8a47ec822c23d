package value

import (
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

// sunspec is what stands for "not implemented" in that standard, as in pysunspec2, sunspec2/mb.py. Floats use NaN, texts are empty; whole numbers have their lowest or highest one.
var sunspec = map[gateway.Type]string{
	gateway.Int16: "0x8000", gateway.Uint16: "0xFFFF", gateway.Int32: "0x80000000", gateway.Uint32: "0xFFFFFFFF",
	gateway.Int64: "0x8000000000000000", gateway.Uint64: "0xFFFFFFFFFFFFFFFF",
}

// marked reports whether the bytes, in big-endian order, or the value that they have stand for "no value", and which mark
// they are.
func (l Layout) marked(data []byte, v gateway.Value) (string, bool) {
	switch l.Decoding.Invalid {
	case "":
		return "", false
	case gateway.InvalidSunSpec:
		return l.markedSunSpec(data, v)
	}
	for mark := range l.Decoding.Marks() {
		if l.matches(mark, data, v) {
			return mark, true
		}
	}
	return "", false
}

func (l Layout) markedSunSpec(data []byte, v gateway.Value) (string, bool) {
	if l.Type == gateway.String {
		for _, b := range data {
			if b != 0 {
				return "", false
			}
		}
		return "only NUL", true
	}
	mark, known := sunspec[l.Type]
	return mark, known && l.matches(mark, data, v)
}

func (l Layout) matches(mark string, data []byte, v gateway.Value) bool {
	if text, isText := v.Text(); isText && l.Type == gateway.String {
		return text == mark
	}
	if hex, is := strings.CutPrefix(mark, "0x"); is {
		pattern, err := strconv.ParseUint(hex, 16, 64)
		bits, _ := l.bits(data)
		return err == nil && len(data) <= 8 && bits == pattern
	}
	if v.String() == mark {
		return true
	}
	number, isNumber := v.Float()
	wanted, err := strconv.ParseFloat(mark, 64)
	return isNumber && err == nil && number == wanted && l.Type.Float()
}
