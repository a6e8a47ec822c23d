package modbus

import (
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
		return gateway.BoolValue(a.bits[at] != t.layout.Decoding.Inverted), ""
	}
	v, reason := t.layout.Read(a.data[2*at:])
	if t.scale < 0 || v.IsNull() {
		return v, reason
	}
	exponent, reason := exponentIn(a.data[2*(t.scale-start):])
	if reason != "" {
		return gateway.Value{}, reason
	}
	return shifted(v, exponent), ""
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

// encode makes what has to be written for a value; exponent is that of the scale. For bits it is one byte, 0 or 1.
func (t target) encode(v gateway.Value, exponent int) ([]byte, error) {
	if t.Table.Bits() {
		truth, err := value.Truth(v)
		return []byte{boolByte(truth != t.layout.Decoding.Inverted)}, err
	}
	if t.scale >= 0 {
		number, isNumber := v.Float()
		if !isNumber {
			return nil, gateway.Errorf(gateway.Invalid, "%s is not a number", v)
		}
		v = shifted(gateway.FloatValue(number), -exponent)
		if whole, _ := v.Float(); t.layout.Type.Whole() {
			v = gateway.FloatValue(math.Round(whole))
		}
	}
	return t.layout.Encode(v)
}
