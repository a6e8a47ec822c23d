package modbus_test

import (
	"errors"
	"testing"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"holding:100": "holding:100", "holding:0x64": "holding:100", "input:0": "input:0", "coil:65535": "coil:65535",
		"discrete:7": "discrete:7", "holding:100.3": "holding:100.3", "input:1.15": "input:1.15",
		"40101": "holding:100", "400101": "holding:100", "465536": "holding:65535", "30001": "input:0", "10001": "discrete:0",
		"00001": "coil:0", "000001": "coil:0", "49999": "holding:9998", "40101.0": "holding:100.0",
	} {
		a, err := modbus.ParseAddress(text)
		if err != nil || a.String() != want {
			t.Errorf("%q: %s, %v, want %s", text, a, err, want)
		}
		if again, err := modbus.ParseAddress(a.String()); err != nil || again != a {
			t.Errorf("%s does not read back: %v, %v", a, again, err)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	for _, text := range []string{
		"", "holding", "holding:", "holding:65536", "holding:-1", "holding:+1", "holding:1_0", "holding:0x", "register:1", "Holding:1",
		"40000", "400000", "465537", "20001", "50001", "4000001", "4001", "coil:1.0", "holding:1.16", "holding:1.", "holding:1.x", "4010a",
	} {
		_, err := modbus.ParseAddress(text)
		e, is := errors.AsType[*gateway.Error](err)
		if !is || e.Code != gateway.Invalid || e.Field != "address" {
			t.Errorf("%q: %v, want Invalid on address", text, err)
		}
	}
}

func TestCheckPoint(t *testing.T) {
	for _, c := range []struct {
		point gateway.Point
		field string
	}{
		{gateway.Point{Address: "holding:65532", Type: gateway.Float64}, ""},
		{gateway.Point{Address: "holding:65533", Type: gateway.Float64}, "address"},
		{gateway.Point{Address: "holding:65535", Type: gateway.Uint32}, "address"},
		{gateway.Point{Address: "holding:0", Type: gateway.String, Length: 250}, ""},
		{gateway.Point{Address: "holding:0", Type: gateway.String, Length: 250, Writable: true}, "writable"},
		{gateway.Point{Address: "holding:0", Type: gateway.String}, "type"},
		{gateway.Point{Address: "coil:0", Type: gateway.Uint16}, "type"},
		{gateway.Point{Address: "holding:0.1", Type: gateway.Uint16}, "type"},
		{gateway.Point{Address: "input:0", Type: gateway.Uint16, Writable: true}, "writable"},
		{gateway.Point{Address: "discrete:0", Type: gateway.Bool, Writable: true}, "writable"},
		{gateway.Point{Address: "field:1", Type: gateway.Uint16}, "address"},
	} {
		err := modbus.Check(gateway.DeviceQuirks{}, c.point)
		e, _ := errors.AsType[*gateway.Error](err)
		if (err == nil) != (c.field == "") || e != nil && e.Field != c.field {
			t.Errorf("%+v: %v, want an error on %q", c.point, err, c.field)
		}
	}
}

func TestCheckUnit(t *testing.T) {
	for url, units := range map[string]map[int]bool{
		"tcp://host:502":       {0: true, 255: true, 256: false, -1: false},
		"rtu:///dev/ttyUSB0":   {0: false, 1: true, 247: true, 248: false},
		"rtu+tcp://host:4001":  {0: false, 247: true, 255: false},
		"ascii:///dev/ttyUSB0": {0: false, 1: true},
	} {
		address, err := line.Parse(url)
		if err != nil {
			t.Fatal(err)
		}
		for unit, good := range units {
			if err := modbus.CheckUnit(address, unit); (err == nil) != good {
				t.Errorf("%s unit %d: %v", url, unit, err)
			}
		}
	}
}
