package faults_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/tidegate/tidegate/mqtt/packet"
)

// wire is a connection with nothing but the codec.
type wire struct {
	conn    net.Conn
	reader  *packet.Reader
	writer  *bufio.Writer
	version packet.Version
	// present: the gateway still has the session.
	present bool
}

// who is a client that the gateway knows by its identifier; its session outlives its connections.
type who struct {
	id      string
	version packet.Version
	// known: the gateway has once said that the session is there.
	known bool
	// expiry of the session in seconds, MQTT 5; 0 means an hour.
	expiry uint32
}

// dial connects and goes on with the session.
func (w *who) dial(address string) (*wire, error) {
	expiry := w.expiry
	if expiry == 0 {
		expiry = 3600
	}
	c, err := dialWith(address, &packet.Connect{Version: w.version, ClientID: w.id, SessionExpiry: expiry})
	if err == nil {
		w.known = true
	}
	return c, err
}

// dialWith connects as the packet says.
func dialWith(address string, request *packet.Connect) (*wire, error) {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return nil, err
	}
	w := newWire(conn, request.Version)
	if err := w.open(request); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

func newWire(conn net.Conn, version packet.Version) *wire {
	w := &wire{conn: conn, reader: packet.NewReader(conn, 0), writer: bufio.NewWriter(conn), version: version}
	w.reader.SetVersion(version)
	return w
}

func (w *wire) open(request *packet.Connect) error {
	if request.Version != packet.V5 {
		request.SessionExpiry = 0
	}
	if err := w.sendNow(request); err != nil {
		return err
	}
	answer, err := w.next(10 * time.Second)
	if err != nil {
		return err
	}
	ack, isConnack := answer.(*packet.Connack)
	if !isConnack {
		return fmt.Errorf("the answer to connect is %v: %+v", answer.Type(), answer)
	}
	if ack.Code.Failed() {
		return fmt.Errorf("connect: %w: %s", ack.Code, ack.ReasonString)
	}
	w.present = ack.SessionPresent
	return nil
}

// send waits in a buffer for flush.
func (w *wire) send(p packet.Packet) error {
	data, err := packet.Append(nil, w.version, p)
	if err != nil {
		return err
	}
	_, err = w.writer.Write(data)
	return err
}

func (w *wire) flush() error {
	if err := w.conn.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	return w.writer.Flush()
}

func (w *wire) sendNow(p packet.Packet) error { return errors.Join(w.send(p), w.flush()) }

// next waits for a packet; what is waiting to be sent goes out first.
func (w *wire) next(within time.Duration) (packet.Packet, error) {
	if w.reader.Buffered() == 0 {
		if err := w.flush(); err != nil {
			return nil, err
		}
	}
	if err := w.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, err
	}
	return w.reader.Next()
}

// ask sends a packet and waits for its answer.
func (w *wire) ask(p packet.Packet) (packet.Packet, error) {
	if err := w.sendNow(p); err != nil {
		return nil, err
	}
	return w.next(10 * time.Second)
}

// hangUp closes without a word, as a lost link does.
func (w *wire) hangUp() { _ = w.conn.Close() }

// isSilence tells a deadline that passed from a connection that ended.
func isSilence(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
