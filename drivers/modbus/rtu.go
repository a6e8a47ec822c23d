package modbus

import "encoding/binary"

// framing finds replies in a stream of bytes. Implementations are pure.
type framing interface {
	// request takes a request of goburrow's packager apart.
	request(adu []byte) (unit byte, pdu []byte)
	// scan looks in data for a frame that e describes. Without one, drop bytes at the front cannot be part of it and
	// missing bytes at least have to come; with last set, a frame that has begun is not waited for.
	scan(e expectation, data []byte, last bool) (found frame)
	// size is the number of characters on the wire of a PDU of n bytes.
	size(n int) int
	// own gives a reply, which may be changed, the unit that was asked, as goburrow's packager wants it.
	own(unit byte, adu []byte) []byte
}

// frame is what a scan found.
type frame struct {
	// adu is the reply; nil when there is none yet.
	adu []byte
	pdu []byte
	// start is where the reply began.
	start int
	// drop is the number of bytes that are done with, the frame included.
	drop int
	// missing is how many more bytes the frame that has begun needs; 0 when none has.
	missing int
}

// rtu is address, PDU, CRC. The end of a frame follows from its first bytes: no silence inside a frame is
// enforced, because adapters deliver in chunks with pauses of their own.
type rtu struct{}

var _ framing = rtu{}

const rtuOverhead = 3 // unit and CRC

func (rtu) request(adu []byte) (unit byte, pdu []byte) { return adu[0], adu[1 : len(adu)-2] }

func (rtu) size(n int) int { return n + rtuOverhead }

func (rtu) own(_ byte, adu []byte) []byte { return adu }

func (rtu) scan(e expectation, data []byte, last bool) frame {
	for i := range data {
		if data[i] != e.unit {
			continue
		}
		length, possible := e.prefixOf(data[i+1:])
		if !possible {
			continue
		}
		if e.any && len(data) > i+1 && data[i+1] == e.function {
			if found := wholeRest(e, data, i); found.adu != nil || !last {
				return found
			}
			continue
		}
		end := i + length + rtuOverhead
		if end > len(data) {
			// A frame inside a frame that has begun is data, unless it turns out that nothing had begun.
			if last {
				continue
			}
			return frame{drop: i, missing: end - len(data)}
		}
		adu := data[i:end]
		pdu := adu[1 : len(adu)-2]
		if crc16(adu[:len(adu)-2]) == binary.LittleEndian.Uint16(adu[len(adu)-2:]) && e.matches(e.unit, pdu) {
			return frame{adu: adu, pdu: pdu, start: i, drop: end}
		}
	}
	return frame{drop: len(data)}
}

// wholeRest takes all that is there from i on for the reply when its checksum is right: nobody knows how long it is, and
// after its last byte there is silence.
func wholeRest(e expectation, data []byte, i int) frame {
	adu := data[i:]
	if len(adu) <= rtuOverhead {
		return frame{drop: i, missing: rtuOverhead + 1 - len(adu)}
	}
	pdu := adu[1 : len(adu)-2]
	if crc16(adu[:len(adu)-2]) != binary.LittleEndian.Uint16(adu[len(adu)-2:]) || !e.matches(e.unit, pdu) {
		return frame{drop: i, missing: 1}
	}
	return frame{adu: adu, pdu: pdu, start: i, drop: len(data)}
}

// crc16 is the CRC of Modbus RTU: polynomial 0x8005 reflected, start 0xFFFF. Modbus over serial line 6.2.2.
func crc16(data []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, b := range data {
		crc ^= uint16(b)
		for range 8 {
			carry := crc & 1
			crc >>= 1
			if carry != 0 {
				crc ^= 0xA001
			}
		}
	}
	return crc
}
