package serial

import (
	"bytes"
	"strconv"
)

// maxTelegram is the longest telegram in bytes: those of meters with four more meters behind them have some 2 KB.
const maxTelegram = 8192

// p1Cutter cuts a stream of bytes into DSMR P1 telegrams: from a slash to an exclamation mark, four hexadecimal digits of a CRC and
// the end of the line. DSMR 2 and 3 have no CRC. One that is damaged is dropped and counted, and the next slash at the
// beginning of a line starts anew.
type p1Cutter struct {
	telegram []byte
	dropped  uint64
}

// Begin says that nothing is on its way.
func (c *p1Cutter) Begin() { c.telegram = c.telegram[:0] }

// Dropped is how many telegrams were damaged.
func (c *p1Cutter) Dropped() uint64 { return c.dropped }

// Push takes bytes and calls whole for each telegram that they complete. The bytes are valid during the call only.
func (c *p1Cutter) Push(data []byte, whole func([]byte)) {
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n') + 1
		if end == 0 {
			c.extend(data)
			return
		}
		c.extend(data[:end])
		c.line(whole)
		data = data[end:]
	}
}

func (c *p1Cutter) extend(part []byte) {
	if len(c.telegram)+len(part) > maxTelegram {
		c.drop()
		return
	}
	c.telegram = append(c.telegram, part...)
}

// drop gives up what has begun; what lies before the first slash was never a telegram.
func (c *p1Cutter) drop() {
	if len(c.telegram) > 0 && c.telegram[0] == '/' {
		c.dropped++
	}
	c.telegram = c.telegram[:0]
}

// line looks at the last line of what there is.
func (c *p1Cutter) line(whole func([]byte)) {
	start := bytes.LastIndexByte(c.telegram[:len(c.telegram)-1], '\n') + 1
	last := c.telegram[start:]
	switch {
	case last[0] == '/' && start > 0: // the end of the one before is missing
		begun := bytes.Clone(last)
		c.drop()
		c.telegram = append(c.telegram, begun...)
	case c.telegram[0] != '/':
		c.telegram = c.telegram[:0]
	case last[0] == '!':
		if !rightCRC(c.telegram[:start+1], bytes.TrimSpace(last[1:])) {
			c.drop()
			return
		}
		whole(c.telegram[:start])
		c.telegram = c.telegram[:0]
	}
}

// rightCRC compares the CRC of a telegram, from the slash to the exclamation mark, with its digits.
func rightCRC(telegram, digits []byte) bool {
	if len(digits) == 0 {
		return true
	}
	said, err := strconv.ParseUint(string(digits), 16, 16)
	return err == nil && len(digits) == 4 && uint16(said) == crcARC(telegram)
}

// crcARC is the CRC of P1: polynomial 0x8005 reflected, start 0. DSMR P1 companion standard 5.0.2, 5.2.
func crcARC(data []byte) (crc uint16) {
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
