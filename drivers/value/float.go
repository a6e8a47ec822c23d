package value

import (
	"math"
	"strconv"

	"github.com/tidegate/tidegate/gateway"
)

// floatForm is a float in bits, in both directions. NaN and infinities are null.
type floatForm struct {
	size  int
	read  func(bits uint64) gateway.Value
	write func(float64) uint64
	// largest is the largest number that it holds.
	largest float64
}

var floatForms = map[gateway.Type]floatForm{
	gateway.Float16: {
		size: 2, read: func(bits uint64) gateway.Value { return shortest(halfToFloat(uint16(bits)), 16) },
		write: func(f float64) uint64 { return uint64(floatToHalf(f)) }, largest: 65504,
	},
	gateway.Float32: {
		size: 4, read: func(bits uint64) gateway.Value { return shortest(float64(math.Float32frombits(uint32(bits))), 32) },
		write: func(f float64) uint64 { return uint64(math.Float32bits(float32(f))) }, largest: math.MaxFloat32,
	},
	gateway.Float64: {
		size: 8, read: func(bits uint64) gateway.Value { return gateway.FloatValue(math.Float64frombits(bits)) },
		write: math.Float64bits, largest: math.MaxFloat64,
	},
}

func (l Layout) encodeFloat(v gateway.Value) ([]byte, error) {
	number, isNumber := v.Float()
	if !isNumber {
		return nil, gateway.Errorf(gateway.Invalid, "%s is not a number", v)
	}
	form := floatForms[l.Type]
	bits := form.write(number)
	if form.read(bits).IsNull() {
		return nil, gateway.Errorf(gateway.Invalid, "%s is too large for %s, which ends at %g", v, l.Type, form.largest)
	}
	return putNumber(bits, form.size), nil
}

// shortest keeps the digits that people see: 21.4 stays 21.4 and does not become 21.399999618530273. Half floats have at
// most five of them.
func shortest(exact float64, precision int) gateway.Value {
	if math.IsNaN(exact) || math.IsInf(exact, 0) {
		return gateway.Value{}
	}
	text := ""
	if precision == 32 {
		text = strconv.FormatFloat(exact, 'g', -1, 32)
	} else {
		text = shortestHalf(exact)
	}
	short, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return gateway.FloatValue(exact)
	}
	return gateway.FloatValue(short)
}

func shortestHalf(exact float64) string {
	const enough = 5
	if exact == math.Trunc(exact) {
		return strconv.FormatFloat(exact, 'f', 0, 64)
	}
	for digits := 1; digits < enough; digits++ {
		text := strconv.FormatFloat(exact, 'g', digits, 64)
		if f, err := strconv.ParseFloat(text, 64); err == nil && halfToFloat(floatToHalf(f)) == exact {
			return text
		}
	}
	return strconv.FormatFloat(exact, 'g', enough, 64)
}

// The parts of a half float, IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction.
const (
	halfFraction = 10
	halfBias     = 15
	halfInfinity = 0x7C00
)

func halfToFloat(bits uint16) float64 {
	exponent, fraction := int(bits>>halfFraction&0x1F), float64(bits&0x3FF)
	size := 0.0
	switch exponent {
	case 0: // subnormal
		size = math.Ldexp(fraction, 1-halfBias-halfFraction)
	case 0x1F:
		if size = math.Inf(1); fraction != 0 {
			size = math.NaN()
		}
	default:
		size = math.Ldexp(fraction+1<<halfFraction, exponent-halfBias-halfFraction)
	}
	return math.Copysign(size, float64(int16(bits))+0.5)
}

// floatToHalf rounds to the nearest half float, ties to the even one; what is too large becomes infinity.
func floatToHalf(f float64) uint16 {
	sign := uint16(0)
	if math.Signbit(f) {
		sign = 0x8000
	}
	size := math.Abs(f)
	if size == 0 {
		return sign
	}
	_, exponent := math.Frexp(size) // size = fraction * 2^exponent, 0.5 <= fraction < 1
	step := max(exponent-1, 1-halfBias) - halfFraction
	units := math.RoundToEven(math.Ldexp(size, -step))
	// A fraction that was rounded up to the next power of two carries into the exponent by itself.
	bits := units + float64(step+halfBias+halfFraction-1)*(1<<halfFraction)
	if bits >= halfInfinity {
		return sign | halfInfinity
	}
	return sign | uint16(bits)
}
