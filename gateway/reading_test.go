package gateway_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

func TestValuesAsJSON(t *testing.T) {
	for _, test := range []struct {
		value gateway.Value
		json  string
	}{
		{gateway.Value{}, `null`},
		{gateway.FloatValue(21.4), `21.4`},
		{gateway.FloatValue(math.NaN()), `null`},
		{gateway.FloatValue(math.Inf(-1)), `null`},
		{gateway.IntValue(-1), `-1`},
		{gateway.IntValue(1 << 53), `9007199254740992`},
		{gateway.IntValue(1<<53 + 1), `"9007199254740993"`},
		{gateway.IntValue(math.MinInt64), `"-9223372036854775808"`},
		{gateway.UintValue(math.MaxUint64), `"18446744073709551615"`},
		{gateway.UintValue(7), `7`},
		{gateway.BoolValue(true), `true`},
		{gateway.TextValue("a\"b"), `"a\"b"`},
	} {
		got, err := json.Marshal(test.value)
		if err != nil || string(got) != test.json {
			t.Errorf("%s becomes %s, %v, want %s", test.value, got, err, test.json)
		}
	}
	for text, want := range map[string]gateway.Value{
		`null`: {}, `21.5`: gateway.FloatValue(21.5), `-3`: gateway.IntValue(-3), `false`: gateway.BoolValue(false), `"x"`: gateway.TextValue("x"),
	} {
		var got gateway.Value
		if err := json.Unmarshal([]byte(text), &got); err != nil || got != want {
			t.Errorf("%s is read as %s, %v", text, got, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"v":1}`), new(gateway.Value)); gateway.CodeOf(err) != gateway.Invalid {
		t.Errorf("an object as a value: %v", err)
	}
}

func TestEngineering(t *testing.T) {
	one := 1
	for _, test := range []struct {
		name  string
		point gateway.Point
		raw   gateway.Value
		want  gateway.Value
	}{
		{"nothing to do", gateway.Point{Type: gateway.Int16}, gateway.IntValue(5), gateway.IntValue(5)},
		{"scale and decimals", gateway.Point{Type: gateway.Int16, Scale: 0.1, Decimals: &one}, gateway.IntValue(214), gateway.FloatValue(21.4)},
		{"offset alone", gateway.Point{Type: gateway.Int16, Offset: -40}, gateway.IntValue(50), gateway.FloatValue(10)},
		{"bool", gateway.Point{Type: gateway.Bool, Scale: 2}, gateway.BoolValue(true), gateway.BoolValue(true)},
		{"text", gateway.Point{Type: gateway.String, Scale: 2}, gateway.TextValue("x"), gateway.TextValue("x")},
		{"null", gateway.Point{Type: gateway.Int16, Scale: 2}, gateway.Value{}, gateway.Value{}},
		{"overflow", gateway.Point{Type: gateway.Float64, Scale: 1e300}, gateway.FloatValue(1e300), gateway.Value{}},
	} {
		if got := test.point.Engineering(test.raw); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestRawValueIsTheInverse(t *testing.T) {
	p := gateway.Point{Type: gateway.Int16, Scale: 0.1, Offset: 5}
	if raw, err := p.RawValue(gateway.FloatValue(21.5)); err != nil || raw != gateway.FloatValue(165) {
		t.Errorf("%s, %v", raw, err)
	}
	if _, err := p.RawValue(gateway.TextValue("warm")); gateway.CodeOf(err) != gateway.Invalid {
		t.Errorf("a text for a number: %v", err)
	}
	plain := gateway.Point{Type: gateway.Uint64}
	if raw, err := plain.RawValue(gateway.UintValue(math.MaxUint64)); err != nil || raw != gateway.UintValue(math.MaxUint64) {
		t.Errorf("without scale all digits are kept: %s, %v", raw, err)
	}
}

func TestValueAndQualityAgree(t *testing.T) {
	p := gateway.Point{Type: gateway.Float32}
	bad := p.EngineeringReading(gateway.Reading{Value: gateway.FloatValue(3), Quality: gateway.Bad, Reason: "no answer"})
	if !bad.Value.IsNull() {
		t.Errorf("a bad reading has the value %s", bad.Value)
	}
	empty := p.EngineeringReading(gateway.Reading{Value: gateway.FloatValue(math.NaN()), Quality: gateway.Good})
	if empty.Quality != gateway.Bad || empty.Reason == "" {
		t.Errorf("a reading without a value: %+v", empty)
	}
}

func TestMessages(t *testing.T) {
	at := time.Date(2026, 1, 2, 4, 4, 5, 678_900_000, time.FixedZone("CET", 3600))
	key := gateway.PointKey{Device: "plc", Point: "x"}
	reading := gateway.Reading{Point: key, Value: gateway.FloatValue(21.4), Quality: gateway.Good, Time: at, Number: 1234}
	unknown := gateway.Reading{Point: key, Quality: gateway.Bad, Reason: "no answer", Time: at, Number: 5}
	p := gateway.Point{ID: "x"}

	mapper := p.Mapper("gw", "plc", 7)
	m := mapper.Message(reading)
	if want := `{"v":21.4,"q":"good","t":"2026-01-02T03:04:05.678Z","n":1234}`; string(m.Payload) != want {
		t.Errorf("payload %s, want %s", m.Payload, want)
	}
	if m.Topic != "gw/plc/x" || m.QoS != mqtt.AtLeastOnce || m.Retain {
		t.Errorf("message %+v", m)
	}
	if got := fmt.Sprint(m.Properties.User); got != "[{gateway gw} {run 7} {n 1234}]" {
		t.Errorf("user properties %s", got)
	}
	if m := mapper.Message(unknown); string(m.Payload) != `{"v":null,"q":"bad","t":"2026-01-02T03:04:05.678Z","n":5}` {
		t.Errorf("payload of an unknown value %s", m.Payload)
	}

	qos := 0
	p.Mapping = gateway.Mapping{Topic: "{gateway}/line1/{device}_{point}", Payload: gateway.PayloadPlain, QoS: &qos, Retain: true}
	mapper = p.Mapper("gw", "plc", 7)
	m = mapper.Message(reading)
	if m.Topic != "gw/line1/plc_x" || string(m.Payload) != "21.4" || m.QoS != mqtt.AtMostOnce || !m.Retain {
		t.Errorf("message of a mapping %+v", m)
	}
	if m := mapper.Message(unknown); m != nil {
		t.Errorf("a plain payload has no word for an unknown value, got %s", m.Payload)
	}
}

// TestRetainedCopiesComeBackUncertain with their own value and time; what was bad stays bad.
func TestRetainedCopiesComeBackUncertain(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	good := gateway.Reading{Value: gateway.IntValue(7), Quality: gateway.Good, Time: at, Number: 3}
	bad := gateway.Reading{Quality: gateway.Bad, Time: at, Number: 4}
	for _, test := range []struct {
		name    string
		mapping gateway.Mapping
		reading gateway.Reading
		want    string
	}{
		{"good", gateway.Mapping{Retain: true}, good, `{"v":7,"q":"uncertain","t":"2026-01-02T03:04:05.000Z","n":3}`},
		{"bad", gateway.Mapping{Retain: true}, bad, `{"v":null,"q":"bad","t":"2026-01-02T03:04:05.000Z","n":4}`},
		{"plain", gateway.Mapping{Retain: true, Payload: gateway.PayloadPlain}, good, `7`},
		{"not retained", gateway.Mapping{}, good, ``},
	} {
		p := gateway.Point{ID: "x", Mapping: test.mapping}
		m := p.Mapper("gw", "", 1).Message(test.reading)
		if string(m.AfterRestart) != test.want || m.IsRetainedReading() != test.mapping.Retain {
			t.Errorf("%s: comes back as %s, want %s", test.name, m.AfterRestart, test.want)
		}
	}
}

func TestDeviceStateMessage(t *testing.T) {
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := gateway.DeviceStatus{ID: "plc"}.With(gateway.StateDown, "no answer", since)
	s = s.With(gateway.StateDown, "still no answer", since.Add(time.Hour))
	m := s.Message("gw")
	want := `{"state":"down","reason":"still no answer","since":"2026-01-02T03:04:05.000Z"}`
	if m.Topic != "gw/plc/state" || string(m.Payload) != want || !m.Retain || m.QoS != mqtt.AtLeastOnce {
		t.Errorf("%+v %s", m, m.Payload)
	}
}

func TestASecretNeverLeaks(t *testing.T) {
	const word = "geheim-4711"
	b := gateway.Bridge{ID: "cloud", Password: word}
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("bridge", "bridge", b, "password", b.Password)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("bridge", "bridge", b, "password", b.Password)
	for how, text := range map[string]string{
		"json": string(data), "%v": fmt.Sprintf("%v", b), "%+v": fmt.Sprintf("%+v", b), "%#v": fmt.Sprintf("%#v", b),
		"%s": fmt.Sprintf("password %s", b.Password), "%q": fmt.Sprintf("%q", b.Password), "pointer": fmt.Sprintf("%+v", &b), "log": log.String(),
	} {
		if strings.Contains(text, word) {
			t.Errorf("%s shows the secret: %s", how, text)
		}
	}
	if b.Password.Reveal() != word || gateway.Secret("").String() != "" {
		t.Error("Reveal gives the secret, and an empty one stays empty")
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{`"500ms"`: 500 * time.Millisecond, `"1m30s"`: 90 * time.Second, `""`: 0} {
		var d gateway.Duration
		if err := json.Unmarshal([]byte(text), &d); err != nil || time.Duration(d) != want {
			t.Errorf("%s: %s, %v", text, d, err)
		}
	}
	for _, text := range []string{`5`, `"5"`, `"soon"`} {
		if err := json.Unmarshal([]byte(text), new(gateway.Duration)); err == nil {
			t.Errorf("%s was taken for a duration", text)
		}
	}
	if data, err := json.Marshal(gateway.Duration(90 * time.Second)); err != nil || string(data) != `"1m30s"` {
		t.Errorf("%s, %v", data, err)
	}
}

func TestBackoffStaysWithinItsBounds(t *testing.T) {
	b := gateway.Backoff{Min: 200 * time.Millisecond, Max: 30 * time.Second}
	for range 3 {
		step := b.Min
		for i := range 20 {
			if wait := b.Next(); wait < step/2 || wait > step {
				t.Fatalf("wait %d is %s, want %s to %s", i, wait, step/2, step)
			}
			step = min(2*step, b.Max)
		}
		b.Reset()
	}
}

func TestErrorsCarryCodeFieldAndCause(t *testing.T) {
	cause := gateway.Errorf(gateway.Unavailable, "cable is out")
	err := fmt.Errorf("apply: %w", gateway.FieldErrorf("devices[0].unit", "wrong: %w", cause))
	if gateway.CodeOf(err) != gateway.Invalid || err.Error() != "apply: devices[0].unit: wrong: cable is out" {
		t.Errorf("%v, %s", err, gateway.CodeOf(err))
	}
	if gateway.CodeOf(fmt.Errorf("internal")) != "" || gateway.CodeOf(nil) != "" {
		t.Error("other errors have no code")
	}
}
