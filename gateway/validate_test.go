package gateway_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func validConfig() gateway.Config {
	return gateway.Config{
		Name: "gw", ScanClasses: gateway.DefaultScanClasses(),
		Connections: []gateway.Connection{{ID: "wire", URL: "tcp://10.0.0.5:502"}},
		Devices: []gateway.Device{{
			ID: "plc", Connection: "wire", Unit: 1, ScanClass: "normal",
			Points: []gateway.Point{
				{ID: "a", Address: "holding:0", Type: gateway.Float32, ByteOrder: "CDAB"},
				{ID: "b", Address: "holding:2", Type: gateway.String, Length: 10, ScanClass: "slow"},
			},
		}},
		Bridges: []gateway.Bridge{{
			ID: "cloud", URL: "mqtts://cloud:8883", Version: 5, KeepAlive: gateway.Duration(30 * time.Second),
			Routes: []gateway.Route{
				{Direction: gateway.Out, Filter: "gw/#", Prefix: "site1", QoS: 1},
				{Direction: gateway.In, Filter: "$share/g/cmd/+"},
			},
		}},
	}
}

func TestAValidConfigurationIsAccepted(t *testing.T) {
	c := validConfig()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateNamesTheWrongField(t *testing.T) {
	minus, three := -1, 3
	for field, breakIt := range map[string]func(*gateway.Config){
		"name":                                 func(c *gateway.Config) { c.Name = "a/b" },
		"scanClasses[0].interval":              func(c *gateway.Config) { c.ScanClasses[0].Interval = gateway.Duration(time.Millisecond) },
		"scanClasses[2].id":                    func(c *gateway.Config) { c.ScanClasses[2].ID = "fast" },
		"connections[0].url":                   func(c *gateway.Config) { c.Connections[0].URL = "10.0.0.5" },
		"connections[0].timeout":               func(c *gateway.Config) { c.Connections[0].Timeout = gateway.Duration(2 * time.Minute) },
		"connections[0].id":                    func(c *gateway.Config) { c.Connections[0].ID = "-x"; c.Devices = nil },
		"devices[0].connection":                func(c *gateway.Config) { c.Devices[0].Connection = "none" },
		"devices[0].unit":                      func(c *gateway.Config) { c.Devices[0].Unit = 256 },
		"devices[0].scanClass":                 func(c *gateway.Config) { c.Devices[0].ScanClass = "none" },
		"devices[1].id":                        func(c *gateway.Config) { c.Devices = append(c.Devices, c.Devices[0]) },
		"devices[0].points[0].address":         func(c *gateway.Config) { c.Devices[0].Points[0].Address = "" },
		"devices[0].points[0].type":            func(c *gateway.Config) { c.Devices[0].Points[0].Type = "int17" },
		"devices[0].points[1].length":          func(c *gateway.Config) { c.Devices[0].Points[1].Length = 0 },
		"devices[0].points[0].decimals":        func(c *gateway.Config) { c.Devices[0].Points[0].Decimals = &minus },
		"devices[0].points[1].scanClass":       func(c *gateway.Config) { c.Devices[0].Points[1].ScanClass = "none" },
		"devices[0].points[0].mapping.qos":     func(c *gateway.Config) { c.Devices[0].Points[0].Mapping.QoS = &three },
		"devices[0].points[0].mapping.payload": func(c *gateway.Config) { c.Devices[0].Points[0].Mapping.Payload = "xml" },
		"devices[0].points[0].byteOrder":       func(c *gateway.Config) { c.Devices[0].Points[0].ByteOrder = "ABCC" },
		"devices[0].points[0].decoding.encoding": func(c *gateway.Config) {
			c.Devices[0].Points[0].Decoding.Encoding = gateway.BCD
		},
		"devices[0].points[0].decoding.bits": func(c *gateway.Config) {
			c.Devices[0].Points[0] = gateway.Point{ID: "a", Address: "holding:0", Type: gateway.Uint32, Decoding: gateway.Decoding{Bits: "8-0,31-8"}}
		},
		"devices[0].points[0].decoding.inverted":  func(c *gateway.Config) { c.Devices[0].Points[0].Decoding.Inverted = true },
		"devices[0].points[0].decoding.invalid":   func(c *gateway.Config) { c.Devices[0].Points[0].Decoding.Invalid = "0xFFFF" },
		"devices[0].points[1].decoding.scaleFrom": func(c *gateway.Config) { c.Devices[0].Points[1].Decoding.ScaleFrom = "holding:9" },
		"connections[0].staleAfter":               func(c *gateway.Config) { c.Connections[0].StaleAfter = 1 },
		"connections[0].quirks.pauseAfterConnect": func(c *gateway.Config) { c.Connections[0].Quirks.PauseAfterConnect = gateway.Duration(time.Minute) },
		"devices[0].points[0].count":              func(c *gateway.Config) { c.Devices[0].Points[0].Count = 126 },
		"devices[0].points[1].count": func(c *gateway.Config) {
			c.Devices[0].Points[1] = gateway.Point{ID: "b", Address: "holding:0", Type: gateway.String, Length: 2, Count: 2}
		},
		"devices[0].points[0].decoding.blanks": func(c *gateway.Config) {
			c.Devices[0].Points[0] = gateway.Point{
				ID: "a", Address: "holding:0", Type: gateway.String, Length: 4, Decoding: gateway.Decoding{Encoding: gateway.IP, Blanks: true},
			}
		},
		"devices[0].quirks.maxRegisters": func(c *gateway.Config) { c.Devices[0].Quirks.MaxRegisters = 126 },
		"devices[0].quirks.maxBits":      func(c *gateway.Config) { c.Devices[0].Quirks.MaxBits = 2001 },
		"devices[0].quirks.readFunction": func(c *gateway.Config) { c.Devices[0].Quirks.ReadFunction = 2 },
		"devices[0].quirks.addressBase":  func(c *gateway.Config) { c.Devices[0].Quirks.AddressBase = 2 },
		"devices[0].quirks.pause":        func(c *gateway.Config) { c.Devices[0].Quirks.Pause = -1 },
		"devices[0].points[0].limits.max": func(c *gateway.Config) {
			c.Devices[0].Points[0].Limits = gateway.Limits{Min: new(2.0), Max: new(1.0)}
		},
		"devices[0].points[1].limits":     func(c *gateway.Config) { c.Devices[0].Points[1].Limits.Max = new(1.0) },
		"devices[0].points[0].limits.bad": func(c *gateway.Config) { c.Devices[0].Points[0].Limits.Bad = true },
		"devices[0].points[0].enum":       func(c *gateway.Config) { c.Devices[0].Points[0].Enum = "0=off" },
		"devices[0].points[0].publish.onChange": func(c *gateway.Config) {
			c.Devices[0].Points[0].Publish.Deadband = 1
		},
		"devices[0].points[0].publish.deadband": func(c *gateway.Config) {
			c.Devices[0].Points[0].Publish = gateway.Publishing{OnChange: true, Deadband: -1}
		},
		"devices[0].points[0].publish.deadbandPercent": func(c *gateway.Config) {
			c.Devices[0].Points[0].Publish = gateway.Publishing{OnChange: true, DeadbandPercent: 101}
		},
		"devices[0].points[0].publish.longestSilence": func(c *gateway.Config) {
			c.Devices[0].Points[0].Publish = gateway.Publishing{OnChange: true, LongestSilence: 1}
		},
		"devices[0].points[1].expression": func(c *gateway.Config) {
			c.Devices[0].Points[1] = gateway.Point{ID: "b", Type: gateway.Float64, Expression: "c"}
		},
		"devices[0].points[1].writable": func(c *gateway.Config) {
			c.Devices[0].Points[1] = gateway.Point{ID: "b", Type: gateway.Float64, Expression: "a", Writable: true}
		},
		"devices[0].points[1].id":            func(c *gateway.Config) { c.Devices[0].Points[1].ID = "a" },
		"devices[0].points[1].mapping.topic": func(c *gateway.Config) { c.Devices[0].Points[1].Mapping.Topic = "gw/plc/a" },
		"devices[0].points[0].mapping.topic": func(c *gateway.Config) { c.Devices[0].Points[0].Mapping.Topic = "$SYS/x" },
		"bridges[0].url":                     func(c *gateway.Config) { c.Bridges[0].URL = "http://cloud" },
		"bridges[0].keepAlive":               func(c *gateway.Config) { c.Bridges[0].KeepAlive = gateway.Duration(time.Second) },
		"bridges[0].version":                 func(c *gateway.Config) { c.Bridges[0].Version = 3 },
		"bridges[0].window":                  func(c *gateway.Config) { c.Bridges[0].Window = 40000 },
		"bridges[0].routes[0].direction":     func(c *gateway.Config) { c.Bridges[0].Routes[0].Direction = "up" },
		"bridges[0].routes[0].filter":        func(c *gateway.Config) { c.Bridges[0].Routes[0].Filter = "$share/g/x" },
		"bridges[0].routes[1].filter":        func(c *gateway.Config) { c.Bridges[0].Routes[1].Filter = "a/#/b" },
		"bridges[0].routes[0].qos":           func(c *gateway.Config) { c.Bridges[0].Routes[0].QoS = 3 },
		"bridges[0].routes[0].prefix":        func(c *gateway.Config) { c.Bridges[0].Routes[0].Prefix = "a/+" },
		"bridges[0].routes[0].exclude[1]":    func(c *gateway.Config) { c.Bridges[0].Routes[0].Exclude = []string{"gw/a", "gw/#/b"} },
		"bridges[0].routes[0].topic":         func(c *gateway.Config) { c.Bridges[0].Routes[0].Topic = "both/{topic}" },
		"bridges[0].routes[1].topic":         func(c *gateway.Config) { c.Bridges[0].Routes[1].Topic = "x/{2}" },
		"bridges[0].tls":                     func(c *gateway.Config) { c.Bridges[0].URL = "ws://cloud"; c.Bridges[0].TLS.ALPN = "mqtt" },
		"bridges[0].tls.ca":                  func(c *gateway.Config) { c.Bridges[0].TLS.CA = "no PEM" },
		"bridges[0].tls.key":                 func(c *gateway.Config) { c.Bridges[0].TLS.Certificate = "no key" },
		"bridges[0].tls.certificate":         func(c *gateway.Config) { c.Bridges[0].TLS.Certificate, c.Bridges[0].TLS.Key = "x", "y" },
		"bridges[0].proxy.url":               func(c *gateway.Config) { c.Bridges[0].Proxy.URL = "ftp://proxy" },
		"bridges[0].proxy.username":          func(c *gateway.Config) { c.Bridges[0].Proxy = gateway.BridgeProxy{URL: "http://proxy", Password: "p"} },
		"bridges[0].id":                      func(c *gateway.Config) { c.Bridges[0].ID = "" },
	} {
		t.Run(field, func(t *testing.T) {
			c := validConfig()
			breakIt(&c)
			err := c.Validate()
			e, is := errors.AsType[*gateway.Error](err)
			if !is || e.Code != gateway.Invalid || e.Field != field || e.Message == "" {
				t.Errorf("error %v, want code invalid and field %s", err, field)
			}
		})
	}
}

func TestNoPointMayTakeTheStateOfADevice(t *testing.T) {
	c := validConfig()
	c.Devices[0].Points[0].ID = "state"
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "state of device plc") {
		t.Errorf("error %v", err)
	}
}

func TestBridgeBoundsAreChecked(t *testing.T) {
	for field, change := range map[string]func(*gateway.Bridge){
		"":                         func(b *gateway.Bridge) { b.Storage.MaxAge = gateway.Duration(time.Hour) },
		"storage.maxBytes":         func(b *gateway.Bridge) { b.Storage.MaxBytes = 999_999 },
		"storage.maxAge":           func(b *gateway.Bridge) { b.Storage.MaxAge = gateway.Duration(time.Second) },
		"storage.freeDisk":         func(b *gateway.Bridge) { b.Storage.FreeDisk = -1 },
		"storage.overflow":         func(b *gateway.Bridge) { b.Storage.Overflow = "newest" },
		"storage.thinOut":          func(b *gateway.Bridge) { b.Storage.Overflow = gateway.OverflowThinOut },
		"pace.messagesPerSecond":   func(b *gateway.Bridge) { b.Pace.MessagesPerSecond = -1 },
		"pace.liveShare":           func(b *gateway.Bridge) { b.Pace.LiveShare = 91 },
		"pace.bytesPerSecond":      func(b *gateway.Bridge) { b.Pace.BytesPerSecond = 2_000_000_000 },
		"routes[0].priority":       func(b *gateway.Bridge) { b.Routes[0].Priority = 10 },
		"routes[0].retain":         func(b *gateway.Bridge) { b.Routes[0].Retain = "sometimes" },
		"routes[0].batch.messages": func(b *gateway.Bridge) { b.Routes[0].Batch.Messages = 1 },
		"routes[0].batch.delay":    func(b *gateway.Bridge) { b.Routes[0].Batch.Messages = 10 },
	} {
		b := gateway.Bridge{ID: "cloud", URL: "mqtt://x", Routes: []gateway.Route{{Direction: gateway.Out, Filter: "#"}}}
		change(&b)
		checkBridge(t, b, field)
	}
}

// checkBridge wants a bridge to be refused because of a field; an empty one: not at all.
func checkBridge(t *testing.T, b gateway.Bridge, field string) {
	t.Helper()
	config := gateway.Config{Name: "x", ScanClasses: gateway.DefaultScanClasses(), Bridges: []gateway.Bridge{b}}
	err := config.Validate()
	if e, is := errors.AsType[*gateway.Error](err); field == "" && err != nil || field != "" && (!is || e.Field != "bridges[0]."+field) {
		t.Errorf("%q: %v", field, err)
	}
}
