package sim

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Framing is how requests and answers are told apart on a line.
type Framing interface {
	// next finds the first request in what came. size bytes of data are done with then; 0 means that more has to come.
	// What is not a request is skipped: pdu is nil for it.
	next(data []byte) (unit byte, pdu []byte, size int)
	// pack makes the frame of an answer.
	pack(unit byte, pdu []byte) []byte
}

// The framings of serial lines, which serial servers also carry over TCP.
var (
	RTU   Framing = rtu{}
	ASCII Framing = ascii{}
)

// rtu is unit, PDU, CRC. Modbus over serial line 2.5.1.
type rtu struct{}

func (rtu) next(data []byte) (unit byte, pdu []byte, size int) {
	if len(data) < 4 {
		return 0, nil, 0
	}
	size = requestLength(data)
	switch {
	case size > len(data):
		return 0, nil, 0
	case size == 0 || crc16(data[:size-2]) != binary.LittleEndian.Uint16(data[size-2:]):
		return 0, nil, 1
	}
	return data[0], data[1 : size-2], size
}

func (rtu) pack(unit byte, pdu []byte) []byte {
	frame := append([]byte{unit}, pdu...)
	return binary.LittleEndian.AppendUint16(frame, crc16(frame))
}

// requestLength is the length of the frame that begins here, 0 when no request begins like this, and more than there is
// when that cannot be said yet.
func requestLength(bytes []byte) int {
	switch bytes[1] {
	case 1, 2, 3, 4, 5, 6:
		return 8
	case 15, 16:
		if len(bytes) < 7 {
			return 8
		}
		return 9 + int(bytes[6])
	case 22:
		return 10
	case 43:
		return 7
	case 23:
		if len(bytes) < 11 {
			return 12
		}
		return 13 + int(bytes[10])
	}
	return 0
}

// crc16 is the checksum of Modbus RTU: polynomial 0xA001 reflected, initial value 0xFFFF (Modbus over serial line 2.5.1.2).
func crc16(bytes []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, b := range bytes {
		crc ^= uint16(b)
		for range 8 {
			if crc&1 == 1 {
				crc = crc>>1 ^ 0xA001
			} else {
				crc >>= 1
			}
		}
	}
	return crc
}

// ascii is a colon, unit, PDU and LRC in hexadecimal digits, CR LF. Modbus over serial line 2.5.2.
type ascii struct{}

func (ascii) next(data []byte) (unit byte, pdu []byte, size int) {
	start := bytes.IndexByte(data, ':')
	if start != 0 {
		if start < 0 {
			start = len(data)
		}
		return 0, nil, start
	}
	end := bytes.IndexByte(data, '\n')
	if end < 0 {
		return 0, nil, 0
	}
	// The last colon before the end is where the frame began: each one begins a frame anew.
	text := bytes.TrimSuffix(data[bytes.LastIndexByte(data[:end], ':')+1:end], []byte{'\r'})
	frame, err := hex.DecodeString(string(text))
	if err != nil || len(frame) < 3 || lrc(frame) != 0 {
		return 0, nil, end + 1
	}
	return frame[0], frame[1 : len(frame)-1], end + 1
}

func (ascii) pack(unit byte, pdu []byte) []byte {
	frame := append([]byte{unit}, pdu...)
	return []byte(":" + strings.ToUpper(hex.EncodeToString(append(frame, lrc(frame)))) + "\r\n")
}

// lrc makes the sum of all bytes, itself included, 0. Modbus over serial line 2.5.2.2.
func lrc(bytes []byte) byte {
	var sum byte
	for _, b := range bytes {
		sum += b
	}
	return -sum
}
