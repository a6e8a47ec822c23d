package line_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

func TestParse(t *testing.T) {
	for url, want := range map[string]line.Address{
		"tcp://10.0.0.5:502":       {Protocol: line.ModbusTCP, Host: "10.0.0.5:502"},
		"tcp://plc.local":          {Protocol: line.ModbusTCP, Host: "plc.local:502"},
		"tcp://[::1]:1502":         {Protocol: line.ModbusTCP, Host: "[::1]:1502"},
		"rtu+tcp://10.0.0.6:4001":  {Protocol: line.ModbusRTU, Host: "10.0.0.6:4001"},
		"ascii+tcp://server:4001/": {Protocol: line.ModbusASCII, Host: "server:4001"},
		"line+tcp://server:4001":   {Protocol: line.Lines, Host: "server:4001"},
		"rtu:///dev/ttyUSB0":       {Protocol: line.ModbusRTU, Path: "/dev/ttyUSB0", Baud: 9600, Parity: line.NoParity, DataBits: 8, StopBits: 1},
		"rtu:///dev/serial/by-id/usb-FTDI_A-if00-port0?baud=19200&parity=E&data=8&stop=2": {
			Protocol: line.ModbusRTU, Path: "/dev/serial/by-id/usb-FTDI_A-if00-port0", Baud: 19200, Parity: line.EvenParity, DataBits: 8, StopBits: 2,
		},
		"ascii:///dev/ttyS1":                    {Protocol: line.ModbusASCII, Path: "/dev/ttyS1", Baud: 9600, Parity: line.EvenParity, DataBits: 7, StopBits: 1},
		"line:///dev/ttyACM0?parity=O&data=7":   {Protocol: line.Lines, Path: "/dev/ttyACM0", Baud: 9600, Parity: line.OddParity, DataBits: 7, StopBits: 1},
		"rtu:///dev/../dev/./ttyUSB0?baud=1200": {Protocol: line.ModbusRTU, Path: "/dev/ttyUSB0", Baud: 1200, Parity: line.NoParity, DataBits: 8, StopBits: 1},
	} {
		if got, err := line.Parse(url); err != nil || got != want {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, url := range []string{
		"", "tcp://", "tcp://:502", "tcp://host:0", "tcp://host:65536", "tcp://host:502/path", "tcp://user@host:502", "tcp://host:502?baud=9600",
		"tcp+tcp://host:1", "http://host", "rtu+tcp://host", "host:502", "/dev/ttyUSB0", "rtu://dev/ttyUSB0", "rtu:dev/ttyUSB0", "rtu:///", "rtu://",
		"rtu:///dev/ttyUSB0?baud=0", "rtu:///dev/ttyUSB0?baud=fast", "rtu:///dev/ttyUSB0?baud=-1", "rtu:///dev/ttyUSB0?parity=X", "rtu:///dev/ttyUSB0?parity=e",
		"rtu:///dev/ttyUSB0?data=7", "line:///dev/ttyUSB0?data=9", "rtu:///dev/ttyUSB0?stop=3", "rtu:///dev/ttyUSB0?speed=9600",
		"rtu:///dev/ttyUSB0?baud=9600&baud=19200", "rtu:///dev/ttyUSB0?%zz", "://",
	} {
		_, err := line.Parse(url)
		e, is := errors.AsType[*gateway.Error](err)
		if !is || e.Code != gateway.Invalid || e.Field != "url" || e.Message == "" {
			t.Errorf("%q: %v, want Invalid on url", url, err)
		}
	}
}

func TestCharTime(t *testing.T) {
	for url, want := range map[string]time.Duration{
		"rtu:///dev/a?baud=9600":          10 * time.Second / 9600,
		"rtu:///dev/a?baud=9600&parity=E": 11 * time.Second / 9600,
		"rtu:///dev/a?baud=1200&stop=2":   11 * time.Second / 1200,
		"ascii:///dev/a?baud=9600":        10 * time.Second / 9600,
		"rtu+tcp://host:4001":             0,
	} {
		a, err := line.Parse(url)
		if err != nil || a.CharTime() != want {
			t.Errorf("%s: %s, %v, want %s", url, a.CharTime(), err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("tcp://host:502")
	f.Add("rtu:///dev/ttyUSB0?baud=9600&parity=E&data=8&stop=2")
	f.Fuzz(func(t *testing.T, url string) {
		a, err := line.Parse(url)
		if err == nil && (a.Host == "") == (a.Path == "") {
			t.Errorf("%q is neither or both: %+v", url, a)
		}
		if err != nil && gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%q: %v", url, err)
		}
	})
}
