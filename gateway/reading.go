package gateway

import (
	"strconv"
	"time"
)

// Quality says whether a value may be trusted.
type Quality string

// The qualities. Only Good and Uncertain readings have a value.
const (
	Good      Quality = "good"
	Uncertain Quality = "uncertain"
	Bad       Quality = "bad"
)

// Reading is what a device said about one point at one time. A reading is never changed.
type Reading struct {
	Point   PointKey `json:"point"`
	Value   Value    `json:"value"`
	Quality Quality  `json:"quality"`
	// Reason says why the quality is not good, in words that an operator can act on.
	Reason string `json:"reason,omitempty"`
	// Time is when the value was on the wire, in UTC.
	Time time.Time `json:"time"`
	// Poll is the same for values that came in one answer.
	Poll uint64 `json:"poll,omitempty"`
	// Number counts the published readings of the point without gaps, from 1, across restarts of the gateway within one
	// run counter; 0 before it is published.
	Number uint64 `json:"number,omitempty"`
}

// afterRestart is what can be said of the reading when the gateway was away: the value and its time, but not whether it
// still holds. What was bad stays bad.
func (r Reading) afterRestart() Reading {
	if r.Quality == Good {
		r.Quality = Uncertain
	}
	return r
}

// Value is null, a number, a whole number, a truth value, a text or a list of those. Compare with ==. The zero value is
// null: unknown.
type Value struct {
	kind  valueKind
	num   float64
	whole int64  // bits of a uint64 for kindUint
	text  string // JSON for kindList
}

type valueKind byte

const (
	kindNull valueKind = iota
	kindFloat
	kindInt
	kindUint
	kindBool
	kindText
	kindList
)

// FloatValue makes a number; NaN and infinities become null, never 0.
func FloatValue(f float64) Value {
	if f != f || f > maxFloat || f < -maxFloat {
		return Value{}
	}
	return Value{kind: kindFloat, num: f}
}

const maxFloat = 0x1p1023 * (1 + (1 - 0x1p-52))

// IntValue makes a whole number.
func IntValue(i int64) Value { return Value{kind: kindInt, whole: i} }

// UintValue makes a whole number.
func UintValue(u uint64) Value { return Value{kind: kindUint, whole: int64(u)} }

// BoolValue makes a truth value.
func BoolValue(b bool) Value {
	if b {
		return Value{kind: kindBool, whole: 1}
	}
	return Value{kind: kindBool}
}

// TextValue makes a text.
func TextValue(s string) Value { return Value{kind: kindText, text: s} }

// IsNull reports whether the value is unknown.
func (v Value) IsNull() bool { return v.kind == kindNull }

// Float is the value as a number; false for null, text and lists. Truth values are 0 and 1.
func (v Value) Float() (float64, bool) {
	switch v.kind {
	case kindFloat:
		return v.num, true
	case kindInt, kindBool:
		return float64(v.whole), true
	case kindUint:
		return float64(uint64(v.whole)), true
	case kindNull, kindText, kindList:
	}
	return 0, false
}

// Whole is the value as bits of a 64-bit whole number; false for null, text, lists and numbers with a fraction.
func (v Value) Whole() (int64, bool) {
	switch v.kind {
	case kindInt, kindUint, kindBool:
		return v.whole, true
	case kindFloat:
		if i := int64(v.num); float64(i) == v.num {
			return i, true
		}
	case kindNull, kindText, kindList:
	}
	return 0, false
}

// Text is the text of a text value; false for all others.
func (v Value) Text() (string, bool) { return v.text, v.kind == kindText }

// String is the value as people write it; null is "null", a list is JSON.
func (v Value) String() string {
	switch v.kind {
	case kindFloat:
		return strconv.FormatFloat(v.num, 'f', -1, 64)
	case kindInt:
		return strconv.FormatInt(v.whole, 10)
	case kindUint:
		return strconv.FormatUint(uint64(v.whole), 10)
	case kindBool:
		return strconv.FormatBool(v.whole == 1)
	case kindText, kindList:
		return v.text
	case kindNull:
	}
	return "null"
}
