package sim

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// maxConnections bounds the masters of a TCP slave; the next one is closed at once.
const maxConnections = 32

// idleTimeout closes connections whose master is gone.
const idleTimeout = 5 * time.Minute

// TCPSlave is a Modbus TCP slave with several units behind one address, or a serial server with a line behind it.
type TCPSlave struct {
	bus
	listener net.Listener
}

// ListenTCP binds the address of a Modbus TCP slave; 127.0.0.1:0 takes a free port.
func ListenTCP(ctx context.Context, address string, units map[byte]*Unit) (*TCPSlave, error) {
	return ListenLine(ctx, nil, address, units)
}

// ListenLine binds the address of a serial server, which carries the frames of a line over TCP; nil is Modbus TCP.
func ListenLine(ctx context.Context, framing Framing, address string, units map[byte]*Unit) (*TCPSlave, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen as a Modbus slave: %w", err)
	}
	return &TCPSlave{listener: listener, bus: bus{framing: framing, units: units, network: true}}, nil
}

// Addr is where the slave listens.
func (s *TCPSlave) Addr() string { return s.listener.Addr().String() }

// Close is for a slave that was never run.
func (s *TCPSlave) Close() error { return s.listener.Close() }

// Run serves until ctx ends.
func (s *TCPSlave) Run(ctx context.Context) error {
	var masters sync.WaitGroup
	defer masters.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { _ = s.listener.Close() })
	room := make(chan struct{}, maxConnections)
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept a Modbus master: %w", err)
		}
		select {
		case room <- struct{}{}:
			masters.Go(func() {
				defer func() { <-room }()
				s.serve(ctx, conn)
			})
		default:
			_ = conn.Close()
		}
	}
}

// serve ends with the connection; a broken one is the master's to notice.
func (s *TCPSlave) serve(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if s.framing != nil {
		_ = s.bus.serve(ctx, conn, idleTimeout)
		return
	}
	for err := error(nil); err == nil; {
		err = s.exchange(ctx, conn)
	}
}

var errDisconnect = errors.New("disconnect")

// exchange reads one request and answers it. The header is transaction, protocol 0, length, unit (Modbus TCP 3.1.3).
func (s *TCPSlave) exchange(ctx context.Context, conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(idleTimeout)); err != nil {
		return err
	}
	header := make([]byte, 7)
	if _, err := io.ReadFull(conn, header); err != nil {
		return err
	}
	length := int(binary.BigEndian.Uint16(header[4:]))
	if binary.BigEndian.Uint16(header[2:]) != 0 || length < 2 || length > 254 {
		return errDisconnect
	}
	pdu := make([]byte, length-1)
	if _, err := io.ReadFull(conn, pdu); err != nil {
		return err
	}
	f := s.get()
	unit, known := s.units[header[6]]
	if known {
		f = unit.over(f)
	}
	if f.Disconnect {
		return errDisconnect
	}
	answerUnit, answer := header[6], []byte{pdu[0] | 0x80, 0x0B} // gateway target device failed to respond
	if known {
		var answered bool
		if answerUnit, answer, answered = respond(unit, header[6], pdu, f); !answered {
			return nil
		}
	}
	frame := append(append(append([]byte{}, header[:4]...), 0, byte(len(answer)+1), answerUnit), answer...)
	return f.send(ctx, func(bytes []byte) error {
		_, err := conn.Write(bytes)
		return err
	}, frame)
}
