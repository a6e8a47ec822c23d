package gateway

import (
	"encoding/json"
	"strconv"
)

// ListValue makes a list of values, none of which is a list itself.
func ListValue(values []Value) Value {
	text := []byte{'['}
	for i, v := range values {
		if i > 0 {
			text = append(text, ',')
		}
		text = v.appendJSON(text)
	}
	return Value{kind: kindList, text: string(append(text, ']'))}
}

// IsList reports whether the value is a list.
func (v Value) IsList() bool { return v.kind == kindList }

// List are the values of a list; false for all others. A text that is a whole number comes back as that: it is how JSON has
// those beyond 2^53.
func (v Value) List() ([]Value, bool) {
	if v.kind != kindList {
		return nil, false
	}
	var values []Value
	if err := json.Unmarshal([]byte(v.text), &values); err != nil {
		panic(err) // ListValue wrote it
	}
	for i, element := range values {
		values[i] = element.wholeText()
	}
	return values, true
}

// wholeText is the number that a text is, and every other value as it is.
func (v Value) wholeText() Value {
	if v.kind != kindText {
		return v
	}
	if signed, err := strconv.ParseInt(v.text, 10, 64); err == nil {
		return IntValue(signed)
	}
	if unsigned, err := strconv.ParseUint(v.text, 10, 64); err == nil {
		return UintValue(unsigned)
	}
	return v
}

// Each is the value that f makes of this one, or the list of what it makes of each value of a list.
func (v Value) Each(f func(Value) Value) Value {
	values, isList := v.List()
	if !isList {
		return f(v)
	}
	for i, element := range values {
		values[i] = f(element)
	}
	return ListValue(values)
}

// listOf reads a JSON array of numbers, truth values and texts.
func listOf(elements []any, data []byte) (Value, error) {
	for _, element := range elements {
		switch element.(type) {
		case map[string]any, []any:
			return Value{}, Errorf(Invalid, "a list has numbers, true, false and texts in it")
		}
	}
	var values []Value
	if err := json.Unmarshal(data, &values); err != nil {
		return Value{}, err
	}
	return ListValue(values), nil
}
