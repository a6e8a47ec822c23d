package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// bus is what the slaves of a line have in common, whatever carries it.
type bus struct {
	faults
	framing Framing
	units   map[byte]*Unit
	baud    int
	// network says that there is a connection that can be closed.
	network bool
}

// LineSlave is a line with Modbus slaves on a pseudo terminal.
type LineSlave struct {
	bus
	*terminal
}

// OpenRTU makes a line with Modbus RTU; see OpenLine.
func OpenRTU(baud int, units map[byte]*Unit) (*LineSlave, error) { return OpenLine(RTU, baud, units) }

// OpenLine makes the line. baud paces the answers as a real line would, at 10 bits a byte plus 5 ms turnaround; 0 answers
// at once.
func OpenLine(framing Framing, baud int, units map[byte]*Unit) (*LineSlave, error) {
	t, err := openTerminal()
	if err != nil {
		return nil, err
	}
	return &LineSlave{terminal: t, bus: bus{framing: framing, units: units, baud: baud}}, nil
}

// Run answers until ctx ends.
func (s *LineSlave) Run(ctx context.Context) error {
	defer func() { _ = s.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.serve(ctx, s.master, 0); err != nil {
		return fmt.Errorf("serve the simulated line: %w", err)
	}
	return nil
}

// stream carries frames.
type stream interface {
	io.ReadWriter
	SetReadDeadline(t time.Time) error
}

// silence ends a frame that did not become complete.
const silence = 50 * time.Millisecond

// serve answers until ctx ends, or with an error when the stream does. A stream that is idle for so long ends; 0 is for
// ever.
func (b *bus) serve(ctx context.Context, wire stream, idle time.Duration) error {
	var pending []byte
	buffer := make([]byte, 512)
	for {
		var deadline time.Time
		switch {
		case len(pending) > 0:
			deadline = time.Now().Add(silence)
		case idle > 0:
			deadline = time.Now().Add(idle)
		}
		// A terminal that cannot have deadlines only keeps garbage longer.
		_ = wire.SetReadDeadline(deadline)
		n, err := wire.Read(buffer)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded) && len(pending) > 0:
			pending = nil
			continue
		case err != nil:
			return err
		}
		pending, err = b.consume(ctx, append(pending, buffer[:n]...), wire)
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// consume answers the complete frames and returns the rest.
func (b *bus) consume(ctx context.Context, data []byte, wire io.Writer) ([]byte, error) {
	for {
		unit, pdu, size := b.framing.next(data)
		if size == 0 {
			return data, nil
		}
		if pdu != nil {
			if err := b.reply(ctx, unit, pdu, size, wire); err != nil {
				return nil, err
			}
		}
		data = data[size:]
	}
}

func (b *bus) reply(ctx context.Context, number byte, pdu []byte, size int, wire io.Writer) error {
	if number == 0 {
		b.tellAll(pdu)
		return nil
	}
	unit, known := b.units[number]
	if !known {
		return nil // somebody else's, or nobody's
	}
	f := unit.over(b.get())
	if f.Disconnect && b.network {
		return errDisconnect
	}
	answerUnit, answer, answered := respond(unit, number, pdu, f)
	if !answered {
		return nil
	}
	frame := b.framing.pack(answerUnit, answer)
	if err := wait(ctx, b.onTheWire(size+len(frame))); err != nil {
		return err
	}
	return f.send(ctx, func(bytes []byte) error {
		_, err := wire.Write(bytes)
		return err
	}, frame)
}

// tellAll does what a broadcast says; nobody answers one. Modbus over serial line 2.1.
func (b *bus) tellAll(pdu []byte) {
	for _, unit := range b.units {
		if f := unit.over(b.get()); !f.Silent && !f.Disconnect {
			unit.answer(pdu, time.Now())
		}
	}
}

// onTheWire is how long request and answer take on a line.
func (b *bus) onTheWire(bytes int) time.Duration {
	if b.baud == 0 {
		return 0
	}
	return 5*time.Millisecond + time.Duration(bytes*10)*time.Second/time.Duration(b.baud)
}
