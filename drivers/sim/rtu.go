package sim

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"
)

// RTUSlave is a line with Modbus RTU slaves on a pseudo terminal.
type RTUSlave struct {
	faults
	*terminal
	units map[byte]*Unit
	baud  int
}

// OpenRTU makes the line. baud paces the answers as a real line would, at 10 bits a byte plus 5 ms turnaround; 0 answers
// at once.
func OpenRTU(baud int, units map[byte]*Unit) (*RTUSlave, error) {
	t, err := openTerminal()
	if err != nil {
		return nil, err
	}
	return &RTUSlave{terminal: t, units: units, baud: baud}, nil
}

// silence ends a frame that did not become complete.
const silence = 50 * time.Millisecond

// Run answers until ctx ends.
func (s *RTUSlave) Run(ctx context.Context) error {
	defer func() { _ = s.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	var pending []byte
	buffer := make([]byte, 512)
	for {
		var deadline time.Time
		if len(pending) > 0 {
			deadline = time.Now().Add(silence)
		}
		// A terminal that cannot have deadlines only keeps garbage longer.
		_ = s.master.SetReadDeadline(deadline)
		n, err := s.master.Read(buffer)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			pending = nil
			continue
		case err != nil:
			return fmt.Errorf("read the simulated line: %w", err)
		}
		pending, err = s.consume(ctx, append(pending, buffer[:n]...))
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("write the simulated line: %w", err)
		}
	}
}

// consume answers the complete frames and returns the rest. What is not a frame is skipped byte by byte.
func (s *RTUSlave) consume(ctx context.Context, bytes []byte) ([]byte, error) {
	for len(bytes) >= 4 {
		length := requestLength(bytes)
		if length > len(bytes) {
			return bytes, nil
		}
		if length == 0 || crc16(bytes[:length-2]) != binary.LittleEndian.Uint16(bytes[length-2:]) {
			bytes = bytes[1:]
			continue
		}
		if err := s.reply(ctx, bytes[:length]); err != nil {
			return nil, err
		}
		bytes = bytes[length:]
	}
	return bytes, nil
}

// requestLength is the length of the frame that begins here, 0 when no request begins like this, and more than there is
// when that cannot be said yet.
func requestLength(bytes []byte) int {
	switch bytes[1] {
	case 1, 2, 3, 4, 5, 6:
		return 8
	case 15, 16:
		if len(bytes) < 7 {
			return 8
		}
		return 9 + int(bytes[6])
	case 22:
		return 10
	case 43:
		return 7
	case 23:
		if len(bytes) < 11 {
			return 12
		}
		return 13 + int(bytes[10])
	}
	return 0
}

func (s *RTUSlave) reply(ctx context.Context, request []byte) error {
	unit, known := s.units[request[0]]
	if !known {
		return nil // somebody else's, or nobody's
	}
	f := unit.over(s.get())
	answerUnit, answer, answered := respond(unit, request[0], request[1:len(request)-2], f)
	if !answered {
		return nil
	}
	frame := append([]byte{answerUnit}, answer...)
	frame = binary.LittleEndian.AppendUint16(frame, crc16(frame))
	if err := wait(ctx, s.onTheWire(len(request)+len(frame))); err != nil {
		return err
	}
	return f.send(ctx, func(bytes []byte) error {
		_, err := s.master.Write(bytes)
		return err
	}, frame)
}

// onTheWire is how long request and answer take on a line.
func (s *RTUSlave) onTheWire(bytes int) time.Duration {
	if s.baud == 0 {
		return 0
	}
	return 5*time.Millisecond + time.Duration(bytes*10)*time.Second/time.Duration(s.baud)
}

// crc16 is the checksum of Modbus RTU: polynomial 0xA001 reflected, initial value 0xFFFF (Modbus over serial line 2.5.1.2).
func crc16(bytes []byte) uint16 {
	crc := uint16(0xFFFF)
	for _, b := range bytes {
		crc ^= uint16(b)
		for range 8 {
			if crc&1 == 1 {
				crc = crc>>1 ^ 0xA001
			} else {
				crc >>= 1
			}
		}
	}
	return crc
}
