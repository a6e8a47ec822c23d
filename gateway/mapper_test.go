package gateway_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/gateway"
)

// TestPayloadsAreJSON: whatever a value is, the payload is what encoding/json would have written.
func TestPayloadsAreJSON(t *testing.T) {
	point := gateway.Point{ID: "x"}
	mapper := point.Mapper("gw", "plc", 1)
	values := rapid.OneOf(
		rapid.Map(rapid.Float64(), gateway.FloatValue), rapid.Map(rapid.String(), gateway.TextValue),
		rapid.Map(rapid.Int64(), gateway.IntValue), rapid.Map(rapid.Uint64(), gateway.UintValue), rapid.Map(rapid.Bool(), gateway.BoolValue),
		rapid.SampledFrom([]gateway.Value{{}, gateway.FloatValue(1e21), gateway.FloatValue(1e-6), gateway.FloatValue(math.Copysign(0, -1)), gateway.FloatValue(9.99e-7)}),
	)
	rapid.Check(t, func(t *rapid.T) {
		v := values.Draw(t, "value")
		var got struct {
			V json.RawMessage `json:"v"`
			N uint64          `json:"n"`
		}
		m := mapper.Message(gateway.Reading{Value: v, Quality: gateway.Good, Time: time.Unix(0, 0), Number: 9})
		if err := json.Unmarshal(m.Payload, &got); err != nil || got.N != 9 {
			t.Fatalf("%s: %v", m.Payload, err)
		}
		want := wantJSON(t, v)
		if string(got.V) != want {
			t.Fatalf("%s is written as %s, want %s", v, got.V, want)
		}
	})
}

// wantJSON is the value as encoding/json writes it; whole numbers beyond 2^53 are texts.
func wantJSON(t *rapid.T, v gateway.Value) string {
	var plain any
	number, isNumber := v.Float()
	text, isText := v.Text()
	switch {
	case v.IsNull():
	case isText:
		plain = text
	case v == gateway.BoolValue(true) || v == gateway.BoolValue(false):
		plain = v == gateway.BoolValue(true)
	case v == gateway.FloatValue(number):
		plain = number
	case isNumber && math.Abs(number) > 1<<53:
		plain = v.String()
	default:
		plain = json.Number(v.String())
	}
	encoded, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func BenchmarkMessage(b *testing.B) {
	point := gateway.Point{ID: "temperature"}
	mapper := point.Mapper("gateway", "boiler", 7)
	reading := gateway.Reading{Value: gateway.FloatValue(21.4), Quality: gateway.Good, Time: time.Now(), Number: 123456}
	b.ReportAllocs()
	for b.Loop() {
		mapper.Message(reading)
	}
}
