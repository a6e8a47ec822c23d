package gateway

import (
	"slices"
	"strconv"
	"strings"
)

// Decoding is what makes the raw value out of the bytes of a point, beyond type and byte order. The zero value is the usual:
// two's complement, all bits, no mark for a missing value.
type Decoding struct {
	// Encoding is how a whole number, a text or a time is written; see the constants. Empty is two's complement, or UTF-8.
	Encoding Encoding `json:"encoding,omitempty"`
	// Bits takes some bits of a whole number or bool, after the byte order: "7-0" is the low byte, "15-12" the highest four
	// bits, "5" is one; several ranges are put together, the highest first: "31-16,3-0". Signed types take the highest
	// one as the sign. A bool is true when any of the bits is set. Writing leaves the other bits as they are.
	Bits string `json:"bits,omitempty"`
	// Inverted makes a bool true when the bit is 0.
	Inverted bool `json:"inverted,omitempty"`
	// Invalid lists what the device sends for "no value", separated by commas: numbers as they are read before scaling
	// ("-1", "65535") or bits ("0x8000"), or the word sunspec for the marks of that standard. Such a reading is bad.
	Invalid string `json:"invalid,omitempty"`
	// ScaleFrom is the address of a register with the exponent of ten for the value, int16, as in SunSpec: the raw value is
	// multiplied by ten to that power. It is read in the same request, so both must be close together in one table.
	ScaleFrom string `json:"scaleFrom,omitempty"`
	// Blanks fills the rest of a text with blanks instead of NUL when it is written. What is read is free of both.
	Blanks bool `json:"blanks,omitempty"`
}

// Encoding is how the bits of a value are written.
type Encoding string

// The encodings. Those of whole numbers:
const (
	// BCD has a decimal digit in each four bits.
	BCD Encoding = "bcd"
	// M10K has four decimal digits in each register (modulo 10000); in a signed one each register has the sign.
	M10K Encoding = "m10k"
	// Magnitude has the sign in the highest bit and the size in the rest.
	Magnitude Encoding = "magnitude"
	// OnesComplement has all bits of a negative number inverted.
	OnesComplement Encoding = "ones"
	// OffsetBinary has half of the range added, so that the lowest number is all zeros.
	OffsetBinary Encoding = "offset"
)

// The encodings of texts.
const (
	// Latin1 has one byte for each character.
	Latin1 Encoding = "latin1"
	// LowBytes and HighBytes have one character in each register, in its low or high byte.
	LowBytes  Encoding = "low"
	HighBytes Encoding = "high"
	// Hex and Base64 give the bytes as they are.
	Hex    Encoding = "hex"
	Base64 Encoding = "base64"
	// IP is an address of 4 or 16 bytes, MAC one of 6.
	IP  Encoding = "ip"
	MAC Encoding = "mac"
)

// The encodings of times.
const (
	// Unix32, Unix64 and Unix64Ms count from 1970 in UTC, in seconds or milliseconds.
	Unix32   Encoding = "unix32"
	Unix64   Encoding = "unix64"
	Unix64Ms Encoding = "unix64ms"
	// TI081 is the form of IEC 870-5-4 in four registers, as in Schneider's meters: year, month and day, hour and minute,
	// milliseconds.
	TI081 Encoding = "ti081"
	// YMDHMS has six bytes: year since 2000, month, day, hour, minute, second. YMDHMSBCD has two decimal digits in each.
	YMDHMS    Encoding = "ymdhms"
	YMDHMSBCD Encoding = "ymdhms-bcd"
)

// EncodingsOf are the encodings of a type besides the empty one; a time must have one.
func EncodingsOf(t Type) []Encoding {
	switch {
	case t == String:
		return []Encoding{Latin1, LowBytes, HighBytes, Hex, Base64, IP, MAC}
	case t == Time:
		return []Encoding{Unix32, Unix64, Unix64Ms, TI081, YMDHMS, YMDHMSBCD}
	case t == Int16:
		return []Encoding{Magnitude, OnesComplement, OffsetBinary}
	case t.Signed():
		return []Encoding{M10K, Magnitude, OnesComplement, OffsetBinary}
	case t == Uint16:
		return []Encoding{BCD}
	case t.Whole():
		return []Encoding{BCD, M10K}
	}
	return nil
}

// Bytes is the number of bytes of one value of the point on the wire, always even: registers have two bytes. It is 0 for an
// unknown type or encoding.
func (p *Point) Bytes() int {
	switch {
	case p.Type == Time:
		return p.Decoding.Encoding.timeBytes()
	case p.Type != String:
		return p.Type.Bytes()
	case p.Decoding.Encoding == LowBytes || p.Decoding.Encoding == HighBytes:
		return 2 * p.Length
	}
	return (p.Length + 1) / 2 * 2
}

func (e Encoding) timeBytes() int {
	switch e {
	case Unix32:
		return 4
	case YMDHMS, YMDHMSBCD:
		return 6
	case Unix64, Unix64Ms, TI081:
		return 8
	}
	return 0
}

// BitRange is a range of bits, both ends included; bit 0 is the lowest.
type BitRange struct{ High, Low int }

// Ranges are the ranges of Bits, the highest of the result first. It is nil when Bits is empty or wrong; see validateBits.
func (d Decoding) Ranges() []BitRange {
	if d.Bits == "" {
		return nil
	}
	var ranges []BitRange
	for part := range strings.SplitSeq(d.Bits, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		high, highErr := strconv.ParseUint(first, 10, 6)
		low, lowErr := strconv.ParseUint(last, 10, 6)
		if highErr != nil || lowErr != nil || low > high {
			return nil
		}
		ranges = append(ranges, BitRange{int(high), int(low)})
	}
	return ranges
}

// validateDecoding checks what depends on type and encoding alone; addresses are checked by the driver.
func validateDecoding(field string, p *Point) error {
	d := p.Decoding
	switch {
	case d.Encoding != "" && !slices.Contains(EncodingsOf(p.Type), d.Encoding):
		return FieldErrorf(field+".encoding", "a point of type %s cannot have encoding %q", p.Type, d.Encoding)
	case p.Type == Time && d.Encoding == "":
		return FieldErrorf(field+".encoding", "choose the form in which the device gives the time")
	case d.Inverted && p.Type != Bool:
		return FieldErrorf(field+".inverted", "only a bool can be inverted")
	case d.Bits != "" && p.Type != Bool && !p.Type.Whole():
		return FieldErrorf(field+".bits", "bits can be taken of whole numbers and bools, not of %s", p.Type)
	case d.ScaleFrom != "" && !p.Type.Whole() && !p.Type.Float():
		return FieldErrorf(field+".scaleFrom", "only numbers are scaled, not %s", p.Type)
	case d.Blanks && !fillsUp(p):
		return FieldErrorf(field+".blanks", "only a text that may be shorter than its place is filled up")
	case d.Encoding == IP && p.Length != 4 && p.Length != 16:
		return FieldErrorf(strings.TrimSuffix(field, "decoding")+"length", "an IP address has 4 or 16 bytes, not %d", p.Length)
	case d.Encoding == MAC && p.Length != 6:
		return FieldErrorf(strings.TrimSuffix(field, "decoding")+"length", "a MAC address has 6 bytes, not %d", p.Length)
	}
	if err := validateBits(field+".bits", p); err != nil {
		return err
	}
	return validateInvalid(field+".invalid", p)
}

// fillsUp reports whether a value may be shorter than its place in the device.
func fillsUp(p *Point) bool {
	return p.Type == String && slices.Contains([]Encoding{"", Latin1, LowBytes, HighBytes}, p.Decoding.Encoding)
}

func validateBits(field string, p *Point) error {
	if p.Decoding.Bits == "" {
		return nil
	}
	ranges, taken, width := p.Decoding.Ranges(), uint64(0), 0
	for _, r := range ranges {
		bits := (^uint64(0) >> (63 - r.High + r.Low)) << r.Low
		if taken&bits != 0 || r.High >= 8*p.Type.Bytes() {
			return FieldErrorf(field, "%q takes a bit twice, or one that %s does not have", p.Decoding.Bits, p.Type)
		}
		taken, width = taken|bits, width+r.High-r.Low+1
	}
	if ranges == nil {
		return FieldErrorf(field, "%q is not a list of bits: use 7-0, 15-12, 5 or 31-16,3-0", p.Decoding.Bits)
	}
	unit := map[Encoding]int{BCD: 4, M10K: 16}[p.Decoding.Encoding]
	if unit > 0 && width%unit != 0 {
		return FieldErrorf(field, "encoding %s needs a multiple of %d bits, not %d", p.Decoding.Encoding, unit, width)
	}
	return nil
}

func validateInvalid(field string, p *Point) error {
	if p.Decoding.Invalid == "" || p.Decoding.Invalid == InvalidSunSpec {
		return nil
	}
	for mark := range p.Decoding.Marks() {
		if hex, is := strings.CutPrefix(mark, "0x"); is {
			if _, err := strconv.ParseUint(hex, 16, 64); err == nil && !p.Type.Float() {
				continue
			}
		} else if _, err := strconv.ParseFloat(mark, 64); err == nil && p.Type != Bool {
			continue
		} else if p.Type == String && mark != "" {
			continue
		}
		return FieldErrorf(field, "%q does not mark a missing value of %s: use numbers, 0x8000, or sunspec", mark, p.Type)
	}
	return nil
}

// InvalidSunSpec is the Invalid of points that use the marks of SunSpec.
const InvalidSunSpec = "sunspec"

// Marks are the parts of Invalid.
func (d Decoding) Marks() func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for mark := range strings.SplitSeq(d.Invalid, ",") {
			if !yield(strings.TrimSpace(mark)) {
				return
			}
		}
	}
}
