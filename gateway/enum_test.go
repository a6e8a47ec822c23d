package gateway_test

import (
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

func TestEnums(t *testing.T) {
	const one, flags = "0=off; 1=on; -1=fault", "bit0=ready; bit3=fault; bit15=remote; *=none"
	for _, c := range []struct {
		enum  gateway.Enum
		value gateway.Value
		text  string
	}{
		{one, gateway.IntValue(0), "off"},
		{one, gateway.BoolValue(true), "on"},
		{one, gateway.IntValue(-1), "fault"},
		{one, gateway.IntValue(7), "7"},
		{flags, gateway.UintValue(9), "ready, fault"},
		{flags, gateway.UintValue(0x8000), "remote"},
		{flags, gateway.UintValue(0), "none"},
	} {
		text := c.enum.Text(c.value)
		if text != gateway.TextValue(c.text) {
			t.Errorf("%s in %q: %s, want %s", c.value, c.enum, text, c.text)
		}
		back, err := c.enum.Number(text)
		whole, _ := c.value.Whole()
		if got, _ := back.Whole(); err != nil || got != whole {
			t.Errorf("%s in %q: %s, %v, want %s", text, c.enum, back, err, c.value)
		}
	}
	if v := gateway.Enum("*=some").Text(gateway.IntValue(5)); v != gateway.TextValue("some") {
		t.Errorf("the text for all others: %s", v)
	}
	for _, enum := range []gateway.Enum{one, flags} {
		if v, err := enum.Number(gateway.TextValue("ready, no")); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%q takes an unknown text: %s, %v", enum, v, err)
		}
	}
	if v := gateway.Enum(one).Text(gateway.Value{}); !v.IsNull() {
		t.Errorf("null became %s", v)
	}
}
