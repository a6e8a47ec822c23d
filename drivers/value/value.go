package value

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidegate/tidegate/gateway"
)

// Layout is how a value lies in bytes.
type Layout struct {
	Type gateway.Type
	// Order is the byte order as in gateway.Point.ByteOrder; empty is big-endian.
	Order string
	// Length is the number of bytes of a string.
	Length int
}

// Of is the layout of a point.
func Of(p gateway.Point) Layout { return Layout{Type: p.Type, Order: p.ByteOrder, Length: p.Length} }

// Size is the number of bytes on the wire, always even: registers have two bytes.
func (l Layout) Size() int {
	if l.Type == gateway.String {
		return (l.Length + 1) / 2 * 2
	}
	return l.Type.Bytes()
}

// Decode reads a value from at least Size bytes; fewer give null.
func (l Layout) Decode(wire []byte) gateway.Value {
	if len(wire) < l.Size() {
		return gateway.Value{}
	}
	ordered := make([]byte, l.Size())
	for i, place := range l.places() {
		ordered[place] = wire[i]
	}
	return l.fromBig(ordered)
}

// Encode is the inverse of Decode. The error is a gateway.Error of code Invalid: the value is of another kind, has a
// fraction, or is out of range. It rounds only floats, to the nearest that the type can hold.
func (l Layout) Encode(v gateway.Value) ([]byte, error) {
	ordered, err := l.toBig(v)
	if err != nil {
		return nil, err
	}
	wire := make([]byte, l.Size())
	for i, place := range l.places() {
		wire[i] = ordered[place]
	}
	return wire, nil
}

func (l Layout) places() []int {
	if l.Type != gateway.String {
		return places(l.Order, l.Size())
	}
	// A text has no words: only the swap of the two bytes of a register makes sense.
	if l.Order == "BADC" || l.Order == "DCBA" {
		return places("BADC", l.Size())
	}
	return places("", l.Size())
}

func (l Layout) fromBig(data []byte) gateway.Value {
	switch l.Type {
	case gateway.Bool:
		return gateway.BoolValue(binary.BigEndian.Uint16(data) != 0)
	case gateway.Int16:
		return gateway.IntValue(int64(int16(binary.BigEndian.Uint16(data))))
	case gateway.Uint16:
		return gateway.UintValue(uint64(binary.BigEndian.Uint16(data)))
	case gateway.Int32:
		return gateway.IntValue(int64(int32(binary.BigEndian.Uint32(data))))
	case gateway.Uint32:
		return gateway.UintValue(uint64(binary.BigEndian.Uint32(data)))
	case gateway.Int64:
		return gateway.IntValue(int64(binary.BigEndian.Uint64(data)))
	case gateway.Uint64:
		return gateway.UintValue(binary.BigEndian.Uint64(data))
	case gateway.Float32:
		return float32Value(math.Float32frombits(binary.BigEndian.Uint32(data)))
	case gateway.Float64:
		return gateway.FloatValue(math.Float64frombits(binary.BigEndian.Uint64(data)))
	case gateway.String:
		return textValue(data[:l.Length])
	}
	return gateway.Value{}
}

// float32Value keeps the digits that people see: 21.4 stays 21.4 and does not become 21.399999618530273.
func float32Value(f float32) gateway.Value {
	exact := float64(f)
	if math.IsNaN(exact) || math.IsInf(exact, 0) {
		return gateway.Value{}
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(exact, 'g', -1, 32), 64)
	if err != nil {
		return gateway.FloatValue(exact)
	}
	return gateway.FloatValue(short)
}

// textValue ends at the first NUL and drops the blanks that devices fill up with. What is no UTF-8 is read as Latin-1.
func textValue(data []byte) gateway.Value {
	if end := bytes.IndexByte(data, 0); end >= 0 {
		data = data[:end]
	}
	data = bytes.TrimRight(data, " ")
	if utf8.Valid(data) {
		return gateway.TextValue(string(data))
	}
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return gateway.TextValue(string(runes))
}

func (l Layout) toBig(v gateway.Value) ([]byte, error) {
	switch l.Type {
	case gateway.String:
		return l.encodeText(v)
	case gateway.Bool:
		return encodeBool(v)
	case gateway.Float32, gateway.Float64:
		return l.encodeFloat(v)
	case gateway.Int16, gateway.Uint16, gateway.Int32, gateway.Uint32, gateway.Int64, gateway.Uint64:
		return l.encodeWhole(v)
	}
	return nil, gateway.Errorf(gateway.Invalid, "there is no type %q", l.Type)
}

func (l Layout) encodeText(v gateway.Value) ([]byte, error) {
	text, isText := v.Text()
	switch {
	case !isText:
		return nil, gateway.Errorf(gateway.Invalid, "%s is not a text", v)
	case len(text) > l.Length:
		return nil, gateway.Errorf(gateway.Invalid, "the text has %d bytes, there is room for %d", len(text), l.Length)
	case strings.ContainsRune(text, 0):
		return nil, gateway.Errorf(gateway.Invalid, "a text has no NUL characters")
	}
	data := make([]byte, l.Size())
	copy(data, text)
	return data, nil
}

func encodeBool(v gateway.Value) ([]byte, error) {
	truth, err := Truth(v)
	if err != nil {
		return nil, err
	}
	if truth {
		return []byte{0, 1}, nil
	}
	return []byte{0, 0}, nil
}

// Truth reads true, false, 1 and 0; everything else is Invalid.
func Truth(v gateway.Value) (bool, error) {
	number, isNumber := v.Float()
	if !isNumber || number != 0 && number != 1 {
		return false, gateway.Errorf(gateway.Invalid, "%s is not true or false", v)
	}
	return number == 1, nil
}

func (l Layout) encodeFloat(v gateway.Value) ([]byte, error) {
	number, isNumber := v.Float()
	if !isNumber {
		return nil, gateway.Errorf(gateway.Invalid, "%s is not a number", v)
	}
	if l.Type == gateway.Float64 {
		return binary.BigEndian.AppendUint64(nil, math.Float64bits(number)), nil
	}
	if math.IsInf(float64(float32(number)), 0) {
		return nil, gateway.Errorf(gateway.Invalid, "%s is too large for %s", v, l.Type)
	}
	return binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(number))), nil
}

func (l Layout) encodeWhole(v gateway.Value) ([]byte, error) {
	number, err := wholeNumber(v)
	if err != nil {
		return nil, err
	}
	bits := uint(8 * l.Type.Bytes())
	low, high := new(big.Int), new(big.Int).Lsh(big.NewInt(1), bits)
	if l.Type == gateway.Int16 || l.Type == gateway.Int32 || l.Type == gateway.Int64 {
		high.Rsh(high, 1)
		low.Neg(high)
	}
	high.Sub(high, big.NewInt(1))
	if number.Cmp(low) < 0 || number.Cmp(high) > 0 {
		return nil, gateway.Errorf(gateway.Invalid, "%s is not between %s and %s, the range of %s", v, low, high, l.Type)
	}
	if number.Sign() < 0 {
		number.Add(number, new(big.Int).Lsh(big.NewInt(1), bits))
	}
	return number.FillBytes(make([]byte, l.Type.Bytes())), nil
}

// wholeNumber goes over big numbers, because a value may be signed, unsigned or a float. Texts are taken too, since whole
// numbers beyond 2^53 travel as texts in JSON.
func wholeNumber(v gateway.Value) (*big.Int, error) {
	if text := v.String(); text == "true" || text == "false" {
		whole, isTruth := v.Whole()
		if isTruth {
			return big.NewInt(whole), nil
		}
	}
	const mostDigits = 400 // longer than any float; bounds the work on a text
	text := v.String()
	if len(text) > mostDigits {
		return nil, gateway.Errorf(gateway.Invalid, "a text of %d bytes is not a whole number", len(text))
	}
	number, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, gateway.Errorf(gateway.Invalid, "%s is not a whole number", v)
	}
	return number, nil
}
