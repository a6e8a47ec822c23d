package serial_test

import (
	"errors"
	"testing"

	"github.com/tidegate/tidegate/drivers/serial"
	"github.com/tidegate/tidegate/gateway"
)

func point(address string, kind gateway.Type) gateway.Point {
	return gateway.Point{ID: "p", Address: address, Type: kind, Length: 20}
}

func TestExtract(t *testing.T) {
	const (
		scale = "S S   100.00 g"
		csv   = "23.4,51.2,,-7"
		keys  = `T:23.4 H=51;state="on", TT:9`
		json  = `{"meter":{"power":-12.5,"count":18446744073709551615,"ok":true,"name":"A/B"},"list":[1,2],"a/b":3,"none":null}`
	)
	for _, c := range []struct {
		line, address string
		kind          gateway.Type
		want          gateway.Value
	}{
		{scale, "field:3", gateway.Float64, gateway.FloatValue(100)},
		{scale, "field:2", gateway.String, gateway.TextValue("S")},
		{scale, `regex:([-+]?[0-9.]+) *g`, gateway.Float32, gateway.FloatValue(100)},
		{csv, "field:1", gateway.Float32, gateway.FloatValue(23.4)},
		{csv, "field:4", gateway.Int16, gateway.IntValue(-7)},
		{"12;34 ; 56", "field:3", gateway.Uint16, gateway.UintValue(56)},
		{keys, "key:T", gateway.Float64, gateway.FloatValue(23.4)},
		{keys, "key:H", gateway.Uint16, gateway.UintValue(51)},
		{keys, "key:TT", gateway.Uint16, gateway.UintValue(9)},
		{keys, "key:state", gateway.Bool, gateway.BoolValue(true)},
		{json, "json:/meter/power", gateway.Float64, gateway.FloatValue(-12.5)},
		{json, "json:/meter/count", gateway.Uint64, gateway.UintValue(1<<64 - 1)},
		{json, "json:/meter/ok", gateway.Bool, gateway.BoolValue(true)},
		{json, "json:/meter/name", gateway.String, gateway.TextValue("A/B")},
		{json, "json:/list/1", gateway.Int32, gateway.IntValue(2)},
		{json, "json:/a~1b", gateway.Int32, gateway.IntValue(3)},
		{"+0012.5kg", "field:1", gateway.Float64, gateway.FloatValue(12.5)},
		{"12,5 kg", `regex:^([0-9,]+)`, gateway.Float64, gateway.FloatValue(12.5)},
		{"1e3", "field:1", gateway.Uint16, gateway.UintValue(1000)},
		{"00042", "field:1", gateway.Uint16, gateway.UintValue(42)},
		{"A-4711", `regex:.*`, gateway.String, gateway.TextValue("A-4711")},
	} {
		e, err := serial.Compile(point(c.address, c.kind))
		if err != nil {
			t.Errorf("%s: %v", c.address, err)
			continue
		}
		if got, err := e.Extract(c.line); err != nil || got != c.want {
			t.Errorf("%s as %s of %q: %s, %v, want %s", c.address, c.kind, c.line, got, err, c.want)
		}
	}
}

// What is not what the point says has no value and a reason, never a guess.
func TestExtractFindsNothing(t *testing.T) {
	for _, c := range []struct {
		line, address string
		kind          gateway.Type
	}{
		{"S I", "field:3", gateway.Float64},
		{"S + ------ g", "field:3", gateway.Float64},
		{"1,,3", "field:2", gateway.Float64},
		{"70000", "field:1", gateway.Uint16},
		{"1.5", "field:1", gateway.Int16},
		{"1e400", "field:1", gateway.Float64},
		{"12:30", "field:1", gateway.Float64},
		{"NaN", "field:1", gateway.Float32},
		{"maybe", "field:1", gateway.Bool},
		{"a text that is longer than the point", "regex:.*", gateway.String},
		{"H=5", "key:T", gateway.Float64},
		{"{", "json:/a", gateway.Float64},
		{`{"a":{}}`, "json:/a", gateway.Float64},
		{`{"a":null}`, "json:/a", gateway.Float64},
		{`[1]`, "json:/1", gateway.Float64},
	} {
		e, err := serial.Compile(point(c.address, c.kind))
		if err != nil {
			t.Errorf("%s: %v", c.address, err)
			continue
		}
		if got, err := e.Extract(c.line); err == nil || !got.IsNull() {
			t.Errorf("%s as %s of %q: %s, %v", c.address, c.kind, c.line, got, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for address, field := range map[string]string{
		"": "address", "field:0": "address", "field:x": "address", "field": "address", "regex:(": "address", "regex:": "address",
		"key:": "address", "key: ": "address", "json:a": "address", "holding:1": "address",
	} {
		e, is := errors.AsType[*gateway.Error](serial.Check(point(address, gateway.Float64)))
		if !is || e.Code != gateway.Invalid || e.Field != field {
			t.Errorf("%q: %v", address, e)
		}
	}
	writable := point("field:1", gateway.Float64)
	writable.Writable = true
	if e, is := errors.AsType[*gateway.Error](serial.Check(writable)); !is || e.Field != "writable" {
		t.Errorf("writable: %v", e)
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("S S   100.00 g")
	f.Add(`{"a":[1,{"b":"2"}]}`)
	f.Add("T:23.4 H=51")
	f.Fuzz(func(t *testing.T, line string) {
		for _, address := range []string{"field:2", "regex:([0-9.]+)", "key:T", "json:/a/1/b", "json:"} {
			for _, kind := range []gateway.Type{gateway.Float64, gateway.Int16, gateway.Uint64, gateway.String, gateway.Bool} {
				e, err := serial.Compile(point(address, kind))
				if err != nil {
					t.Fatal(err)
				}
				if v, err := e.Extract(line); (err == nil) == v.IsNull() {
					t.Fatalf("%s as %s of %q: %s, %v", address, kind, line, v, err)
				}
			}
		}
	})
}
