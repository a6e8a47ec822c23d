package value

import "github.com/tidegate/tidegate/gateway"

// bits are the bits of a whole number or bool that are the value's, and how many.
func (l Layout) bits(data []byte) (bits uint64, width int) {
	ranges := l.Decoding.Ranges()
	if ranges == nil {
		return getNumber(data), 8 * len(data)
	}
	return gather(getNumber(data), ranges), widthOf(ranges)
}

// put is the inverse of bits; all others are 0.
func (l Layout) put(bits uint64) []byte {
	if ranges := l.Decoding.Ranges(); ranges != nil {
		bits = scatter(bits, ranges)
	}
	return putNumber(bits, l.one())
}

// width is the number of the value's bits.
func (l Layout) width() int {
	if ranges := l.Decoding.Ranges(); ranges != nil {
		return widthOf(ranges)
	}
	return 8 * l.one()
}

func widthOf(ranges []gateway.BitRange) (width int) {
	for _, r := range ranges {
		width += r.High - r.Low + 1
	}
	return width
}

// gather puts ranges of bits together, the first one highest.
func gather(number uint64, ranges []gateway.BitRange) (bits uint64) {
	for _, r := range ranges {
		width := r.High - r.Low + 1
		bits = bits<<width | number>>r.Low&ones(width)
	}
	return bits
}

// scatter is the inverse of gather.
func scatter(bits uint64, ranges []gateway.BitRange) (number uint64) {
	for i := len(ranges) - 1; i >= 0; i-- {
		width := ranges[i].High - ranges[i].Low + 1
		number |= bits & ones(width) << ranges[i].Low
		bits >>= width
	}
	return number
}

// ones are the lowest bits set, 1 to 64 of them.
func ones(width int) uint64 { return ^uint64(0) >> (64 - width) }
