package client_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// server is the other end of one connection, played by the test.
type server struct {
	tb      testing.TB
	conn    net.Conn
	reader  *packet.Reader
	version packet.Version
}

// pipe makes options whose dialer leads to a server that the test plays.
func pipe(tb testing.TB, version int) (client.Options, *server) {
	ours, theirs := net.Pipe()
	tb.Cleanup(func() { _ = theirs.Close() })
	s := &server{tb: tb, conn: theirs, reader: packet.NewReader(theirs, 0), version: packet.Version(version)}
	return client.Options{
		URL: "mqtt://cloud", ClientID: "tide", Version: version, Timeout: 5 * time.Second,
		Dial: func(context.Context, string, string) (net.Conn, error) { return ours, nil },
	}, s
}

func (s *server) next() packet.Packet {
	s.tb.Helper()
	_ = s.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	p, err := s.reader.Next()
	if err != nil {
		s.tb.Errorf("server reads: %v", err)
		return nil
	}
	return p
}

// swallow takes everything and answers nothing.
func (s *server) swallow() {
	_ = s.conn.SetReadDeadline(time.Time{})
	_, _ = io.Copy(io.Discard, s.conn)
}

// expect reads packets until one of type T comes.
func expect[T packet.Packet](s *server) T {
	s.tb.Helper()
	p, ok := s.next().(T)
	if !ok {
		s.tb.Fatalf("server got %#v", p)
	}
	return p
}

func (s *server) send(packets ...packet.Packet) {
	s.tb.Helper()
	var b []byte
	for _, p := range packets {
		var err error
		if b, err = packet.Append(b, s.version, p); err != nil {
			s.tb.Errorf("server encodes: %v", err)
		}
	}
	s.sendBytes(b)
}

func (s *server) sendBytes(b []byte) {
	s.tb.Helper()
	_ = s.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := s.conn.Write(b); err != nil {
		s.tb.Errorf("server writes: %v", err)
	}
}

// running is a client whose Run has a result sometime.
type running struct {
	*client.Client

	stop  context.CancelFunc
	ended chan error
}

// MustRun connects to a server that the test plays, which answers with connack.
func MustRun(tb testing.TB, o client.Options, s *server, connack *packet.Connack) running {
	tb.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.next()
		s.send(connack)
	}()
	c, err := client.Connect(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	<-done
	return start(tb, c)
}

func start(tb testing.TB, c *client.Client) running {
	ctx, stop := context.WithCancel(tb.Context())
	r := running{Client: c, stop: stop, ended: make(chan error, 1)}
	go func() { r.ended <- c.Run(ctx) }()
	return r
}

// end waits for the result of Run.
func (r running) end(tb testing.TB) error {
	tb.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(30 * time.Second):
		tb.Fatal("Run does not end")
		return nil
	}
}

// delivery is one of a session that is not there.
type delivery struct {
	mqtt.Delivery // panics for what is not implemented here

	id       uint16
	qos      mqtt.QoS
	state    mqtt.DeliveryState
	received func(done mqtt.Settle)
	settled  chan error
}

func newDelivery(id uint16, qos mqtt.QoS, state mqtt.DeliveryState) *delivery {
	return &delivery{id: id, qos: qos, state: state, received: func(done mqtt.Settle) { done(nil) }, settled: make(chan error, 1)}
}

func (d *delivery) PacketID() uint16          { return d.id }
func (d *delivery) QoS() mqtt.QoS             { return d.qos }
func (d *delivery) State() mqtt.DeliveryState { return d.state }
func (d *delivery) Received(done mqtt.Settle) { d.received(done) }
func (d *delivery) Settle(err error)          { d.settled <- err }
func (d *delivery) wait(tb testing.TB) error {
	tb.Helper()
	select {
	case err := <-d.settled:
		return err
	case <-time.After(10 * time.Second):
		tb.Fatal("the delivery is not settled")
		return nil
	}
}
