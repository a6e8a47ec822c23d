package modbus_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// chunk is some bytes that the slave sends after a pause.
type chunk struct {
	after time.Duration
	data  []byte
}

// slave is a Modbus device whose register n holds n (input registers n+1000), unless it was written, and whose coil n is on
// when n is divisible by 3. Like a real one it does one thing after the other.
type slave struct {
	framing string // tcp, rtu or ascii
	// answer, when set, may replace the reply PDU of a request; nil keeps the usual one, an empty one is silence.
	answer func(unit byte, pdu []byte) []byte
	// fault, when set, decides what goes out for a reply that is framed already.
	fault func(request, reply []byte) []chunk

	mu       sync.Mutex // guards what follows
	written  map[uint16]uint16
	coils    map[uint16]bool
	requests [][]byte // PDUs
	hangUp   bool     // end the connection at the next request
}

func newSlave(framing string) *slave {
	return &slave{framing: framing, written: map[uint16]uint16{}, coils: map[uint16]bool{}}
}

// seen gives the PDUs of all requests so far.
func (s *slave) seen() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.requests...)
}

func (s *slave) register(n uint16) uint16 {
	if v, is := s.written[n]; is {
		return v
	}
	return n
}

func (s *slave) coil(n uint16) bool {
	if v, is := s.coils[n]; is {
		return v
	}
	return n%3 == 0
}

func (s *slave) reply(unit byte, pdu []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, pdu)
	if s.hangUp {
		return nil
	}
	if s.answer != nil {
		if answer := s.answer(unit, pdu); answer != nil {
			return answer
		}
	}
	start := binary.BigEndian.Uint16(pdu[1:])
	value := binary.BigEndian.Uint16(pdu[3:])
	switch pdu[0] {
	case 1, 2:
		bits := make([]byte, (value+7)/8)
		for i := range value {
			if s.coil(start + i) {
				bits[i/8] |= 1 << (i % 8)
			}
		}
		return append([]byte{pdu[0], byte(len(bits))}, bits...)
	case 3, 4:
		reply := []byte{pdu[0], byte(2 * value)}
		for i := range value {
			reply = binary.BigEndian.AppendUint16(reply, s.register(start+i)+1000*uint16(pdu[0]-3))
		}
		return reply
	case 5:
		s.coils[start] = value != 0
	case 6:
		s.written[start] = value
	case 15:
		for i := range value {
			s.coils[start+i] = pdu[6+i/8]>>(i%8)&1 == 1
		}
	case 16:
		for i := range value {
			s.written[start+i] = binary.BigEndian.Uint16(pdu[6+2*i:])
		}
	case 22:
		and, or := value, binary.BigEndian.Uint16(pdu[5:])
		s.written[start] = s.register(start)&and | or&^and
		return pdu
	default:
		return []byte{pdu[0] | 0x80, 1}
	}
	return pdu[:5]
}

func (s *slave) serve(conn io.ReadWriter) {
	var data []byte
	buffer := make([]byte, 1024)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		data = append(data, buffer[:n]...)
		for {
			adu, rest := s.cut(data)
			if adu == nil {
				break
			}
			data = rest
			if !s.respond(conn, adu) {
				return
			}
		}
	}
}

func (s *slave) respond(conn io.Writer, adu []byte) bool {
	unit, pdu := s.unpack(adu)
	reply := s.reply(unit, pdu)
	if len(reply) == 0 {
		return reply != nil
	}
	framed := s.pack(adu, unit, reply)
	chunks := []chunk{{data: framed}}
	if s.fault != nil {
		chunks = s.fault(adu, framed)
	}
	for _, c := range chunks {
		<-time.After(c.after)
		if _, err := conn.Write(c.data); err != nil {
			return false
		}
	}
	return true
}

// cut takes one request from the front of data; nil when none is complete.
func (s *slave) cut(data []byte) (adu, rest []byte) {
	size := 0
	switch {
	case s.framing == "ascii":
		size = bytes.IndexByte(data, '\n') + 1
	case s.framing == "tcp" && len(data) >= 6:
		size = 6 + int(binary.BigEndian.Uint16(data[4:]))
	case s.framing == "rtu" && len(data) >= 4 && data[1] == 17:
		size = 4
	case s.framing == "rtu" && len(data) >= 6 && data[1] == 24:
		size = 6
	case s.framing == "rtu" && len(data) >= 7 && data[1] == 43:
		size = 7
	case s.framing == "rtu" && len(data) >= 8:
		size = 8
		switch data[1] {
		case 15, 16:
			size = 9 + int(data[6])
		case 22:
			size = 10
		}
	}
	if size == 0 || size > len(data) {
		return nil, data
	}
	return bytes.Clone(data[:size]), data[size:]
}

func (s *slave) unpack(adu []byte) (byte, []byte) {
	switch s.framing {
	case "tcp":
		return adu[6], adu[7:]
	case "ascii":
		data, err := hex.DecodeString(string(adu[1 : len(adu)-4]))
		if err != nil {
			panic(err)
		}
		return data[0], data[1:]
	}
	return adu[0], adu[1 : len(adu)-2]
}

func (s *slave) pack(request []byte, unit byte, pdu []byte) []byte {
	switch s.framing {
	case "tcp":
		adu := append([]byte{request[0], request[1], 0, 0}, byte((len(pdu)+1)>>8), byte(len(pdu)+1), unit)
		return append(adu, pdu...)
	case "ascii":
		return packASCII(unit, pdu)
	}
	return packRTU(unit, pdu)
}

func packASCII(unit byte, pdu []byte) []byte {
	data := append([]byte{unit}, pdu...)
	var total byte
	for _, b := range data {
		total += b
	}
	return []byte(":" + strings.ToUpper(hex.EncodeToString(append(data, -total))) + "\r\n")
}

func packRTU(unit byte, pdu []byte) []byte {
	adu := append([]byte{unit}, pdu...)
	crc := uint16(0xFFFF)
	for _, b := range adu {
		crc ^= uint16(b)
		for range 8 {
			if crc&1 == 1 {
				crc = crc>>1 ^ 0xA001
			} else {
				crc >>= 1
			}
		}
	}
	return binary.LittleEndian.AppendUint16(adu, crc)
}

// mustListen serves a slave over TCP and gives the URL of a connection to it.
func mustListen(tb testing.TB, s *slave) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				s.serve(conn)
			})
		}
	})
	tb.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	scheme := s.framing + "+tcp"
	if s.framing == "tcp" {
		scheme = "tcp"
	}
	return fmt.Sprintf("%s://%s", scheme, listener.Addr())
}

// mustTerminal makes a pseudo terminal: the device's end as a file, and the path of the port. The port stays there
// when nobody has it open.
func mustTerminal(tb testing.TB) (*os.File, string) {
	tb.Helper()
	device, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		tb.Fatal(err)
	}
	raw, err := device.SyscallConn()
	if err != nil {
		tb.Fatal(err)
	}
	var number int
	var ioctlErr error
	err = raw.Control(func(fd uintptr) {
		if ioctlErr = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); ioctlErr == nil {
			number, ioctlErr = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil || ioctlErr != nil {
		tb.Fatal(err, ioctlErr)
	}
	path := fmt.Sprintf("/dev/pts/%d", number)
	// What is opened like this is not watched by the runtime, which would be woken up by each character for nobody.
	open, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		tb.Fatal(err)
	}
	port := os.NewFile(uintptr(open), path)
	tb.Cleanup(func() {
		_ = port.Close()
		_ = device.Close()
	})
	return device, path
}

// mustPlug serves a slave over a pseudo terminal and gives the URL of a connection to it.
func mustPlug(tb testing.TB, s *slave) string {
	tb.Helper()
	device, path := mustTerminal(tb)
	var serving sync.WaitGroup
	serving.Go(func() { s.serve(device) })
	tb.Cleanup(func() {
		_ = device.Close()
		serving.Wait()
	})
	return fmt.Sprintf("%s://%s?baud=115200&data=8&parity=N", s.framing, path)
}

// mustStart serves a slave the way its framing is at home: TCP, or a serial port.
func mustStart(tb testing.TB, s *slave) string {
	tb.Helper()
	if s.framing == "tcp" {
		return mustListen(tb, s)
	}
	return mustPlug(tb, s)
}

func mustOpen(tb testing.TB, url string, timeout time.Duration) *modbus.Driver {
	tb.Helper()
	d, err := modbus.Open(tb.Context(), gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(timeout)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	return d
}

func point(address string, kind gateway.Type) gateway.Point {
	return gateway.Point{
		ID: strings.NewReplacer(":", "-", ".", "-").Replace(address), Address: address, Type: kind,
		Writable: strings.HasPrefix(address, "coil") || strings.HasPrefix(address, "holding"),
	}
}

func device(unit int) gateway.Device { return gateway.Device{ID: "meter", Unit: unit} }

func mustPoll(tb testing.TB, d *modbus.Driver, unit int, points ...gateway.Point) []gateway.Reading {
	tb.Helper()
	readings, err := d.Poll(tb.Context(), device(unit), points)
	if err != nil {
		tb.Fatal(err)
	}
	if len(readings) != len(points) {
		tb.Fatalf("%d readings for %d points", len(readings), len(points))
	}
	return readings
}
