package line

import (
	"context"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Protocol is what is spoken on a wire; the first part of the URL's scheme.
type Protocol string

// The protocols.
const (
	// ModbusTCP is Modbus with an MBAP header; over TCP or TLS.
	ModbusTCP Protocol = "tcp"
	// ModbusRTU is binary Modbus with a CRC, over a serial port or through a serial server (rtu+tcp, rtu+udp).
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

// Carrier is what a network connection goes over.
type Carrier string

// The carriers.
const (
	// TCP is called by us.
	TCP Carrier = ""
	// TLS is Modbus/TCP Security: TLS 1.2 or later, usually with a certificate of our own.
	TLS Carrier = "tls"
	// UDP is one frame in each datagram; only for Modbus RTU.
	UDP Carrier = "udp"
	// Incoming is TCP, called by the device; see Doors.
	Incoming Carrier = "listen"
)

// Address is the URL of a connection, taken apart. Either Host or Path is set.
type Address struct {
	Protocol Protocol
	// Carrier is for connections with a Host.
	Carrier Carrier
	// Host is host:port of a network connection; where we listen when it is incoming.
	Host string
	// Caller is how an incoming connection is told from others.
	Caller Caller
	// Path is the device file of a serial port.
	Path string
	// Baud is the speed in bits per second; DataBits is 7 or 8, StopBits 1 or 2.
	Baud     int
	Parity   Parity
	DataBits int
	StopBits int
	// Echo says that everything that is sent comes back, as half-duplex adapters do it.
	Echo bool
	// RS485 lets the driver of the port switch the direction of a transceiver.
	RS485 RS485
	// LowLatency asks the driver of the port to deliver at once what it receives. It is a hint: not every driver can.
	LowLatency bool
	// Talk is how devices speak that are no Modbus devices; only with Lines.
	Talk Talk
	// Security is what a TLS connection needs to know; see Of.
	Security gateway.ConnectionTLS
	// Trace records what goes over the wire; nil for nobody.
	Trace *Trace
}

// RS485 is the direction of a half-duplex transceiver, switched by the kernel with the RTS line.
type RS485 struct {
	On bool
	// Before and After are how long the transceiver gets around each frame, 0 to 100 ms in whole milliseconds.
	Before, After time.Duration
	// Inverted says that RTS is low while sending.
	Inverted bool
}

// Of takes the URL of a connection apart and adds what else the connection says about its wire. Errors are those of Parse,
// or about field "tls".
func Of(connection gateway.Connection) (Address, error) {
	a, err := Parse(connection.URL)
	if err != nil {
		return a, err
	}
	if a.Carrier != TLS && connection.TLS != (gateway.ConnectionTLS{}) {
		return a, gateway.FieldErrorf("tls", "certificates need an address that begins with tls://")
	}
	a.Security = connection.TLS
	return a, nil
}

// schemes are the kinds of address, by what is before the colon.
var schemes = map[string]Address{
	"tcp": {Protocol: ModbusTCP}, "tls": {Protocol: ModbusTCP, Carrier: TLS}, "mbaps": {Protocol: ModbusTCP, Carrier: TLS},
	"rtu": {Protocol: ModbusRTU}, "ascii": {Protocol: ModbusASCII}, "line": {Protocol: Lines},
	"rtu+tcp": {Protocol: ModbusRTU}, "ascii+tcp": {Protocol: ModbusASCII}, "line+tcp": {Protocol: Lines},
	"rtu+udp":    {Protocol: ModbusRTU, Carrier: UDP},
	"tcp+listen": {Protocol: ModbusTCP, Carrier: Incoming}, "rtu+listen": {Protocol: ModbusRTU, Carrier: Incoming},
	"ascii+listen": {Protocol: ModbusASCII, Carrier: Incoming}, "line+listen": {Protocol: Lines, Carrier: Incoming},
}

// Parse takes the URL of a connection apart. What it does not know it refuses, with a gateway.Error on field "url".
func Parse(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, urlErrorf("%q is not an address: use tcp://host:502 or rtu:///dev/ttyUSB0?baud=9600", text)
	}
	a, known := schemes[u.Scheme]
	switch {
	case !known:
		return a, urlErrorf("there is no kind of connection %q: use tcp, tls, rtu, ascii or line, "+
			"or rtu, ascii and line with +tcp or +listen, tcp+listen, rtu+udp", u.Scheme)
	case u.Scheme == "rtu" || u.Scheme == "ascii" || u.Scheme == "line":
		return a, a.parsePort(u)
	}
	return a, a.parseHost(u)
}

func urlErrorf(format string, args ...any) error { return gateway.FieldErrorf("url", format, args...) }

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
	if query := u.Query(); query.Has("telegram") || query.Has("dialogue") {
		TalkKind(query.Get("telegram") + query.Get("dialogue")).habits(a)
	}
	if err := eachParameter(u, a.parameter); err != nil {
		return err
	}
	if a.Protocol == ModbusRTU && a.DataBits != 8 {
		return urlErrorf("Modbus RTU needs 8 data bits")
	}
	if !a.RS485.On && a.RS485 != (RS485{}) {
		return urlErrorf("rts_before, rts_after and rts_inverted belong to rs485=on")
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
	wire, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	return a.Trace.On(wire), nil
}

func (a Address) open(ctx context.Context) (Line, error) {
	switch {
	case a.Serial():
		return openSerial(a)
	case a.Carrier == TLS:
		return openTLS(ctx, a)
	case a.Carrier == UDP:
		return openUDP(ctx, a.Host)
	case a.Carrier == Incoming:
		return nil, gateway.FieldErrorf("url", "%s is called by its device: only a running gateway can wait for that", a.Host)
	}
	return openTCP(ctx, a.Host)
}
