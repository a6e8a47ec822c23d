package gateway

// Type is how the bytes of a point are read.
type Type string

// The types. A bool is a coil, a discrete input, or a register that is not zero (or some bits of it). A time has the form
// that its Encoding names, and is a text like 2026-01-02T03:04:05.678Z; without the Z it is the local time of the device.
const (
	Bool    Type = "bool"
	Int16   Type = "int16"
	Uint16  Type = "uint16"
	Int32   Type = "int32"
	Uint32  Type = "uint32"
	Int48   Type = "int48"
	Uint48  Type = "uint48"
	Int64   Type = "int64"
	Uint64  Type = "uint64"
	Float16 Type = "float16"
	Float32 Type = "float32"
	Float64 Type = "float64"
	String  Type = "string"
	Time    Type = "time"
)

// Types are all types, in the order in which they are offered.
func Types() []Type {
	return []Type{
		Bool, Int16, Uint16, Int32, Uint32, Int48, Uint48, Int64, Uint64, Float16, Float32, Float64, String, Time,
	}
}

// Bytes is the number of bytes of the type on the wire, 0 for strings and times (theirs varies; see Point.Bytes) and for
// unknown types.
func (t Type) Bytes() int {
	switch t {
	case Bool, Int16, Uint16, Float16:
		return 2
	case Int32, Uint32, Float32:
		return 4
	case Int48, Uint48:
		return 6
	case Int64, Uint64, Float64:
		return 8
	case String, Time:
	}
	return 0
}

// Valid reports whether t is one of the types.
func (t Type) Valid() bool { return t == String || t == Time || t.Bytes() > 0 }

// Signed reports whether t is a whole number that may be negative.
func (t Type) Signed() bool { return t == Int16 || t == Int32 || t == Int48 || t == Int64 }

// Whole reports whether t is a whole number.
func (t Type) Whole() bool {
	return t.Signed() || t == Uint16 || t == Uint32 || t == Uint48 || t == Uint64
}

// Float reports whether t is a number with a fraction.
func (t Type) Float() bool { return t == Float16 || t == Float32 || t == Float64 }
