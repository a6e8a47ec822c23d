package line

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"

	"github.com/tidegate/tidegate/gateway"
)

// A capture is a pcapng file (draft-ietf-opsawg-pcapng). Modbus TCP gets headers of IP and TCP with port 502, as it would
// have them on a network, so that Wireshark knows what it is without being told. What goes over serial lines gets the
// header of RTAC Serial, for which Wireshark asks once: Decode As, RTAC Serial, Modbus RTU. Why a frame was dropped is its
// comment.

// The link types of a capture, as the registry of tcpdump.org numbers them.
const (
	linkRawIP      = 101
	linkRTACSerial = 250
)

// The blocks of pcapng, and those of their options that are used here.
const (
	blockSection   = 0x0A0D0D0A
	blockInterface = 1
	blockPacket    = 6

	optionComment     = 1
	optionApplication = 4 // of a section
	optionName        = 2 // of an interface
	optionResolution  = 9 // of an interface
	optionFlags       = 2 // of a packet
)

// Capture writes frames as a pcapng file; name is that of the connection.
func Capture(a Address, name string, frames []gateway.Frame) []byte {
	c := &capture{link: linkRTACSerial}
	comment := "Wireshark: mark a packet, then Analyze, Decode As, RTAC Serial, Modbus RTU"
	if a.Protocol == ModbusTCP {
		c.link, comment = linkRawIP, "IP and TCP headers are made up: addresses of documentation, port 502"
		c.peer = newTCPPeer(a.Host)
	}
	c.begin(name, comment)
	for _, f := range frames {
		if data, err := hex.DecodeString(f.Bytes); err == nil && len(data) > 0 {
			c.packet(f, data)
		}
	}
	return c.file
}

type capture struct {
	file []byte
	link uint16
	peer *tcpPeer
}

func (c *capture) begin(name, comment string) {
	section := binary.LittleEndian.AppendUint32(nil, 0x1A2B3C4D) // says in which order bytes are
	section = binary.LittleEndian.AppendUint16(section, 1)
	section = binary.LittleEndian.AppendUint16(section, 0)
	section = binary.LittleEndian.AppendUint64(section, ^uint64(0)) // a length that nobody knows
	section = option(section, optionComment, []byte(comment))
	c.block(blockSection, option(section, optionApplication, []byte("Tidegate")))
	const nanoseconds = 9
	wire := binary.LittleEndian.AppendUint16(nil, c.link)
	wire = binary.LittleEndian.AppendUint16(wire, 0)
	wire = binary.LittleEndian.AppendUint32(wire, 0) // packets are whole
	wire = option(wire, optionName, []byte(name))
	c.block(blockInterface, option(wire, optionResolution, []byte{nanoseconds}))
}

func (c *capture) packet(f gateway.Frame, data []byte) {
	if c.peer != nil {
		data = c.peer.segment(f.Sent, data)
	} else {
		data = rtacSerial(f, data)
	}
	at := uint64(f.Time.UnixNano())
	body := binary.LittleEndian.AppendUint32(nil, 0) // the only interface
	body = binary.LittleEndian.AppendUint32(body, uint32(at>>32))
	body = binary.LittleEndian.AppendUint32(body, uint32(at))
	body = binary.LittleEndian.AppendUint32(body, uint32(len(data)))
	body = binary.LittleEndian.AppendUint32(body, uint32(len(data)))
	body = padded(body, data)
	if f.Problem != "" {
		body = option(body, optionComment, []byte(string(f.Problem)+": "+f.Detail))
	}
	const inbound, outbound = 1, 2
	flags := uint32(inbound)
	if f.Sent {
		flags = outbound
	}
	c.block(blockPacket, option(body, optionFlags, binary.LittleEndian.AppendUint32(nil, flags)))
}

// block adds a block whose body ends with options.
func (c *capture) block(kind uint32, body []byte) {
	const frame, endOfOptions = 12, 4
	size := uint32(frame + len(body) + endOfOptions)
	c.file = binary.LittleEndian.AppendUint32(c.file, kind)
	c.file = binary.LittleEndian.AppendUint32(c.file, size)
	c.file = append(c.file, body...)
	c.file = append(c.file, make([]byte, endOfOptions)...)
	c.file = binary.LittleEndian.AppendUint32(c.file, size)
}

func option(body []byte, code uint16, value []byte) []byte {
	body = binary.LittleEndian.AppendUint16(body, code)
	body = binary.LittleEndian.AppendUint16(body, uint16(len(value)))
	return padded(body, value)
}

// padded adds a value up to a multiple of four bytes.
func padded(body, value []byte) []byte {
	body = append(body, value...)
	return append(body, make([]byte, -len(value)&3)...)
}

// rtacSerial puts the header of RTAC Serial before what went over a line: seconds and microseconds, the event, the state
// of the control lines, which is not known, and a reserved field.
func rtacSerial(f gateway.Frame, data []byte) []byte {
	const dataSent, dataReceived = 1, 2
	event := byte(dataReceived)
	if f.Sent {
		event = dataSent
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(f.Time.Unix()))
	header = binary.BigEndian.AppendUint32(header, uint32(f.Time.Nanosecond()/1000))
	header = append(header, event, 0, 0, 0)
	return append(header, data...)
}

// tcpPeer makes up the headers of a TCP connection.
type tcpPeer struct {
	ours, theirs netip.Addr
	// sent and received are the next sequence numbers.
	sent, received uint32
}

func newTCPPeer(host string) *tcpPeer {
	// RFC 5737: addresses for documentation, where the real ones are not known.
	p := &tcpPeer{ours: netip.MustParseAddr("192.0.2.1"), theirs: netip.MustParseAddr("192.0.2.2"), sent: 1, received: 1}
	if known, err := netip.ParseAddrPort(host); err == nil && known.Addr().Is4() {
		p.theirs = known.Addr()
	}
	return p
}

// segment puts the headers before data. RFC 791 and 9293.
func (p *tcpPeer) segment(sent bool, data []byte) []byte {
	const ourPort, modbusPort, headers = 49152, 502, 40
	from, to, fromPort, toPort, sequence, acknowledged := p.theirs, p.ours, uint16(modbusPort), uint16(ourPort), &p.received, p.sent
	if sent {
		from, to, fromPort, toPort, sequence, acknowledged = p.ours, p.theirs, ourPort, modbusPort, &p.sent, p.received
	}
	ip := []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0} // version and length, do not fragment, hops, TCP
	binary.BigEndian.PutUint16(ip[2:], uint16(headers+len(data)))
	ip = append(append(ip, from.AsSlice()...), to.AsSlice()...)
	binary.BigEndian.PutUint16(ip[10:], internetChecksum(ip))
	tcp := binary.BigEndian.AppendUint16(nil, fromPort)
	tcp = binary.BigEndian.AppendUint16(tcp, toPort)
	tcp = binary.BigEndian.AppendUint32(tcp, *sequence)
	tcp = binary.BigEndian.AppendUint32(tcp, acknowledged)
	tcp = append(tcp, 0x50, 0x18, 0xFF, 0xFF, 0, 0, 0, 0) // length of the header, PSH and ACK, window
	tcp = append(tcp, data...)
	pseudo := append(append(from.AsSlice(), to.AsSlice()...), 0, 6, byte(len(tcp)>>8), byte(len(tcp)))
	binary.BigEndian.PutUint16(tcp[16:], internetChecksum(append(pseudo, tcp...)))
	*sequence += uint32(len(data))
	return append(ip, tcp...)
}

// internetChecksum is that of RFC 1071.
func internetChecksum(data []byte) uint16 {
	var sum uint32
	for i := 0; i < len(data); i += 2 {
		word := uint32(data[i]) << 8
		if i+1 < len(data) {
			word |= uint32(data[i+1])
		}
		sum += word
	}
	for sum>>16 != 0 {
		sum = sum&0xFFFF + sum>>16
	}
	return ^uint16(sum)
}
