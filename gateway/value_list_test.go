package gateway_test

import (
	"encoding/json"
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

func TestListsAreJSON(t *testing.T) {
	for _, text := range []string{"[]", "[1,-2.5,true,null]", `["off","on"]`, `["18446744073709551615","-9223372036854775808"]`} {
		var v gateway.Value
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(v)
		if err != nil || string(again) != text || v.String() != text || !v.IsList() || v.IsNull() {
			t.Errorf("%s becomes %s, %v", text, again, err)
		}
	}
	for _, text := range []string{"[[1]]", `[{"a":1}]`, "[1", `{"v":1}`} {
		var v gateway.Value
		if err := json.Unmarshal([]byte(text), &v); err == nil {
			t.Errorf("%s is taken for %s", text, v)
		}
	}
	numbers := []gateway.Value{gateway.UintValue(1<<64 - 1), gateway.IntValue(-1 << 63), gateway.IntValue(7)}
	back, is := gateway.ListValue(numbers).List()
	if !is || back[0] != numbers[0] || back[1] != numbers[1] || back[2] != numbers[2] {
		t.Errorf("%v", back)
	}
}

// Scale, texts and limits are those of each value of a list, in both directions.
func TestListsHaveAMeaning(t *testing.T) {
	list := func(values ...gateway.Value) gateway.Value { return gateway.ListValue(values) }
	low := 0.0
	scaled := gateway.Point{Type: gateway.Int16, Count: 2, Scale: 0.1, Limits: gateway.Limits{Min: &low}}
	states := gateway.Point{Type: gateway.Uint16, Count: 2, Enum: "0=off; 1=on"}
	for _, c := range []struct {
		point    gateway.Point
		raw      gateway.Value
		want     string
		quality  gateway.Quality
		writable bool
	}{
		{scaled, list(gateway.IntValue(215), gateway.IntValue(5)), "[21.5,0.5]", gateway.Good, true},
		{scaled, list(gateway.IntValue(215), gateway.IntValue(-5)), "[21.5,-0.5]", gateway.Uncertain, false},
		{states, list(gateway.UintValue(1), gateway.UintValue(0)), `["on","off"]`, gateway.Good, true},
	} {
		r := c.point.EngineeringReading(gateway.Reading{Value: c.raw, Quality: gateway.Good})
		if r.Value.String() != c.want || r.Quality != c.quality {
			t.Errorf("%s becomes %+v, want %s", c.raw, r, c.want)
		}
		raw, err := c.point.RawValue(r.Value)
		if (err == nil) != c.writable || c.writable && raw.String() != c.raw.String() {
			t.Errorf("%s is written as %s, %v", r.Value, raw, err)
		}
	}
}
