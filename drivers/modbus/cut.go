package modbus

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
)

// cut divides bytes into frames of any unit and function, and noise. e is the reply that was waited for.
func cut(f framing, e expectation, data []byte) []part {
	switch f.(type) {
	case rtu:
		return cutRTU(e, data)
	case ascii:
		return cutASCII(data)
	}
	return cutMBAP(data)
}

// cutter collects parts; what lies between them is noise.
type cutter struct {
	parts []part
	done  int
}

func (c *cutter) noise(to int) {
	if to > c.done {
		c.parts = append(c.parts, part{from: c.done, to: to, transaction: -1, problem: gateway.FrameNoise, detail: "bytes that make no frame"})
	}
	c.done = to
}

func (c *cutter) add(p part) {
	c.noise(p.from)
	c.parts = append(c.parts, p)
	c.done = p.to
}

func cutRTU(e expectation, data []byte) []part {
	c := &cutter{}
	for i := 0; i < len(data); i++ {
		if n := rtuLength(data[i:]); n > 0 {
			c.add(part{from: i, to: i + n, unit: data[i], pdu: data[i+1 : i+n-2], transaction: -1})
			i += n - 1
		}
	}
	c.noise(len(data))
	return damaged(e, data, c.parts)
}

// rtuLength is how long the frame is that begins here and has a right CRC; 0 when there is none.
func rtuLength(data []byte) int {
	if len(data) < exceptionLength+rtuOverhead-1 {
		return 0
	}
	for _, n := range rtuLengths(data) {
		if n > 3 && n <= len(data) && crc16(data[:n-2]) == binary.LittleEndian.Uint16(data[n-2:]) {
			return n
		}
	}
	return 0
}

// rtuLengths are how long a frame can be that begins like this: as a reply, or as a request of another master.
func rtuLengths(data []byte) []int {
	at := func(i int) int {
		if i >= len(data) {
			return 0
		}
		return int(data[i])
	}
	switch function := data[1]; {
	case function&exceptionBit != 0:
		return []int{exceptionLength + rtuOverhead}
	case function == readCoils || function == readDiscretes || function == readHoldings || function == readInputs:
		return []int{2 + at(2) + rtuOverhead, 8}
	case function == writeCoil || function == writeRegister:
		return []int{8}
	case function == writeCoils || function == writeRegisters:
		return []int{8, 9 + at(6)}
	case function == maskWrite:
		return []int{10}
	case function == readWrite:
		return []int{2 + at(2) + rtuOverhead, 13 + at(10)}
	case function == serverID:
		return []int{2 + at(2) + rtuOverhead, 4}
	}
	return []int{len(data)} // nobody knows how long it is
}

// damaged finds what has begun like the reply among the noise.
func damaged(e expectation, data []byte, parts []part) []part {
	var result []part
	for _, p := range parts {
		if p.problem == gateway.FrameNoise && e.function != 0 {
			result = append(result, brokenReply(e, data, p)...)
			continue
		}
		result = append(result, p)
	}
	return result
}

func brokenReply(e expectation, data []byte, noise part) []part {
	for i := noise.from; i+2 < noise.to; i++ {
		length, possible := e.prefixOf(data[i+1 : noise.to])
		if data[i] != e.unit || !possible || data[i+1]&^exceptionBit != e.function {
			continue
		}
		c := &cutter{done: noise.from}
		broken := part{from: i, to: min(noise.to, i+length+rtuOverhead), unit: e.unit, transaction: -1}
		if whole := i + length + rtuOverhead; whole > noise.to {
			broken.pdu = data[i+1 : noise.to]
			broken.problem, broken.detail = gateway.FrameTruncated, fmt.Sprintf("%d of %d bytes", noise.to-i, length+rtuOverhead)
		} else {
			has, right := binary.LittleEndian.Uint16(data[whole-2:]), crc16(data[i:whole-2])
			broken.pdu = data[i+1 : whole-2]
			broken.problem, broken.detail = gateway.FrameChecksum, fmt.Sprintf("the CRC is %04X, right is %04X", has, right)
		}
		c.add(broken)
		c.noise(noise.to)
		return c.parts
	}
	return []part{noise}
}

func cutASCII(data []byte) []part {
	c := &cutter{}
	for {
		start := bytes.IndexByte(data[c.done:], ':')
		if start < 0 {
			c.noise(len(data))
			return c.parts
		}
		start += c.done
		end := len(data)
		if next := bytes.IndexAny(data[start+1:], ":\n"); next >= 0 {
			end = start + 1 + next
			if data[end] == '\n' {
				end++
			}
		}
		c.add(asciiPart(data, start, end))
	}
}

// asciiPart judges what is between a colon and the next one, or the end of the line.
func asciiPart(data []byte, start, end int) part {
	p := part{from: start, to: end, transaction: -1}
	text := bytes.TrimRight(data[start+1:end], "\r\n")
	content := make([]byte, hex.DecodedLen(len(text)))
	n, err := hex.Decode(content, text)
	switch content = content[:n]; {
	case data[end-1] != '\n':
		p.problem, p.detail = gateway.FrameTruncated, "without the end of a line"
	case err != nil || len(content) < 3:
		p.problem, p.detail = gateway.FrameNoise, "not two hexadecimal digits for each byte"
		return p
	case sum(content) != 0:
		p.problem = gateway.FrameChecksum
		p.detail = fmt.Sprintf("the LRC is %02X, right is %02X", content[len(content)-1], -sum(content[:len(content)-1]))
	}
	if len(content) >= 3 {
		p.unit, p.pdu = content[0], content[1:len(content)-1]
	}
	return p
}

func cutMBAP(data []byte) []part {
	c := &cutter{}
	for at := 0; at < len(data); {
		rest := data[at:]
		length := 0
		if len(rest) >= mbapHeader {
			length = int(binary.BigEndian.Uint16(rest[4:]))
		}
		size := mbapHeader - 1 + length
		switch {
		case !headerBegins(rest) || len(rest) >= mbapHeader && length < 2:
			at++
		case len(rest) <= mbapHeader || len(rest) < size:
			c.add(part{from: at, to: len(data), transaction: -1, problem: gateway.FrameTruncated, detail: "less bytes than its header says"})
			return c.parts
		default:
			c.add(part{from: at, to: at + size, unit: rest[6], pdu: rest[mbapHeader:size], transaction: int(binary.BigEndian.Uint16(rest))})
			at += size
		}
	}
	c.noise(len(data))
	return c.parts
}
