package value

import (
	"math/big"

	"github.com/tidegate/tidegate/gateway"
)

// wholeForm is one way to write a whole number in bits, in both directions.
type wholeForm struct {
	// read gives null for bits that are no number.
	read func(bits uint64, width int) gateway.Value
	// write takes numbers between low and high, both included; negative ones come as two's complement.
	write     func(number int64, width int) uint64
	low, high func(width int) *big.Int
}

// unsigned numbers beyond an int64 come to write with the same bits.
var (
	unsigned = wholeForm{
		read:  func(bits uint64, _ int) gateway.Value { return gateway.UintValue(bits) },
		write: func(n int64, _ int) uint64 { return uint64(n) },
		low:   zero, high: func(width int) *big.Int { return power(2, width, -1) },
	}
	signed = wholeForm{
		read:  func(bits uint64, width int) gateway.Value { return gateway.IntValue(extend(bits, width)) },
		write: func(n int64, width int) uint64 { return uint64(n) & ones(width) },
		low:   func(width int) *big.Int { return negative(power(2, width-1, 0)) },
		high:  func(width int) *big.Int { return power(2, width-1, -1) },
	}
	offsetBinary = wholeForm{
		read:  func(bits uint64, width int) gateway.Value { return signed.read(bits^1<<(width-1), width) },
		write: func(n int64, width int) uint64 { return signed.write(n, width) ^ 1<<(width-1) },
		low:   signed.low, high: signed.high,
	}
	magnitude = wholeForm{
		read: func(bits uint64, width int) gateway.Value {
			return negativeIf(bits>>(width-1) == 1, bits&(ones(width)>>1))
		},
		write: func(n int64, width int) uint64 {
			if n < 0 {
				return uint64(-n) | 1<<(width-1)
			}
			return uint64(n)
		},
		low: lowSymmetric, high: signed.high,
	}
	onesComplement = wholeForm{
		read: func(bits uint64, width int) gateway.Value {
			if bits>>(width-1) == 1 {
				return negativeIf(true, ^bits&ones(width))
			}
			return negativeIf(false, bits)
		},
		write: func(n int64, width int) uint64 {
			if n < 0 {
				return ^uint64(-n) & ones(width)
			}
			return uint64(n)
		},
		low: lowSymmetric, high: signed.high,
	}
	bcd = wholeForm{
		read: func(bits uint64, width int) gateway.Value {
			return positional(bits, width, 4, 10)
		},
		write: func(n int64, width int) uint64 { return digits(uint64(n), width, 4, 10) },
		low:   zero, high: func(width int) *big.Int { return power(10, width/4, -1) },
	}
	m10k = wholeForm{
		read:  func(bits uint64, width int) gateway.Value { return positional(bits, width, 16, 10_000) },
		write: func(n int64, width int) uint64 { return digits(uint64(n), width, 16, 10_000) },
		low:   zero, high: func(width int) *big.Int { return power(10, width/4, -1) },
	}
	signedM10K = wholeForm{
		read: readSignedM10K, write: writeSignedM10K,
		low:  func(width int) *big.Int { return negative(m10k.high(width)) },
		high: m10k.high,
	}
)

// whole is the form of the layout's type and encoding.
func (l Layout) whole() wholeForm {
	switch l.Decoding.Encoding { // every other encoding belongs to other types
	case gateway.BCD:
		return bcd
	case gateway.M10K:
		if l.Type.Signed() {
			return signedM10K
		}
		return m10k
	case gateway.Magnitude:
		return magnitude
	case gateway.OnesComplement:
		return onesComplement
	case gateway.OffsetBinary:
		return offsetBinary
	}
	if l.Type.Signed() {
		return signed
	}
	return unsigned
}

func (l Layout) encodeWhole(v gateway.Value) ([]byte, error) {
	number, err := wholeNumber(v)
	if err != nil {
		return nil, err
	}
	form, width := l.whole(), l.width()
	if low, high := form.low(width), form.high(width); number.Cmp(low) < 0 || number.Cmp(high) > 0 {
		return nil, gateway.Errorf(gateway.Invalid, "%s is not between %s and %s, the range of %s", v, low, high, l.Type)
	}
	bits := number.Int64()
	if number.IsUint64() {
		bits = int64(number.Uint64())
	}
	return l.put(form.write(bits, width)), nil
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

// extend is the number of bits in two's complement.
func extend(bits uint64, width int) int64 { return int64(bits<<(64-width)) >> (64 - width) }

func negativeIf(is bool, size uint64) gateway.Value {
	if is {
		return gateway.IntValue(-int64(size))
	}
	return gateway.IntValue(int64(size))
}

// positional reads places of so many bits to a base; null when one of them is too large.
func positional(number uint64, width, place int, base uint64) gateway.Value {
	sum := uint64(0)
	for at := width - place; at >= 0; at -= place {
		digit := number >> at & ones(place)
		if digit >= base {
			return gateway.Value{}
		}
		sum = sum*base + digit
	}
	return gateway.UintValue(sum)
}

// digits is the inverse of positional.
func digits(number uint64, width, place int, base uint64) (written uint64) {
	for at := 0; at < width; at += place {
		written |= number % base << at
		number /= base
	}
	return written
}

// Each register of a negative number is negative. https://www.schneider-electric.com/en/faqs/FA212766/
func readSignedM10K(number uint64, width int) gateway.Value {
	sum := int64(0)
	for at := width - 16; at >= 0; at -= 16 {
		digit := int64(int16(number >> at))
		if digit < -9999 || digit > 9999 {
			return gateway.Value{}
		}
		sum = sum*10_000 + digit
	}
	return gateway.IntValue(sum)
}

func writeSignedM10K(number int64, width int) (written uint64) {
	for at := 0; at < width; at += 16 {
		written |= uint64(uint16(number%10_000)) << at
		number /= 10_000
	}
	return written
}

func zero(int) *big.Int { return new(big.Int) }

func power(base int64, exponent int, plus int64) *big.Int {
	p := new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(exponent)), nil)
	return p.Add(p, big.NewInt(plus))
}

func negative(n *big.Int) *big.Int { return n.Neg(n) }

func lowSymmetric(width int) *big.Int { return negative(power(2, width-1, -1)) }
