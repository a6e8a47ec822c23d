package line

import (
	"fmt"
	"time"

	"go.bug.st/serial"
)

// Adjustable is a wire that is a serial port of this machine, whose speed a conversation may change. It is used by the goroutine
// that reads and writes.
type Adjustable interface {
	Line
	// SetBaud waits until everything is sent and changes the speed in bits per second.
	SetBaud(baud int) error
	// Break holds the line for a time, which wakes devices up, and blocks for as long.
	Break(d time.Duration) error
}

// AdjustableOf finds the port of a wire; false for all that are none.
func AdjustableOf(wire Line) (Adjustable, bool) {
	if t, is := wire.(*traced); is {
		wire = t.Line
	}
	port, is := wire.(Adjustable)
	return port, is
}

// serialWire is a wire that can still be adjusted.
type serialWire struct {
	*wire
	port serial.Port
	mode serial.Mode
}

var _ Adjustable = (*serialWire)(nil)

func (w *serialWire) SetBaud(baud int) error {
	if err := w.port.Drain(); err != nil {
		return fmt.Errorf("wait until all is sent: %w", err)
	}
	w.mode.BaudRate = baud
	if err := w.port.SetMode(&w.mode); err != nil {
		return fmt.Errorf("change to %d baud: %w", baud, err)
	}
	return nil
}

func (w *serialWire) Break(d time.Duration) error {
	if err := w.port.Break(d); err != nil {
		return fmt.Errorf("break: %w", err)
	}
	return nil
}
