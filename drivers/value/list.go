package value

import (
	"fmt"

	"github.com/tidegate/tidegate/gateway"
)

// readList reads the values that follow each other. What the device does not know is null in the list, and the reason says where
// it is first; a list of nulls alone is null.
func (l Layout) readList(wire []byte) (gateway.Value, string) {
	single, size := l.single(), l.one()
	values, reason, unknown := make([]gateway.Value, l.Count), "", 0
	for i := range values {
		v, why := single.Read(wire[i*size:])
		if values[i] = v; v.IsNull() {
			if unknown++; reason == "" {
				reason = fmt.Sprintf("value %d of %d: %s", i+1, l.Count, why)
			}
		}
	}
	if unknown == l.Count {
		return gateway.Value{}, reason
	}
	return gateway.ListValue(values), reason
}

// encodeList is the inverse of readList. The list has to have all values.
func (l Layout) encodeList(v gateway.Value) ([]byte, error) {
	values, err := ListOf(v, l.Count)
	if err != nil {
		return nil, err
	}
	single, wire := l.single(), make([]byte, 0, l.Size())
	for i, one := range values {
		data, err := single.Encode(one)
		if err != nil {
			return nil, gateway.Errorf(gateway.Invalid, "value %d of %d: %w", i+1, l.Count, err)
		}
		wire = append(wire, data...)
	}
	return wire, nil
}

// ListOf are the values of a list of so many; everything else is Invalid.
func ListOf(v gateway.Value, count int) ([]gateway.Value, error) {
	values, isList := v.List()
	if !isList || len(values) != count {
		return nil, gateway.Errorf(gateway.Invalid, "%s is not a list of %d values", v, count)
	}
	return values, nil
}

// single is the layout of one value of the list.
func (l Layout) single() Layout {
	l.Count = 0
	return l
}
