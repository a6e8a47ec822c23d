package modbus

import "encoding/binary"

// mbap is the framing of Modbus TCP: transaction id, protocol 0, length, unit, PDU. A scan is for one transaction.
type mbap struct{ transaction uint16 }

var _ framing = mbap{}

const (
	mbapHeader = 7
	// mbapMost is the highest length field: unit and a PDU of 253 bytes.
	mbapMost = 254
)

func (mbap) request(adu []byte) (unit byte, pdu []byte) { return adu[6], adu[mbapHeader:] }

func (mbap) size(n int) int { return n + mbapHeader }

func (mbap) own(unit byte, adu []byte) []byte {
	adu[mbapHeader-1] = unit
	return adu
}

// scan walks from frame to frame by their lengths. A reply to an earlier request or of another unit is passed over. Bytes
// that cannot be a header are skipped one by one, to find the way back into the stream.
func (m mbap) scan(e expectation, data []byte, _ bool) frame {
	for at := 0; ; {
		rest := data[at:]
		if len(rest) < mbapHeader {
			if !headerBegins(rest) {
				at++
				continue
			}
			return frame{drop: at, missing: mbapHeader - len(rest)}
		}
		length := int(binary.BigEndian.Uint16(rest[4:]))
		if !headerBegins(rest) || length < 3 {
			at++
			continue
		}
		size := mbapHeader - 1 + length
		if len(rest) < size {
			return frame{drop: at, missing: size - len(rest)}
		}
		pdu := rest[mbapHeader:size]
		if binary.BigEndian.Uint16(rest) == m.transaction && e.matches(rest[6], pdu) {
			return frame{adu: rest[:size], pdu: pdu, start: at, drop: at + size}
		}
		at += size
	}
}

// headerBegins reports whether the bytes can be the first ones of a header.
func headerBegins(data []byte) bool {
	return (len(data) < 3 || data[2] == 0) && (len(data) < 4 || data[3] == 0) &&
		(len(data) < 5 || data[4] == 0) && (len(data) < 6 || data[5] <= mbapMost)
}
