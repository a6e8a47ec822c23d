package modbus

import (
	"cmp"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

// decode reads the target's value from an answer that begins at the given address; null comes with a reason.
func (t *target) decode(a answer, start int) (gateway.Value, string) {
	at := t.Offset - start
	if t.Table.Bits() {
		return t.truth(a.bits[at : at+t.length()]), ""
	}
	v, reason := t.layout.Read(a.data[2*at:])
	if t.scale < 0 || v.IsNull() {
		return v, reason
	}
	exponent, noScale := exponentIn(a.data[2*(t.scale-start):])
	if noScale != "" {
		return gateway.Value{}, noScale
	}
	return v.Each(func(one gateway.Value) gateway.Value { return shifted(one, exponent) }), reason
}

// truth is what coils or discrete inputs say.
func (t *target) truth(bits []bool) gateway.Value {
	if len(bits) == 1 {
		return gateway.BoolValue(bits[0] != t.layout.Decoding.Inverted)
	}
	values := make([]gateway.Value, len(bits))
	for i, bit := range bits {
		values[i] = gateway.BoolValue(bit != t.layout.Decoding.Inverted)
	}
	return gateway.ListValue(values)
}

// mostExponent is the largest power of ten, up or down, that a scale factor may have. SunSpec: sunssf is -10 to 10.
const mostExponent = 10

// exponentIn reads a scale factor; the reason says why there is none.
func exponentIn(data []byte) (exponent int, reason string) {
	exponent = int(int16(binary.BigEndian.Uint16(data)))
	if exponent < -mostExponent || exponent > mostExponent {
		return 0, "the device has no scale for the value: its register holds " + strconv.Itoa(exponent) + ", not -10 to 10"
	}
	return exponent, ""
}

// shifted is the value times a power of ten. It goes over the decimal text, so that 2341 and -1 are 234.1 and nothing near.
func shifted(v gateway.Value, exponent int) gateway.Value {
	if exponent == 0 {
		return v
	}
	number, err := strconv.ParseFloat(v.String()+"e"+strconv.Itoa(exponent), 64)
	if err != nil {
		return gateway.Value{}
	}
	return gateway.FloatValue(number)
}

// encode makes what has to be written for a value; exponent is that of the scale. For bits it is one byte each, 0 or 1.
func (t target) encode(v gateway.Value, exponent int) ([]byte, error) {
	if t.Table.Bits() {
		return t.encodeTruth(v)
	}
	if t.scale >= 0 {
		var failed error
		v = v.Each(func(one gateway.Value) gateway.Value {
			raw, err := t.unshifted(one, exponent)
			failed = cmp.Or(failed, err)
			return raw
		})
		if failed != nil {
			return nil, failed
		}
	}
	return t.layout.Encode(v)
}

// unshifted is the inverse of shifted, as a whole number where the device has one.
func (t target) unshifted(v gateway.Value, exponent int) (gateway.Value, error) {
	number, isNumber := v.Float()
	if !isNumber {
		return v, gateway.Errorf(gateway.Invalid, "%s is not a number", v)
	}
	v = shifted(gateway.FloatValue(number), -exponent)
	if whole, _ := v.Float(); t.layout.Type.Whole() {
		v = gateway.FloatValue(math.Round(whole))
	}
	return v, nil
}

func (t target) encodeTruth(v gateway.Value) ([]byte, error) {
	values := []gateway.Value{v}
	if t.length() > 1 {
		var err error
		if values, err = value.ListOf(v, t.length()); err != nil {
			return nil, err
		}
	}
	bits := make([]byte, len(values))
	for i, one := range values {
		truth, err := value.Truth(one)
		if err != nil {
			return nil, err
		}
		bits[i] = boolByte(truth != t.layout.Decoding.Inverted)
	}
	return bits, nil
}
