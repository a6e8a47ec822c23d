package packet

import (
	"errors"
	"io"

	"github.com/tidegate/tidegate/mqtt"
)

// maxPacket is the largest packet of the protocol: first byte, four bytes of length and what they can count.
const maxPacket = 1 + 4 + maxVarint

// bodyStep is how much memory a packet larger than the read buffer gets at first: it grows with what arrives, because
// announcing a length costs an attacker nothing.
const bodyStep = 64 << 10

// maxEmptyReads is how often a connection may give nothing and no error before that is an error.
const maxEmptyReads = 100

// Reader takes packets from a connection. It reads ahead, so nobody else may read from the same source. One goroutine
// may use it at a time. Deadlines belong to the source.
type Reader struct {
	source  io.Reader
	version Version
	maxSize int
	// topic is the last topic name, shared by consecutive packets that have the same one.
	topic string

	// What was read and not yet taken is buf[start:end]. buf is small or large.
	buf        []byte
	start, end int
	small      [smallBuffer]byte
	large      *[largeBuffer]byte
	buffers    *Buffers
}

// NewReader reads packets of at most maxSize bytes, counted as in Maximum Packet Size: with their fixed header. 0 means
// the limit of the protocol. It starts in a state in which only CONNECT is accepted, and takes the version from it: the
// other end of a client needs SetVersion first.
func NewReader(r io.Reader, maxSize int) *Reader {
	reader := &Reader{source: r}
	reader.SetMaxSize(maxSize)
	reader.buf = reader.small[:]
	return reader
}

// SetVersion tells the version of the packets that follow.
func (r *Reader) SetVersion(v Version) { r.version = v }

// Version is the one in force: after a CONNECT its own, also when it was refused, so that the refusal can be told in a
// way that the client understands. Unknown levels count as the nearest version; 0 means that there was no CONNECT yet.
func (r *Reader) Version() Version { return r.version }

// SetMaxSize changes the limit for the packets that follow.
func (r *Reader) SetMaxSize(maxSize int) {
	if maxSize <= 0 || maxSize > maxPacket {
		maxSize = maxPacket
	}
	r.maxSize = maxSize
}

// Buffered is the number of bytes that were read from the connection and not yet returned. When it is 0, the next call
// of Next is going to wait: a good moment to send what was collected.
func (r *Reader) Buffered() int { return r.end - r.start }

// Next waits for a packet. The packet owns its memory. At the end of the stream the error is io.EOF between packets and
// io.ErrUnexpectedEOF within one; what cannot be accepted is an *Error, and the connection is of no use afterwards;
// other errors are those of the source.
func (r *Reader) Next() (Packet, error) {
	header, size, err := r.header()
	if err != nil {
		return nil, err
	}
	c := cursor{version: r.version, packet: Type(header >> 4), topic: r.topic}
	if size <= largeBuffer {
		c.clone = true // the buffer is used again
		c.b, err = r.buffered(size)
	} else {
		c.b, err = r.body(size)
	}
	if err != nil {
		return nil, err
	}
	p, err := c.decode(header)
	r.learn(&c, p)
	return p, err
}

// learn keeps what helps with the packets that follow.
func (r *Reader) learn(c *cursor, p Packet) {
	if c.packet == CONNECT {
		r.version = min(max(c.version, V31), V5)
	}
	if publish, ok := p.(*Publish); ok && publish.Topic != "" {
		r.topic = publish.Topic
	}
}

// header takes the fixed header. Everything that it tells is checked before any of the body is waited for.
func (r *Reader) header() (header byte, size int, err error) {
	r.rewind()
	if err := r.fill(1); err != nil {
		return 0, 0, err
	}
	header = r.buf[r.start]
	check := cursor{version: r.version, packet: Type(header >> 4)}
	if check.header(header); check.err != nil {
		return 0, 0, check.err
	}
	for digits := 1; ; digits++ {
		if err := r.fill(1 + digits); err != nil {
			return 0, 0, err
		}
		length, n := parseVarint(r.buf[r.start+1 : r.start+1+digits])
		switch {
		case n < 0:
			check.malformed("MQTT-1.5.5-1", "a remaining length that is longer than needed or than four bytes")
		case n > 0 && 1+n+int(length) > r.maxSize:
			check.fail(mqtt.PacketTooLarge, "", "more bytes than the limit of this connection")
		case n == 0:
			continue
		}
		r.start += 1 + digits
		return header, int(length), check.err
	}
}

// rewind makes the most of an empty buffer: the next bytes go to its beginning, and a large one is given back, because
// the connection may now be silent for long.
func (r *Reader) rewind() {
	if r.start != r.end {
		return
	}
	r.start, r.end = 0, 0
	if r.large != nil && r.buffers != nil {
		r.buffers.giveBack(r.large)
		r.large = nil
		r.buf = r.small[:]
	}
}

// buffered waits for n bytes, at most largeBuffer, and takes them. They are valid until the next read.
func (r *Reader) buffered(n int) ([]byte, error) {
	if err := r.fill(n); err != nil {
		return nil, unexpected(err)
	}
	taken := r.buf[r.start : r.start+n]
	r.start += n
	return taken, nil
}

// fill reads until n bytes are there.
func (r *Reader) fill(n int) error {
	for empty := 0; r.end-r.start < n; {
		r.makeRoom(n)
		got, err := r.source.Read(r.buf[r.end:])
		r.end += got
		switch {
		case got > 0: // an error comes again when the bytes have been used up
			empty = 0
		case err != nil && r.end > r.start:
			return unexpected(err)
		case err != nil:
			return err
		default:
			if empty++; empty == maxEmptyReads {
				return io.ErrNoProgress
			}
		}
	}
	return nil
}

// makeRoom prepares for a read that shall make n bytes available. A small buffer that was filled to the brim says that
// more is waiting: then the large one saves reads.
func (r *Reader) makeRoom(n int) {
	if r.large == nil && (r.end == len(r.buf) || r.start+n > len(r.buf)) {
		r.large = r.borrow()
		r.end = copy(r.large[:], r.buf[r.start:r.end])
		r.start = 0
		r.buf = r.large[:]
		return
	}
	if r.end == len(r.buf) || r.start+n > len(r.buf) {
		r.end = copy(r.buf, r.buf[r.start:r.end])
		r.start = 0
	}
}

func (r *Reader) borrow() *[largeBuffer]byte {
	if r.buffers != nil {
		return r.buffers.borrow()
	}
	return new([largeBuffer]byte)
}

// body takes a packet that does not fit into the buffer, into memory of its own.
func (r *Reader) body(size int) ([]byte, error) {
	body := make([]byte, 0, min(size, bodyStep))
	for empty := 0; len(body) < size; {
		if r.start < r.end {
			n := min(r.end-r.start, size-len(body))
			body = append(body, r.buf[r.start:r.start+n]...)
			r.start += n
			continue
		}
		if len(body) == cap(body) {
			body = grow(body, size)
		}
		n, err := r.source.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if n == 0 {
			if empty++; empty == maxEmptyReads {
				err = io.ErrNoProgress
			}
			if err != nil {
				return nil, unexpected(err)
			}
		} else {
			empty = 0
		}
	}
	return body, nil
}

// grow doubles the room, up to size.
func grow(body []byte, size int) []byte {
	larger := make([]byte, len(body), min(size, 2*cap(body)))
	copy(larger, body)
	return larger
}

// unexpected is for errors in the middle of a packet.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
