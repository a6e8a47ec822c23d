package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

var inputs = []gateway.Point{
	{ID: "volts", Type: gateway.Float32},
	{ID: "amps", Type: gateway.Uint16},
	{ID: "pump-on", Type: gateway.Bool},
	{ID: "state", Type: gateway.Uint16, Enum: "0=off; 1=on"},
	{ID: "other", Type: gateway.Float64, Expression: "volts"},
}

func computed(expression string, kind gateway.Type) gateway.Point {
	return gateway.Point{ID: "made", Type: kind, Expression: expression}
}

func TestExpressions(t *testing.T) {
	now := time.Unix(1_700_000_000, 0).UTC()
	read := map[string]gateway.Value{
		"volts": gateway.FloatValue(230.5), "amps": gateway.UintValue(10), "pump-on": gateway.BoolValue(true), "state": gateway.TextValue("on"),
	}
	for _, c := range []struct {
		expression string
		kind       gateway.Type
		want       gateway.Value
	}{
		{"volts * amps", gateway.Float64, gateway.FloatValue(2305)},
		{"amps + 1", gateway.Float64, gateway.FloatValue(11)},
		{"int(amps) % 3", gateway.Float64, gateway.FloatValue(1)},
		{"max(volts, amps) ** 0.5 > 15", gateway.Bool, gateway.BoolValue(true)},
		{`$env["pump-on"] && state == "on"`, gateway.Bool, gateway.BoolValue(true)},
		{`volts > 240 ? "high" : "normal"`, gateway.String, gateway.TextValue("normal")},
		{"round(volts / 3)", gateway.Float64, gateway.FloatValue(77)},
		{"volts / (amps - 10)", gateway.Float64, gateway.Value{}},
	} {
		e, err := gateway.NewExpression(computed(c.expression, c.kind), inputs)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		var readings []gateway.Reading
		for _, id := range e.Inputs() {
			readings = append(readings, gateway.Reading{Value: read[id], Quality: gateway.Good, Time: now, Poll: 7})
		}
		r := e.Reading(gateway.PointKey{}, readings)
		if r.Value != c.want || (r.Quality == gateway.Good) == c.want.IsNull() || !r.Time.Equal(now) || r.Poll != 7 {
			t.Errorf("%s: %+v, want %s", c.expression, r, c.want)
		}
	}
}

func TestAnExpressionIsAsGoodAsItsInputs(t *testing.T) {
	e, err := gateway.NewExpression(computed("volts * amps", gateway.Float64), inputs)
	if err != nil {
		t.Fatal(err)
	}
	good := gateway.Reading{Value: gateway.FloatValue(2), Quality: gateway.Good, Poll: 1}
	uncertain := gateway.Reading{Point: gateway.PointKey{Point: "amps"}, Value: gateway.FloatValue(3), Quality: gateway.Uncertain, Reason: "why", Poll: 2}
	if r := e.Reading(gateway.PointKey{}, []gateway.Reading{good, uncertain}); r.Value != gateway.FloatValue(6) ||
		r.Quality != gateway.Uncertain || r.Reason != "amps: why" || r.Poll != 0 {
		t.Errorf("%+v", r)
	}
	bad := gateway.Reading{Point: gateway.PointKey{Point: "volts"}, Quality: gateway.Bad, Reason: "no answer"}
	if r := e.Reading(gateway.PointKey{}, []gateway.Reading{bad, uncertain}); !r.Value.IsNull() || r.Quality != gateway.Bad || r.Reason != "volts: no answer" {
		t.Errorf("%+v", r)
	}
}

// What could take more time or memory than its length is refused, as is what can only fail.
func TestExpressionsThatAreRefused(t *testing.T) {
	for _, expression := range []string{
		"volts +", "nothing + 1", "other + 1", "1 + 1", "volts + state", "$env", "$env[state]", "volts.x", "[volts]", "{a: volts}",
		"all(1..1000, all(1..1000, volts > 0))", "1..100000000", "map([volts], #)", "sum([volts])", "now()", "volts in [1]",
		"state matches '(a+)+$'", "volts |> abs() |> abs() ; volts", "let a = volts; a", "\"a\" * volts", "state",
		strings.Repeat("volts+", 99) + "volts", strings.Repeat(" ", 500) + "volts",
	} {
		if _, err := gateway.NewExpression(computed(expression, gateway.Float64), inputs); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%.60s: %v, want Invalid", expression, err)
		}
	}
}

func FuzzExpression(f *testing.F) {
	f.Add("volts * amps ** 2 > 3 ? 1 : abs(volts)")
	f.Add(`$env["pump-on"] and not (volts > 1)`)
	f.Fuzz(func(t *testing.T, text string) {
		e, err := gateway.NewExpression(computed(text, gateway.Float64), inputs)
		if err != nil {
			return
		}
		readings := make([]gateway.Reading, len(e.Inputs()))
		for i := range readings {
			readings[i] = gateway.Reading{Value: gateway.FloatValue(float64(i)), Quality: gateway.Good}
		}
		begin := time.Now()
		e.Reading(gateway.PointKey{}, readings)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s takes %s", text, took)
		}
	})
}
