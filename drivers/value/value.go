package value

import (
	"bytes"
	"encoding/binary"

	"github.com/tidegate/tidegate/gateway"
)

// Layout is how a value lies in bytes.
type Layout struct {
	Type gateway.Type
	// Order is the byte order as in gateway.Point.ByteOrder; empty is big-endian.
	Order string
	// Length is the number of bytes of a string.
	Length int
	// Count makes it a list of so many values; 0 and 1 are one value.
	Count int
	// Decoding is what else there is to know; ScaleFrom is left to the driver, which knows addresses.
	Decoding gateway.Decoding
}

// Of is the layout of a point.
func Of(p gateway.Point) Layout {
	return Layout{Type: p.Type, Order: p.ByteOrder, Length: p.Length, Count: p.Count, Decoding: p.Decoding}
}

// Size is the number of bytes on the wire, always even: registers have two bytes.
func (l Layout) Size() int { return max(1, l.Count) * l.one() }

// one is the number of bytes of one value.
func (l Layout) one() int {
	p := gateway.Point{Type: l.Type, Length: l.Length, Decoding: l.Decoding}
	return p.Bytes()
}

// Decode reads a value from at least Size bytes; fewer give null.
func (l Layout) Decode(wire []byte) gateway.Value {
	v, _ := l.Read(wire)
	return v
}

// Read is Decode that says, for null or a list with a null in it, why there is no value.
func (l Layout) Read(wire []byte) (gateway.Value, string) {
	switch {
	case len(wire) < l.Size():
		return gateway.Value{}, "the answer is too short"
	case l.Count > 1:
		return l.readList(wire)
	}
	var room [8]byte // for all but texts
	order, ordered := l.order(), append(room[:0], wire[:l.Size()]...)
	for i := range ordered {
		ordered[place(order, i, len(ordered))] = wire[i]
	}
	v := l.fromBig(ordered)
	switch mark, marked := l.marked(ordered, v); {
	case marked:
		return gateway.Value{}, "the device has no value here: it sent " + mark + ", which stands for that"
	case v.IsNull():
		return v, l.nothing()
	}
	return v, ""
}

// nothing is why bytes have no value of the type.
func (l Layout) nothing() string {
	switch {
	case l.Type == gateway.Time:
		return "the device has no valid time here"
	case l.Decoding.Encoding == gateway.BCD || l.Decoding.Encoding == gateway.M10K:
		return "the device sent what is no decimal number: is encoding " + string(l.Decoding.Encoding) + " right?"
	}
	return "the device has no value here (not a number)"
}

// Encode is the inverse of Decode. The error is a gateway.Error of code Invalid: the value is of another kind, has a
// fraction, is out of range, or means that there is none. It rounds only floats, to the nearest that the type can hold.
// Bits that are not the value's are 0; see Mask.
func (l Layout) Encode(v gateway.Value) ([]byte, error) {
	if l.Count > 1 {
		return l.encodeList(v)
	}
	ordered, err := l.toBig(v)
	if err != nil {
		return nil, err
	}
	if mark, marked := l.marked(ordered, v); marked {
		return nil, gateway.Errorf(gateway.Invalid, "%s cannot be written: it stands for no value (%s)", v, mark)
	}
	return l.toWire(ordered), nil
}

func (l Layout) toWire(ordered []byte) []byte {
	order, wire := l.order(), make([]byte, len(ordered))
	for i := range wire {
		wire[i] = ordered[place(order, i, len(wire))]
	}
	return wire
}

// Mask has, in the order of the wire, the bits that are the value's; nil are all of them.
func (l Layout) Mask() []byte {
	ranges := l.Decoding.Ranges()
	if ranges == nil {
		return nil
	}
	return bytes.Repeat(l.toWire(putNumber(scatter(^uint64(0), ranges), l.one())), max(1, l.Count))
}

// order is the byte order of the layout's bytes; see place.
func (l Layout) order() string {
	if l.Type != gateway.String {
		return l.Order
	}
	// A text has no words: only the swap of the two bytes of a register makes sense.
	if l.Order == "BADC" || l.Order == "DCBA" {
		return "BADC"
	}
	return ""
}

// fromBig and toBig are the two directions of one table: what is a number of bits goes through whole.go, float.go and
// time.go, texts go through text.go.
func (l Layout) fromBig(data []byte) gateway.Value {
	switch {
	case l.Type == gateway.String:
		return l.text().read(bytes.Clone(data)) // what is called through a table would make each reading allocate
	case l.Type == gateway.Time:
		return timeForms[l.Decoding.Encoding].read(bytes.Clone(data))
	case l.Type.Float():
		return floatForms[l.Type].read(getNumber(data))
	}
	bits, width := l.bits(data)
	if l.Type == gateway.Bool {
		return gateway.BoolValue((bits != 0) != l.Decoding.Inverted)
	}
	return l.whole().read(bits, width)
}

func (l Layout) toBig(v gateway.Value) ([]byte, error) {
	switch {
	case l.Type == gateway.String:
		return l.encodeText(v)
	case l.Type == gateway.Time:
		return l.encodeTime(v)
	case l.Type.Float():
		return l.encodeFloat(v)
	case l.Type == gateway.Bool:
		return l.encodeBool(v)
	case l.Type.Whole():
		return l.encodeWhole(v)
	}
	return nil, gateway.Errorf(gateway.Invalid, "there is no type %q", l.Type)
}

func (l Layout) encodeBool(v gateway.Value) ([]byte, error) {
	truth, err := Truth(v)
	if err != nil {
		return nil, err
	}
	bits := uint64(0)
	if truth != l.Decoding.Inverted {
		bits = 1
	}
	return l.put(bits), nil
}

// Truth reads true, false, 1 and 0; everything else is Invalid.
func Truth(v gateway.Value) (bool, error) {
	number, isNumber := v.Float()
	if !isNumber || number != 0 && number != 1 {
		return false, gateway.Errorf(gateway.Invalid, "%s is not true or false", v)
	}
	return number == 1, nil
}

// getNumber and putNumber are up to eight big-endian bytes as a number.
func getNumber(data []byte) uint64 {
	var eight [8]byte
	copy(eight[8-len(data):], data)
	return binary.BigEndian.Uint64(eight[:])
}

func putNumber(bits uint64, size int) []byte {
	return binary.BigEndian.AppendUint64(nil, bits)[8-size:]
}
