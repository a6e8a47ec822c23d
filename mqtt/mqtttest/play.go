package mqtttest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// patience is how long an answer may take.
const patience = 20 * time.Second

// Peer is the other side of a conversation.
type Peer struct {
	// Dial opens a connection to a server, or waits for that of a client.
	Dial func() (net.Conn, error)
	// Do is called for lines that are not about a connection. It returns when that is done.
	Do func(verb, argument string)
}

// Play holds a conversation and fails the test where the other side says something else. It is called from the test's
// goroutine.
func Play(tb testing.TB, c Conversation, p Peer) {
	tb.Helper()
	d := &dialogue{tb: tb, conversation: c, peer: p, values: map[string][2]byte{}, connections: map[string]net.Conn{}}
	for _, line := range c.lines {
		if err := d.line(line); err != nil {
			tb.Fatalf("%s: %v", line, err)
		}
	}
	for _, conn := range d.connections {
		_ = conn.Close()
	}
}

type dialogue struct {
	tb           testing.TB
	conversation Conversation
	peer         Peer
	connections  map[string]net.Conn
	values       map[string][2]byte
}

// signs are what may stand behind the name of a connection.
const signs = "><?|!"

func (d *dialogue) line(line string) error {
	at := strings.IndexAny(line, signs+" ")
	if at < 0 || line[at] == ' ' {
		verb, argument, _ := strings.Cut(line, " ")
		d.peer.Do(verb, strings.TrimSpace(argument))
		return nil
	}
	conn, err := d.connection(line[:at])
	if err != nil {
		return err
	}
	switch line[at] {
	case '>':
		return d.send(conn, line[at+1:])
	case '<':
		return d.expect(conn, line[at+1:])
	case '?':
		return errors.Join(d.send(conn, "c000"), d.expect(conn, "d000"))
	case '|':
		return expectClosed(conn)
	default:
		return conn.Close()
	}
}

func (d *dialogue) connection(name string) (net.Conn, error) {
	if conn := d.connections[name]; conn != nil {
		return conn, nil
	}
	conn, err := d.peer.Dial()
	if err != nil {
		return nil, err
	}
	d.connections[name] = conn
	return conn, conn.SetDeadline(time.Now().Add(patience))
}

func (d *dialogue) compile(text string) (pattern, error) {
	text, err := d.conversation.expand(text)
	if err != nil {
		return nil, err
	}
	return compile(text)
}

func (d *dialogue) send(conn net.Conn, text string) error {
	p, err := d.compile(text)
	if err != nil {
		return err
	}
	b, err := p.bytes(d.values)
	if err != nil {
		return err
	}
	_, err = conn.Write(b)
	return err
}

func (d *dialogue) expect(conn net.Conn, text string) error {
	p, err := d.compile(text)
	if err != nil {
		return err
	}
	got, err := readPacket(conn)
	if err != nil {
		return fmt.Errorf("read a packet: %w", err)
	}
	if !p.match(got, d.values) {
		return fmt.Errorf("got % x %q", got, got)
	}
	return nil
}

// readPacket takes one packet off the stream, without looking into it.
func readPacket(conn net.Conn) ([]byte, error) {
	packet := make([]byte, 1)
	if _, err := io.ReadFull(conn, packet); err != nil {
		return nil, err
	}
	size := 0
	for shift := 0; ; shift += 7 {
		var digit [1]byte
		if _, err := io.ReadFull(conn, digit[:]); err != nil {
			return nil, err
		}
		packet = append(packet, digit[0])
		size |= int(digit[0]&0x7F) << shift
		if digit[0] < 0x80 {
			break
		}
	}
	header := len(packet)
	packet = append(packet, make([]byte, size)...)
	_, err := io.ReadFull(conn, packet[header:])
	return packet, err
}

func expectClosed(conn net.Conn) error {
	var b [1]byte
	n, err := conn.Read(b[:])
	switch {
	case n > 0:
		return fmt.Errorf("got a packet that begins with %02x", b[0])
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("the connection is not closed")
	}
	return nil
}
