package line_test

import (
	"errors"
	"net/netip"
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
		"tls://plc.local":          {Protocol: line.ModbusTCP, Carrier: line.TLS, Host: "plc.local:802"},
		"mbaps://10.0.0.5:1802":    {Protocol: line.ModbusTCP, Carrier: line.TLS, Host: "10.0.0.5:1802"},
		"rtu+udp://10.0.0.6:4001":  {Protocol: line.ModbusRTU, Carrier: line.UDP, Host: "10.0.0.6:4001"},
		"rtu+tcp://h:4001?echo=on": {Protocol: line.ModbusRTU, Host: "h:4001", Echo: true},
		"tcp+listen://:9000":       {Protocol: line.ModbusTCP, Carrier: line.Incoming, Host: ":9000"},
		"rtu+listen://10.0.0.1:9000?id=0x0A41&from=10.8.0.7/24": {
			Protocol: line.ModbusRTU, Carrier: line.Incoming, Host: "10.0.0.1:9000",
			Caller: line.Caller{ID: "\nA", From: netip.MustParsePrefix("10.8.0.0/24")},
		},
		"line+listen://:9000?from=10.8.0.7": {
			Protocol: line.Lines, Carrier: line.Incoming, Host: ":9000", Caller: line.Caller{From: netip.MustParsePrefix("10.8.0.7/32")},
		},
		"rtu:///dev/ttyS2?rs485=on&rts_before=1ms&rts_after=2ms&rts_inverted=on&echo=on&low_latency=on": {
			Protocol: line.ModbusRTU, Path: "/dev/ttyS2", Baud: 9600, Parity: line.NoParity, DataBits: 8, StopBits: 1, Echo: true, LowLatency: true,
			RS485: line.RS485{On: true, Before: time.Millisecond, After: 2 * time.Millisecond, Inverted: true},
		},
		"line:///dev/ttyUSB0?dialogue=sdi-12": {
			Protocol: line.Lines, Path: "/dev/ttyUSB0", Baud: 1200, Parity: line.EvenParity, DataBits: 7, StopBits: 1,
			Talk: line.Talk{Kind: line.TalkSDI12},
		},
		"line:///dev/ttyUSB0?dialogue=iec62056-21&parity=N&data=8": {
			Protocol: line.Lines, Path: "/dev/ttyUSB0", Baud: 300, Parity: line.NoParity, DataBits: 8, StopBits: 1, Talk: line.Talk{Kind: line.TalkIEC},
		},
		"line:///dev/ttyUSB0?telegram=p1": {
			Protocol: line.Lines, Path: "/dev/ttyUSB0", Baud: 115200, Parity: line.NoParity, DataBits: 8, StopBits: 1, Talk: line.Talk{Kind: line.TalkP1},
		},
		"line+tcp://server:4001?request=SI%0D%0A": {
			Protocol: line.Lines, Host: "server:4001", Talk: line.Talk{Kind: line.TalkRequest, Request: "SI\r\n"},
		},
		"line+tcp://server:4001": {Protocol: line.Lines, Host: "server:4001"},
		"rtu:///dev/ttyUSB0":     {Protocol: line.ModbusRTU, Path: "/dev/ttyUSB0", Baud: 9600, Parity: line.NoParity, DataBits: 8, StopBits: 1},
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
		"tls://", "tls://host:802?echo=on", "rtu+tls://host:1", "tcp+udp://host:1", "ascii+udp://host:1", "rtu+udp://host", "tcp://host?echo=on",
		"rtu+tcp://h:1?echo=yes", "rtu+tcp://h:1?id=a", "line:///dev/ttyS2?echo=on", "rtu+listen://", "rtu+listen://:0", "rtu+listen://name:9000",
		"rtu+listen://:9000?id=", "rtu+listen://:9000?id=0xA", "rtu+listen://:9000?from=here", "rtu+listen://:9000?to=1", "rtu:///dev/ttyS2?rts_before=1ms",
		"rtu:///dev/ttyS2?rs485=on&rts_after=101ms", "rtu:///dev/ttyS2?rs485=on&rts_after=500us", "rtu:///dev/ttyS2?rs485=1", "rtu:///dev/ttyS2?low_latency=1",
		"rtu+listen://:9000?id=0123456789012345678901234567890123456789012345678901234567890123456789",
		"rtu:///dev/ttyUSB0?telegram=p1", "line:///dev/ttyUSB0?telegram=p2", "line:///dev/ttyUSB0?telegram=sdi-12", "line+tcp://h:1?dialogue=sdi-12",
		"line:///dev/ttyUSB0?telegram=p1&request=a", "line:///dev/ttyUSB0?request=", "tcp://h:502?request=a", "line:///dev/ttyUSB0?telegram=p1&dialogue=sdi-12",
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
