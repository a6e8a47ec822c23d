package serial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// Driver is an open wire with a device that sends lines or telegrams by itself.
type Driver struct {
	line line.Line
	// cut is a Splitter, unless the devices send telegrams.
	cut    cutter
	clean  func([]byte) string
	polls  uint64
	closed atomic.Bool
	// dropped is what cut has dropped, for others.
	dropped atomic.Uint64
	// begun says that Stream was called before: it is ended and called again around other work on the wire.
	begun bool
}

var (
	_ gateway.Streamer      = (*Driver)(nil)
	_ gateway.DamageCounter = (*Driver)(nil)
)

// cutter finds lines or telegrams in a stream of bytes.
type cutter interface {
	// Begin says that the next byte is the first one of a line.
	Begin()
	// Push takes bytes and calls whole for what they complete; what it gets is valid during the call only.
	Push(data []byte, whole func([]byte))
	// Dropped counts what was given up.
	Dropped() uint64
}

// Open opens the wire of a connection whose URL is line or line+tcp.
func Open(ctx context.Context, connection gateway.Connection) (gateway.Driver, error) {
	address, err := line.Of(connection)
	if err != nil {
		return nil, err
	}
	return OpenAt(ctx, address, connection)
}

// OpenAt is Open for an address that the connection alone does not say all of.
func OpenAt(ctx context.Context, address line.Address, connection gateway.Connection) (gateway.Driver, error) {
	wire, err := address.Open(ctx)
	if err != nil {
		return nil, err
	}
	return For(wire, address, connection), nil
}

// For speaks over a wire that is open as its address says: it is a gateway.Streamer unless the devices have to be asked. The
// driver owns the wire from now on.
func For(wire line.Line, address line.Address, connection gateway.Connection) gateway.Driver {
	if address.Talk.Asks() {
		return Ask(wire, address.Talk, time.Duration(cmp.Or(connection.Timeout, gateway.DefaultTimeout)))
	}
	return On(wire, address.Talk)
}

// On listens to a wire that is open; the driver owns it from now on.
func On(wire line.Line, talk line.Talk) *Driver {
	// Ids go on from the clock, so that two wires or a wire opened again do not share any.
	d := &Driver{line: wire, polls: uint64(time.Now().UnixMicro()), cut: &Splitter{}, clean: clean}
	if talk.Kind == line.TalkP1 {
		d.cut, d.clean = &p1Cutter{}, lines
	}
	return d
}

// Damaged implements gateway.DamageCounter.
func (d *Driver) Damaged() uint64 { return d.dropped.Load() }

// Close closes the wire and ends Stream.
func (d *Driver) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	return d.line.Close()
}

// Poll is Invalid: the device speaks when it wants to.
func (d *Driver) Poll(context.Context, gateway.Device, []gateway.Point) ([]gateway.Reading, error) {
	return nil, gateway.Errorf(gateway.Invalid, "this device sends by itself and cannot be asked: wait for its next line")
}

// Write is Invalid: the device only sends.
func (d *Driver) Write(context.Context, gateway.Device, gateway.Point, gateway.Value) (gateway.Reading, error) {
	return gateway.Reading{}, gateway.Errorf(gateway.Invalid, "a device that sends lines cannot be written")
}

// idle is the pause after which the next byte begins a line.
const idle = 150 * time.Millisecond

// Stream reads lines and emits the readings of each; see gateway.Streamer.
func (d *Driver) Stream(ctx context.Context, devices []gateway.Device, emit func([]gateway.Reading)) error {
	listeners := newListeners(devices, d.begun)
	var deadline time.Time
	if !d.begun {
		deadline = time.Now().Add(idle)
	}
	d.begun = true
	var chunk [1024]byte
	for {
		n, err := d.line.Read(ctx, chunk[:], deadline)
		deadline = time.Time{}
		switch {
		case n > 0:
			d.push(chunk[:n], listeners, emit)
		case ctx.Err() != nil:
			return nil //nolint:nilerr // the end of ctx is no failure
		case errors.Is(err, os.ErrDeadlineExceeded):
			d.cut.Begin()
		case err != nil:
			return fmt.Errorf("read lines: %w", err)
		}
	}
}

func (d *Driver) push(data []byte, listeners []*listener, emit func([]gateway.Reading)) {
	now := time.Now().UTC()
	defer func() { d.dropped.Store(d.cut.Dropped()) }()
	d.cut.Push(data, func(text []byte) {
		d.polls++
		for _, l := range listeners {
			if readings := l.hear(d.clean(text), now, d.polls); len(readings) > 0 {
				emit(readings)
			}
		}
	})
}

// listener finds the points of one device in lines.
type listener struct {
	device gateway.Device
	points []listened
}

type listened struct {
	extractor *Extractor
	wrong     string // why the address cannot be read at all
	// missed counts the lines in a row that were not about the point. On a new wire it starts full, so that a wrong
	// address shows at the first line.
	missed int
}

// patience is how many lines in a row may be about something else before a point counts as missing. Devices send
// several kinds of lines in turn.
const patience = 10

func newListeners(devices []gateway.Device, again bool) []*listener {
	missed := patience
	if again {
		missed = 0
	}
	listeners := make([]*listener, len(devices))
	for i, device := range devices {
		l := &listener{device: device, points: make([]listened, len(device.Points))}
		for j, point := range device.Points {
			extractor, err := Compile(point)
			l.points[j] = listened{extractor: extractor, missed: missed}
			if err != nil {
				l.points[j].wrong = err.Error()
			}
		}
		listeners[i] = l
	}
	return listeners
}

// hear gives the readings of a line: good ones for what is there, bad ones for what should be there and is not.
func (l *listener) hear(text string, now time.Time, id uint64) []gateway.Reading {
	var readings []gateway.Reading
	for i := range l.points {
		reading := gateway.Reading{
			Point: gateway.PointKey{Device: l.device.ID, Point: l.device.Points[i].ID}, Time: now, Poll: id,
		}
		value, reason, say := l.points[i].hear(text)
		if !say {
			continue
		}
		reading.Value, reading.Quality, reading.Reason = value, gateway.Good, reason
		if reason != "" {
			reading.Quality = gateway.Bad
		}
		readings = append(readings, reading)
	}
	return readings
}

func (p *listened) hear(text string) (v gateway.Value, reason string, say bool) {
	if p.wrong != "" {
		return v, p.wrong, true
	}
	v, err := p.extractor.Extract(text)
	if err == nil {
		p.missed = 0
		return v, "", true
	}
	if errors.Is(err, errAbsent) && p.extractor.optional && p.missed < patience {
		p.missed++
		return v, "", false
	}
	return gateway.Value{}, err.Error(), true
}
