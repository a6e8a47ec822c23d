package line

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Protocol is what is spoken on a wire; the first part of the URL's scheme.
type Protocol string

// The protocols.
const (
	// ModbusTCP is Modbus with an MBAP header; only over TCP.
	ModbusTCP Protocol = "tcp"
	// ModbusRTU is binary Modbus with a CRC, over a serial port or (rtu+tcp) through a serial server.
	ModbusRTU Protocol = "rtu"
	// ModbusASCII is Modbus in hexadecimal lines with an LRC, over a serial port or (ascii+tcp) a serial server.
	ModbusASCII Protocol = "ascii"
	// Lines are devices that send lines of text by themselves, over a serial port or (line+tcp) a serial server.
	Lines Protocol = "line"
)

// Parity is the parity bit of a character.
type Parity byte

// The parities.
const (
	NoParity   Parity = 'N'
	EvenParity Parity = 'E'
	OddParity  Parity = 'O'
)

// Address is the URL of a connection, taken apart. Either Host or Path is set.
type Address struct {
	Protocol Protocol
	// Host is host:port of a TCP connection.
	Host string
	// Path is the device file of a serial port.
	Path string
	// Baud is the speed in bits per second; DataBits is 7 or 8, StopBits 1 or 2.
	Baud     int
	Parity   Parity
	DataBits int
	StopBits int
}

// Parse takes the URL of a connection apart. What it does not know it refuses, with a gateway.Error on field "url".
func Parse(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, urlErrorf("%q is not an address: use tcp://host:502 or rtu:///dev/ttyUSB0?baud=9600", text)
	}
	name, overTCP := strings.CutSuffix(u.Scheme, "+tcp")
	a := Address{Protocol: Protocol(name)}
	known := []Protocol{ModbusRTU, ModbusASCII, Lines}
	switch {
	case a.Protocol == ModbusTCP && !overTCP:
		return a, a.parseHost(u, "502")
	case !slices.Contains(known, a.Protocol):
		return a, urlErrorf("there is no kind of connection %q: use tcp, rtu, rtu+tcp, ascii, ascii+tcp, line or line+tcp", u.Scheme)
	case overTCP:
		return a, a.parseHost(u, "")
	}
	return a, a.parsePort(u)
}

func urlErrorf(format string, args ...any) error { return gateway.FieldErrorf("url", format, args...) }

func (a *Address) parseHost(u *url.URL, defaultPort string) error {
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	number, err := strconv.ParseUint(port, 10, 16)
	switch {
	case u.Hostname() == "":
		return urlErrorf("the address of the device is missing: use %s://192.168.0.10:%s", u.Scheme, cmp.Or(port, "4001"))
	case port == "":
		return urlErrorf("the port is missing: use %s://%s:4001", u.Scheme, u.Hostname())
	case err != nil || number == 0:
		return urlErrorf("port %q is not between 1 and 65535", port)
	case u.Path != "" && u.Path != "/":
		return urlErrorf("%q after the port means nothing here", u.Path)
	case u.User != nil:
		return urlErrorf("a user name means nothing here")
	}
	for name := range u.Query() {
		return urlErrorf("%q means nothing for a network connection", name)
	}
	a.Host = net.JoinHostPort(u.Hostname(), port)
	return nil
}

func (a *Address) parsePort(u *url.URL) error {
	if u.Host != "" || !path.IsAbs(u.Path) || u.User != nil {
		return urlErrorf("a serial port is written with three slashes: %s:///dev/ttyUSB0?baud=9600", u.Scheme)
	}
	if clean := path.Clean(u.Path); !strings.HasPrefix(clean, "/") || clean == "/" {
		return urlErrorf("the device file is missing: use %s:///dev/ttyUSB0?baud=9600", u.Scheme)
	}
	a.Path, a.Baud, a.Parity, a.DataBits, a.StopBits = path.Clean(u.Path), 9600, NoParity, 8, 1
	if a.Protocol == ModbusASCII {
		a.Parity, a.DataBits = EvenParity, 7
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return urlErrorf("%q is not readable: use ?baud=9600&parity=N&data=8&stop=1", u.RawQuery)
	}
	for name, values := range query {
		if len(values) != 1 {
			return urlErrorf("%q is there %d times", name, len(values))
		}
		if err := a.parameter(name, values[0]); err != nil {
			return err
		}
	}
	if a.Protocol == ModbusRTU && a.DataBits != 8 {
		return urlErrorf("Modbus RTU needs 8 data bits")
	}
	return nil
}

func (a *Address) parameter(name, text string) error {
	number, err := strconv.Atoi(text)
	whole := func(low, high int) bool { return err == nil && number >= low && number <= high }
	switch name {
	case "baud":
		if !whole(50, 4_000_000) {
			return urlErrorf("baud %q is not between 50 and 4000000", text)
		}
		a.Baud = number
	case "parity":
		if text != "N" && text != "E" && text != "O" {
			return urlErrorf("parity %q is not N, E or O", text)
		}
		a.Parity = Parity(text[0])
	case "data":
		if !whole(7, 8) {
			return urlErrorf("%q data bits are not 7 or 8", text)
		}
		a.DataBits = number
	case "stop":
		if !whole(1, 2) {
			return urlErrorf("%q stop bits are not 1 or 2", text)
		}
		a.StopBits = number
	default:
		return urlErrorf("there is no parameter %q: a serial port has baud, parity, data and stop", name)
	}
	return nil
}

// Serial reports whether the wire is a serial port of this machine.
func (a Address) Serial() bool { return a.Path != "" }

// CharTime is how long one character is on a serial port; 0 over TCP.
func (a Address) CharTime() time.Duration {
	if !a.Serial() {
		return 0
	}
	bits := 1 + a.DataBits + a.StopBits
	if a.Parity != NoParity {
		bits++
	}
	return time.Duration(bits) * time.Second / time.Duration(a.Baud)
}

// Open opens the wire. The error is a gateway.Error of code Unavailable that says what to do.
func (a Address) Open(ctx context.Context) (Line, error) {
	if a.Serial() {
		return openSerial(a)
	}
	return openTCP(ctx, a.Host)
}
