package modbus

import (
	"bytes"
	"encoding/hex"
)

// ascii is a colon, address, PDU and LRC in hexadecimal digits, CR LF. Replies may end with LF alone and have lower-case
// digits: devices do that.
type ascii struct{}

var _ framing = ascii{}

const asciiOverhead = 7 // colon, two digits each of unit and LRC, CR LF

func (ascii) request(adu []byte) (unit byte, pdu []byte) {
	data := make([]byte, hex.DecodedLen(len(adu)-3))
	if _, err := hex.Decode(data, adu[1:len(adu)-2]); err != nil {
		panic(err) // goburrow's packager wrote it
	}
	return data[0], data[1 : len(data)-1]
}

func (ascii) size(n int) int { return 2*n + asciiOverhead }

func (ascii) own(_ byte, adu []byte) []byte { return adu }

func (a ascii) scan(e expectation, data []byte, _ bool) frame {
	done := 0
	for {
		start := bytes.IndexByte(data[done:], ':')
		if start < 0 {
			return frame{drop: len(data)}
		}
		start += done
		end := bytes.IndexByte(data[start:], '\n')
		if end < 0 {
			// A colon is never inside a frame, so the last one is where a frame can have begun.
			return frame{drop: bytes.LastIndexByte(data, ':'), missing: a.missing(e, data[start:])}
		}
		end += start
		start = bytes.LastIndexByte(data[:end], ':')
		if found := decodeASCII(e, data[start+1:end]); found.adu != nil {
			found.start, found.drop = start, end+1
			return found
		}
		done = end + 1
	}
}

func (a ascii) missing(e expectation, begun []byte) int {
	length := e.length()
	if e.variable() {
		length = exceptionLength // the least: whether more comes is seen when it is there
	}
	if function, err := hex.DecodeString(string(begun[min(3, len(begun)):min(5, len(begun))])); err == nil &&
		len(function) == 1 && function[0]&exceptionBit != 0 {
		length = exceptionLength
	}
	return max(1, a.size(length)-len(begun))
}

// decodeASCII judges the text between colon and LF. The frame it returns is written anew, as goburrow's packager wants it.
func decodeASCII(e expectation, text []byte) frame {
	text = bytes.TrimSuffix(text, []byte{'\r'})
	data := make([]byte, hex.DecodedLen(len(text)))
	n, err := hex.Decode(data, text)
	if err != nil || n < 4 {
		return frame{}
	}
	data = data[:n]
	if sum(data) != 0 || !e.matches(data[0], data[1:n-1]) {
		return frame{}
	}
	adu := []byte{':'}
	adu = append(adu, bytes.ToUpper(text)...)
	return frame{adu: append(adu, '\r', '\n'), pdu: data[1 : n-1]}
}

// sum of all bytes; the LRC is chosen so that it is 0 for a whole frame. Modbus over serial line 6.2.1.
func sum(data []byte) byte {
	var total byte
	for _, b := range data {
		total += b
	}
	return total
}
