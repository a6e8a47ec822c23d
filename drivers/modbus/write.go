package modbus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/gateway"
)

// Write sets a point and reads it back; see gateway.Driver. What is read back decides, not the answer to the write: a lost
// answer does not say whether the device did it. A write is never sent twice. A gateway.Error is about the device; every
// other error means that the wire is gone.
func (d *Driver) Write(ctx context.Context, device gateway.Device, point gateway.Point, v gateway.Value) (gateway.Reading, error) {
	t, err := prepareWrite(device.Quirks, point)
	if err != nil {
		return gateway.Reading{}, err
	}
	if err := d.connect(ctx); err != nil {
		return gateway.Reading{}, err
	}
	d.adopt(device)
	w := &write{driver: d, unit: byte(device.Unit), target: t, mask: t.layout.Mask()}
	if err := w.encode(ctx, v); err != nil {
		return gateway.Reading{}, err
	}
	a, err := w.confirm(ctx, w.send(ctx))
	if err != nil {
		return gateway.Reading{}, err
	}
	p := newPoll(d, device, []gateway.Point{point})
	d.polls++
	p.good(0, t.span().Start, a, d.polls)
	reading := p.readings[0]
	if !w.holds(a) {
		reading.Quality = gateway.Uncertain
		reading.Reason = "the device took the write but holds another value: it may limit the range or ignore the write"
	}
	return reading, nil
}

// prepareWrite finds the place of a point, or says why it cannot be written.
func prepareWrite(quirks gateway.DeviceQuirks, point gateway.Point) (target, error) {
	t, err := locate(quirks, point)
	switch {
	case err != nil:
		return t, err
	case !t.Table.Writable():
		return t, gateway.Errorf(gateway.Invalid, "%s can only be read: coils and holding registers can be written", point.Address)
	case !point.Writable:
		return t, gateway.Errorf(gateway.Invalid, "point %s is read-only: switch writing on for it first", point.ID)
	}
	return t, nil
}

func boolByte(truth bool) byte {
	if truth {
		return 1
	}
	return 0
}

// pack puts bits of a byte each into bytes, the first one lowest. Modbus 6.11.
func pack(bits []byte) []byte {
	packed := make([]byte, (len(bits)+7)/8)
	for i, bit := range bits {
		packed[i/8] |= bit << (i % 8)
	}
	return packed
}

func truths(bits []byte) []bool {
	all := make([]bool, len(bits))
	for i, bit := range bits {
		all[i] = bit == 1
	}
	return all
}

// write is one write under way.
type write struct {
	driver *Driver
	unit   byte
	target target
	// data is what the registers shall hold; for bits one byte each, 0 or 1.
	data []byte
	// mask has the bits of data that count; nil are all of them.
	mask []byte
}

// encode makes the data. The scale of the value, where it has one, is asked for first.
func (w *write) encode(ctx context.Context, v gateway.Value) error {
	exponent := 0
	if at := w.target.scale; at >= 0 {
		a, err := w.driver.read(ctx, w.unit, w.target.Table, Span{at, at + 1})
		if err != nil {
			return deviceFault(err)
		}
		reason := ""
		if exponent, reason = exponentIn(a.data); reason != "" {
			return gateway.Errorf(gateway.Unavailable, "%s", reason)
		}
	}
	data, err := w.target.encode(v, exponent)
	w.data = data
	return err
}

// send uses the single-value functions where they do, since some devices have only those, and falls back to the multiple
// ones where the device has only these.
func (w *write) send(ctx context.Context) error {
	own := w.driver.quirksOf(w.unit)
	own.rest(ctx)
	defer func() { own.asked = time.Now() }()
	switch {
	case w.target.Table == Coils && len(w.data) > 1:
		client, _ := w.driver.bus.client(ctx, w.unit)
		return w.sendCoils(ctx, client)
	case w.target.Table == Coils:
		return w.fallBack(ctx, w.sendCoil, w.sendCoils)
	case w.mask != nil && len(w.data) == 2:
		return w.fallBack(ctx, w.sendMask, w.sendMerged)
	case w.mask != nil:
		client, _ := w.driver.bus.client(ctx, w.unit)
		return w.sendMerged(ctx, client)
	case len(w.data) == 2:
		return w.fallBack(ctx, w.sendRegister, w.sendRegisters)
	}
	client, _ := w.driver.bus.client(ctx, w.unit)
	return w.sendRegisters(ctx, client)
}

type sender func(context.Context, modbus.Client) error

// fallBack tries second only when the device says that it does not know the function of first: then nothing was written.
func (w *write) fallBack(ctx context.Context, first, second sender) error {
	client, x := w.driver.bus.client(ctx, w.unit)
	err := first(ctx, client)
	if exception, is := errors.AsType[*modbus.ModbusError](err); is && exception.ExceptionCode == illegalFunction && !x.unsure {
		client, _ := w.driver.bus.client(ctx, w.unit)
		return second(ctx, client)
	}
	return err
}

func (w *write) sendCoil(_ context.Context, client modbus.Client) error {
	_, err := client.WriteSingleCoil(uint16(w.target.Offset), uint16(w.data[0])*0xFF00)
	return err
}

func (w *write) sendCoils(_ context.Context, client modbus.Client) error {
	_, err := client.WriteMultipleCoils(uint16(w.target.Offset), uint16(len(w.data)), pack(w.data))
	return err
}

func (w *write) sendRegister(_ context.Context, client modbus.Client) error {
	_, err := client.WriteSingleRegister(uint16(w.target.Offset), binary.BigEndian.Uint16(w.data))
	return err
}

func (w *write) sendRegisters(_ context.Context, client modbus.Client) error {
	_, err := client.WriteMultipleRegisters(uint16(w.target.Offset), uint16(len(w.data)/2), w.data)
	return err
}

// sendMask changes some bits in the device itself: result = (register AND and) OR (or AND NOT and). Modbus 6.16.
func (w *write) sendMask(_ context.Context, client modbus.Client) error {
	mask := binary.BigEndian.Uint16(w.mask)
	_, err := client.MaskWriteRegister(uint16(w.target.Offset), ^mask, binary.BigEndian.Uint16(w.data))
	return err
}

// sendMerged reads the registers and writes them back with some bits changed, where the device cannot do it itself.
func (w *write) sendMerged(ctx context.Context, client modbus.Client) error {
	a, err := w.driver.read(ctx, w.unit, w.target.Table, w.target.own())
	if err != nil {
		return err
	}
	merged := make([]byte, len(w.data))
	for i := range merged {
		merged[i] = a.data[i]&^w.mask[i] | w.data[i]
	}
	if len(merged) == 2 {
		_, err = client.WriteSingleRegister(uint16(w.target.Offset), binary.BigEndian.Uint16(merged))
		return err
	}
	_, err = client.WriteMultipleRegisters(uint16(w.target.Offset), uint16(len(merged)/2), merged)
	return err
}

func (w *write) readBack(ctx context.Context) (answer, error) {
	return w.driver.read(ctx, w.unit, w.target.Table, w.target.span())
}

// holds reports whether the device has what was written.
func (w *write) holds(a answer) bool {
	if w.target.Table == Coils {
		return slices.Equal(a.bits, truths(w.data))
	}
	at := 2 * (w.target.Offset - w.target.span().Start)
	for i, written := range w.data {
		mask := byte(0xFF)
		if w.mask != nil {
			mask = w.mask[i]
		}
		if (a.data[at+i]^written)&mask != 0 {
			return false
		}
	}
	return true
}

// confirm reads back what is there after a write that ended with sent. Without a confirmation of the device, only finding
// the value there counts as success.
func (w *write) confirm(ctx context.Context, sent error) (answer, error) {
	if exception, is := errors.AsType[*modbus.ModbusError](sent); is {
		return answer{}, gateway.Errorf(gateway.Unavailable, "the value was not written: %s", explain(exception))
	}
	if sent != nil && !deviceError(sent) {
		return answer{}, fmt.Errorf("write: %w", sent)
	}
	a, err := w.readBack(ctx)
	switch {
	case err != nil && !deviceError(err):
		return a, fmt.Errorf("read back: %w", err)
	case err != nil && sent != nil:
		return a, unconfirmed(sent)
	case err != nil:
		return a, unconfirmed(err)
	case sent != nil && !w.holds(a):
		return a, gateway.Errorf(gateway.Unavailable,
			"the device did not confirm, and it does not hold the value (yet): look at the point before writing again: %w", sent)
	}
	return a, nil
}

// deviceError reports whether an error is about the device and not about the wire.
func deviceError(err error) bool {
	_, silent := errors.AsType[*noReply](err)
	_, exception := errors.AsType[*modbus.ModbusError](err)
	return silent || exception || errors.Is(err, errLateAnswers)
}

// deviceFault makes an error about the device one that a user is told.
func deviceFault(err error) error {
	if exception, is := errors.AsType[*modbus.ModbusError](err); is {
		return gateway.Errorf(gateway.Unavailable, "%s", explain(exception))
	}
	if deviceError(err) {
		return gateway.Errorf(gateway.Unavailable, "%w", err)
	}
	return err
}

func unconfirmed(err error) error {
	reason := err.Error()
	if exception, is := errors.AsType[*modbus.ModbusError](err); is {
		reason = explain(exception)
	}
	return gateway.Errorf(gateway.Unavailable,
		"it is unknown whether the value was written: %s; look at the point before writing again", reason)
}
