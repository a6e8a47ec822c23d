package drivers_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/gateway"
)

func config() gateway.Config {
	return gateway.Config{
		Connections: []gateway.Connection{
			{ID: "net", URL: "tcp://10.0.0.5:502"}, {ID: "bus", URL: "rtu:///dev/ttyUSB0?baud=19200"}, {ID: "scale", URL: "line:///dev/ttyUSB1"},
		},
		Devices: []gateway.Device{
			{ID: "plc", Connection: "net", Unit: 0, Points: []gateway.Point{{ID: "a", Address: "40001", Type: gateway.Uint16}}},
			{ID: "meter", Connection: "bus", Unit: 247, Points: []gateway.Point{{ID: "a", Address: "input:2", Type: gateway.Float32}}},
			{ID: "scale", Connection: "scale", Points: []gateway.Point{{ID: "w", Address: "field:3", Type: gateway.Float64}}},
		},
	}
}

func TestValidate(t *testing.T) {
	if err := drivers.Validate(config()); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*gateway.Config){
		"connections[1].url": func(c *gateway.Config) {
			c.Connections[0].URL, c.Connections[1].URL = "tcp+listen://:9000?id=pump", "rtu+listen://:9000?id=pump1"
		},
		"connections[2].proxy": func(c *gateway.Config) { c.Connections[2].Proxy.Address = ":1502" },
		"connections[1].proxy.address": func(c *gateway.Config) {
			c.Connections[0].Proxy.Address, c.Connections[1].Proxy.Address = ":1502", ":1502"
		},
		"connections[0].tls":            func(c *gateway.Config) { c.Connections[0].TLS.ServerName = "plc" },
		"connections[0].url":            func(c *gateway.Config) { c.Connections[0].URL = "tcp://10.0.0.5:502?baud=1" },
		"connections[2].url":            func(c *gateway.Config) { c.Connections[2].URL = "rtu:///dev/ttyUSB0" },
		"devices[0].unit":               func(c *gateway.Config) { c.Devices[0].Unit = 256 },
		"devices[1].unit":               func(c *gateway.Config) { c.Devices[1].Unit = 248 },
		"devices[0].points[0].address":  func(c *gateway.Config) { c.Devices[0].Points[0].Address = "field:3" },
		"devices[1].points[0].address":  func(c *gateway.Config) { c.Devices[1].Points[0].Address = "input:65535" },
		"devices[2].points[0].address":  func(c *gateway.Config) { c.Devices[2].Points[0].Address = "holding:1" },
		"devices[1].points[0].type":     func(c *gateway.Config) { c.Devices[1].Points[0].Address = "coil:1" },
		"devices[1].points[0].writable": func(c *gateway.Config) { c.Devices[1].Points[0].Writable = true },
	} {
		c := config()
		spoil(&c)
		e, is := errors.AsType[*gateway.Error](drivers.Validate(c))
		if !is || e.Code != gateway.Invalid || e.Field != field {
			t.Errorf("want an error on %s, got %v", field, e)
		}
	}
}

// A connection that is switched off may name the port of another one.
func TestValidateDisabledConnection(t *testing.T) {
	c := config()
	c.Connections[2].URL, c.Connections[2].Disabled = "line:///dev/ttyUSB0", true
	if err := drivers.Validate(c); err != nil {
		t.Error(err)
	}
}

func TestOpen(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for scheme, streams := range map[string]bool{"tcp": false, "rtu+tcp": false, "ascii+tcp": false, "line+tcp": true} {
		d, err := drivers.Open(t.Context(), gateway.Connection{URL: scheme + "://" + listener.Addr().String()})
		if err != nil {
			t.Fatal(err)
		}
		if _, is := d.(gateway.Streamer); is != streams {
			t.Errorf("%s: a streamer: %t", scheme, is)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	for url, code := range map[string]gateway.Code{
		"http://host": gateway.Invalid, "rtu:///dev/ttyNOTTHERE": gateway.Unavailable, "line:///dev/ttyNOTTHERE": gateway.Unavailable,
	} {
		if d, err := drivers.Open(t.Context(), gateway.Connection{URL: url}); d != nil || gateway.CodeOf(err) != code {
			t.Errorf("%s: %v, %v", url, d, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	if c := drivers.Defaults(gateway.Connection{}); c.Timeout != gateway.DefaultTimeout {
		t.Errorf("%+v", c)
	}
	if c := drivers.Defaults(gateway.Connection{Timeout: gateway.Duration(time.Minute)}); c.Timeout != gateway.Duration(time.Minute) {
		t.Errorf("%+v", c)
	}
}
