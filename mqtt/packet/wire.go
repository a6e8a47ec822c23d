package packet

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/tidegate/tidegate/mqtt"
)

// maxVarint is the largest variable byte integer: four bytes of seven bits (MQTT 5, 1.5.5).
const maxVarint = 268_435_455

// cursor reads the primitives of chapter 1.5. After the first error every read gives zero, so that callers look at err
// once, at the end; loops over unread bytes end because fail takes them away.
type cursor struct {
	b []byte
	// after is what follows the property section that is being read: kept here, not in properties, so that neither has
	// to live on the heap.
	after   []byte
	version Version
	packet  Type
	// clone makes byte slices copies, because b belongs to somebody who will use it again.
	clone bool
	// topic is the last topic name on this connection: known to be valid, and usually the next one too.
	topic string
	err   error
}

func (c *cursor) fail(code mqtt.ReasonCode, clause, text string) {
	if c.err == nil {
		c.err = &Error{Code: code, Clause: clause, Packet: c.packet, text: text}
	}
	c.b = nil
}

func (c *cursor) malformed(clause, text string) { c.fail(mqtt.MalformedPacket, clause, text) }
func (c *cursor) protocol(clause, text string)  { c.fail(mqtt.ProtocolError, clause, text) }

// take gives the next n bytes, aliasing the packet.
func (c *cursor) take(n int) []byte {
	if n > len(c.b) {
		c.malformed("", "it ends in the middle of a field")
		return nil
	}
	taken := c.b[:n:n]
	c.b = c.b[n:]
	return taken
}

func (c *cursor) byte() byte {
	if b := c.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (c *cursor) uint16() uint16 {
	if b := c.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) uint32() uint32 {
	if b := c.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// varint reads a variable byte integer of at most four bytes, in its shortest form [MQTT-1.5.5-1].
func (c *cursor) varint() uint32 {
	value, n := parseVarint(c.b)
	switch {
	case n == 0:
		c.malformed("", "it ends in the middle of a field")
		return 0
	case n < 0:
		c.malformed("MQTT-1.5.5-1", "a variable byte integer is longer than needed or than four bytes")
		return 0
	}
	c.b = c.b[n:]
	return value
}

// parseVarint gives the value and its length in bytes: 0 when b is too short, -1 when it is not well formed.
func parseVarint(b []byte) (value uint32, n int) {
	for i, digit := range b[:min(len(b), 4)] {
		value |= uint32(digit&0x7F) << (7 * i)
		if digit < 0x80 {
			if digit == 0 && i > 0 {
				return 0, -1
			}
			return value, i + 1
		}
	}
	if len(b) >= 4 {
		return 0, -1
	}
	return 0, 0
}

// binary reads bytes after a two-byte length. It is never nil without an error: absent and empty differ.
func (c *cursor) binary() []byte { return c.own(c.take(int(c.uint16()))) }

// rest takes everything that is left.
func (c *cursor) rest() []byte { return c.own(c.take(len(c.b))) }

func (c *cursor) own(b []byte) []byte {
	if c.clone {
		return bytes.Clone(b)
	}
	return b
}

// text reads a UTF-8 string as bytes that alias the packet. A byte order mark is an ordinary character [MQTT-1.5.4-3].
func (c *cursor) text() []byte {
	b := c.take(int(c.uint16()))
	if !utf8.Valid(b) { // surrogates are not valid either
		c.malformed("MQTT-1.5.4-1", "a string is not well-formed UTF-8")
	}
	if bytes.IndexByte(b, 0) >= 0 {
		c.malformed("MQTT-1.5.4-2", "a string contains NUL")
	}
	return b
}

func (c *cursor) string() string { return string(c.text()) }

// packetID reads an identifier that must not be zero [MQTT-2.2.1-3] [MQTT-2.2.1-4].
func (c *cursor) packetID() uint16 {
	id := c.uint16()
	if id == 0 {
		c.protocol("MQTT-2.2.1-3", "packet identifier 0")
	}
	return id
}

// topicName reads a topic to publish to. An empty one passes: only PUBLISH with an alias may have it.
func (c *cursor) topicName() string {
	if n := len(c.topic); n > 0 && len(c.b) >= n+2 && int(binary.BigEndian.Uint16(c.b)) == n && string(c.b[2:n+2]) == c.topic {
		c.b = c.b[n+2:]
		return c.topic
	}
	topic := c.string()
	if topic != "" && mqtt.ValidateTopic(topic) != nil {
		c.fail(mqtt.TopicNameInvalid, "MQTT-3.3.2-2", "a topic name has wildcards or too many levels")
	}
	return topic
}

// topicFilter reads a filter to subscribe to (MQTT 5, 4.7).
func (c *cursor) topicFilter() string {
	filter := c.string()
	if c.err == nil && mqtt.ValidateFilter(filter) != nil {
		c.fail(mqtt.TopicFilterInvalid, "MQTT-4.7.1-1", "a topic filter is empty, has misplaced wildcards or too many levels")
	}
	return filter
}

// writer is the other direction. After the first error the bytes mean nothing.
type writer struct {
	b      []byte
	packet Type
	err    error
}

func (w *writer) fail(clause, text string) {
	if w.err == nil {
		w.err = &Error{Code: mqtt.ImplementationSpecificError, Clause: clause, Packet: w.packet, text: text}
	}
}

func (w *writer) byte(v byte)     { w.b = append(w.b, v) }
func (w *writer) uint16(v uint16) { w.b = binary.BigEndian.AppendUint16(w.b, v) }
func (w *writer) uint32(v uint32) { w.b = binary.BigEndian.AppendUint32(w.b, v) }

func (w *writer) varint(v uint32) {
	for v >= 0x80 {
		w.b = append(w.b, byte(v)|0x80)
		v >>= 7
	}
	w.b = append(w.b, byte(v))
}

func (w *writer) binary(b []byte) {
	if len(b) > 65535 {
		w.fail("", "binary data of more than 65,535 bytes")
		return
	}
	w.uint16(uint16(len(b)))
	w.b = append(w.b, b...)
}

func (w *writer) string(s string) {
	switch {
	case len(s) > 65535:
		w.fail("", "a string of more than 65,535 bytes")
		return
	case !utf8.ValidString(s):
		w.fail("MQTT-1.5.4-1", "a string is not well-formed UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		w.fail("MQTT-1.5.4-2", "a string contains NUL")
	}
	w.uint16(uint16(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) packetID(id uint16) {
	if id == 0 {
		w.fail("MQTT-2.2.1-3", "packet identifier 0")
	}
	w.uint16(id)
}

// topicName and topicFilter write what topicName and topicFilter of the cursor accept.
func (w *writer) topicName(topic string) {
	w.string(topic)
	if strings.ContainsAny(topic, "+#") {
		w.fail("MQTT-3.3.2-2", "a topic name has wildcards")
	}
}

func (w *writer) topicFilter(filter string) {
	w.string(filter)
	if mqtt.ValidateFilter(filter) != nil {
		w.fail("MQTT-4.7.1-1", "a topic filter is empty, has misplaced wildcards or too many levels")
	}
}

// open leaves one byte for a length that close fills in: what follows is rarely longer than 127 bytes, and otherwise
// moves by up to three bytes. That is cheaper than measuring everything first.
func (w *writer) open() (mark int) {
	w.b = append(w.b, 0)
	return len(w.b)
}

// close writes the length of everything since mark, plus tail bytes that come later.
func (w *writer) close(mark, tail int) {
	n := len(w.b) - mark + tail
	if n > maxVarint {
		w.fail("", "more than 268,435,455 bytes")
		return
	}
	extra := 0
	for rest := n >> 7; rest > 0; rest >>= 7 {
		extra++
	}
	if extra > 0 {
		w.b = append(w.b, "...."[:extra]...)
		copy(w.b[mark+extra:], w.b[mark:])
	}
	for i := mark - 1; extra > 0; i, extra = i+1, extra-1 {
		w.b[i] = byte(n) | 0x80
		n >>= 7
		mark++
	}
	w.b[mark-1] = byte(n)
}
