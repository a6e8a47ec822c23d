package client

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt/inflight"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// writeChunk is what one deadline is for: a slow link needs time for much, and a dead one is noticed all the same.
const writeChunk = 16 << 10

// maxBuffered is how many bytes may wait for the writer before Send waits too; one message more may come on top.
const maxBuffered = 256 << 10

// outgoing is what waits to be written, in order. Everything that is waiting goes out at once.
type outgoing struct {
	wake    chan struct{}
	drained chan struct{}

	mu     sync.Mutex // guards everything that follows
	buffer []byte
	// control is how much of buffer is ours to answer with.
	control int
}

func newOutgoing() *outgoing {
	return &outgoing{wake: make(chan struct{}, 1), drained: make(chan struct{}, 1)}
}

func (o *outgoing) signal() { signal(o.wake) }

// maxControl is far more than the answers to everything that may be unfinished. A broker that makes us answer more and
// takes nothing must not fill our memory.
const maxControl = 1 << 20

var errManyAnswers = errors.New("the other broker wants answers and does not read them")

// add encodes a small packet of ours: PUBREL, PINGREQ.
func (o *outgoing) add(v packet.Version, p packet.Packet) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := len(o.buffer)
	var err error
	if o.buffer, err = packet.Append(o.buffer, v, p); err != nil {
		return err
	}
	if o.control += len(o.buffer) - before; o.control > maxControl {
		return errManyAnswers
	}
	o.signal()
	return nil
}

func (o *outgoing) addBytes(encoded []byte) {
	o.mu.Lock()
	o.buffer = append(o.buffer, encoded...)
	o.mu.Unlock()
	o.signal()
}

func (o *outgoing) full() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.buffer) >= maxBuffered
}

// swap takes what waits and leaves an empty buffer with the memory of spare.
func (o *outgoing) swap(spare []byte) []byte {
	if cap(spare) > 2*maxBuffered {
		spare = nil // a large message must not be paid for forever
	}
	o.mu.Lock()
	taken := o.buffer
	o.buffer = spare[:0]
	o.control = 0
	o.mu.Unlock()
	signal(o.drained)
	return taken
}

// write is the only one to write to the connection. It ends with the connection, after a last word where one is due.
func (c *Client) write() {
	var batch []byte
	for over := false; !over; {
		select {
		case <-c.out.wake:
		case <-c.ended:
			over = true
		}
		batch = c.out.swap(batch)
		batch = c.appendAcks(batch)
		if over {
			c.writeEnd(batch)
			return
		}
		if err := writeAll(c.conn, batch, c.options.Timeout); err != nil {
			c.writeFailed(fmt.Errorf("write: %w", err))
			return
		}
	}
}

// appendAcks adds the acknowledgements whose turn it is.
func (c *Client) appendAcks(batch []byte) []byte {
	for {
		ack, ok := c.inbound.Next()
		if !ok {
			return batch
		}
		batch = c.appendAck(batch, ack)
	}
}

func (c *Client) appendAck(batch []byte, ack inflight.Ack) []byte {
	encoded, err := packet.Append(batch, c.version, &packet.Ack{
		Kind: packet.Type(ack.Kind), PacketID: ack.PacketID, Code: ack.Code,
	})
	if err != nil {
		c.end(fmt.Errorf("encode an acknowledgement: %w", err))
	}
	return encoded
}

// farewell bounds how long an end may take.
const farewell = 2 * time.Second

// writeEnd sends what waits and DISCONNECT when the end is one of ours [MQTT-3.14.4-1]; after a break nothing is left
// to say.
func (c *Client) writeEnd(batch []byte) {
	last := c.goodbye()
	if last == nil {
		return
	}
	if encoded, err := packet.Append(batch, c.version, last); err == nil {
		// The connection closes in any case.
		_ = writeAll(c.conn, encoded, min(farewell, c.options.Timeout))
	}
}

// writeFailed gives the reader a moment: the other broker may have said why before it closed.
func (c *Client) writeFailed(err error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-c.ended:
	case <-timer.C:
		c.end(err)
	}
}

func writeAll(conn net.Conn, b []byte, timeout time.Duration) error {
	for len(b) > 0 {
		if err := conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
			return err
		}
		n, err := conn.Write(b[:min(len(b), writeChunk)])
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
