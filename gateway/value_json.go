package gateway

import (
	"encoding/json"
	"math"
	"strconv"
)

// MarshalJSON writes null, a number, true, false, a string or an array of those. Whole numbers that JavaScript cannot hold exactly
// (beyond 2^53) are written as strings.
func (v Value) MarshalJSON() ([]byte, error) { return v.appendJSON(nil), nil }

// exact is up to where JavaScript has every whole number.
const exact = 1 << 53

// appendJSON is MarshalJSON without an allocation for most values.
func (v Value) appendJSON(buffer []byte) []byte {
	switch {
	case v.kind == kindText:
		return appendJSONText(buffer, v.text)
	case v.kind == kindFloat:
		return appendJSONFloat(buffer, v.num)
	case v.kind == kindInt && -exact <= v.whole && v.whole <= exact:
		return strconv.AppendInt(buffer, v.whole, 10)
	case v.kind == kindUint && uint64(v.whole) <= exact:
		return strconv.AppendUint(buffer, uint64(v.whole), 10)
	case v.kind == kindInt || v.kind == kindUint:
		return append(append(append(buffer, '"'), v.String()...), '"')
	}
	return append(buffer, v.String()...)
}

func appendJSONText(buffer []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string has no invalid states
	}
	return append(buffer, quoted...)
}

// appendJSONFloat writes a number as encoding/json does: very small and very large ones with an exponent (ECMA-262,
// Number::toString).
func appendJSONFloat(buffer []byte, f float64) []byte {
	if size := math.Abs(f); size == 0 || 1e-6 <= size && size < 1e21 {
		return strconv.AppendFloat(buffer, f, 'f', -1, 64)
	}
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // FloatValue makes neither NaN nor an infinity
	}
	return append(buffer, text...)
}

// UnmarshalJSON reads null, a number, a truth value, a string or an array of those.
func (v *Value) UnmarshalJSON(data []byte) error {
	var decoded any
	if err := json.Unmarshal(data, &decoded); err != nil {
		return err
	}
	switch d := decoded.(type) {
	case nil:
		*v = Value{}
	case bool:
		*v = BoolValue(d)
	case string:
		*v = TextValue(d)
	case float64:
		if i, err := strconv.ParseInt(string(data), 10, 64); err == nil {
			*v = IntValue(i)
			return nil
		}
		if u, err := strconv.ParseUint(string(data), 10, 64); err == nil {
			*v = UintValue(u)
			return nil
		}
		*v = FloatValue(d)
	case []any:
		list, err := listOf(d, data)
		*v = list
		return err
	default:
		return Errorf(Invalid, "a value is a number, true, false, a text, a list of those, or null")
	}
	return nil
}
