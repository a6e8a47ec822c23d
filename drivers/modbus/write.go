package modbus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

// Write sets a point and reads it back; see gateway.Driver. What is read back decides, not the answer to the write: a lost
// answer does not say whether the device did it. A write is never sent twice. A gateway.Error is about the device; every
// other error means that the wire is gone.
func (d *Driver) Write(ctx context.Context, device gateway.Device, point gateway.Point, v gateway.Value) (gateway.Reading, error) {
	t, data, err := prepareWrite(point, v)
	if err != nil {
		return gateway.Reading{}, err
	}
	w := &write{driver: d, unit: byte(device.Unit), target: t, data: data}
	a, err := w.confirm(ctx, w.send(ctx))
	if err != nil {
		return gateway.Reading{}, err
	}
	p := newPoll(d, device, []gateway.Point{point})
	d.polls++
	p.good(0, t.Offset, a, d.polls)
	reading := p.readings[0]
	if !w.holds(a) {
		reading.Quality = gateway.Uncertain
		reading.Reason = "the device took the write but holds another value: it may limit the range or ignore the write"
	}
	return reading, nil
}

// prepareWrite makes the bytes for a value, or says why it cannot be written.
func prepareWrite(point gateway.Point, v gateway.Value) (target, []byte, error) {
	t, err := locate(point)
	switch {
	case err != nil:
		return t, nil, err
	case !t.Table.Writable():
		return t, nil, gateway.Errorf(gateway.Invalid, "%s can only be read: coils and holding registers can be written", point.Address)
	case !point.Writable:
		return t, nil, gateway.Errorf(gateway.Invalid, "point %s is read-only: switch writing on for it first", point.ID)
	}
	if t.Table.Bits() || t.Bit != NoBit {
		truth, err := value.Truth(v)
		if err != nil {
			return t, nil, err
		}
		return t, []byte{boolByte(truth)}, nil
	}
	data, err := t.layout.Encode(v)
	return t, data, err
}

func boolByte(truth bool) byte {
	if truth {
		return 1
	}
	return 0
}

// write is one write under way.
type write struct {
	driver *Driver
	unit   byte
	target target
	// data is what the registers shall hold; for bits one byte, 0 or 1.
	data []byte
}

func (w *write) span() Span {
	return Span{w.target.Offset, w.target.Offset + w.target.length()}
}

// send uses the single-value functions where they do, since some devices have only those, and falls back to the multiple
// ones where the device has only these.
func (w *write) send(ctx context.Context) error {
	switch {
	case w.target.Table == Coils:
		return w.fallBack(ctx, w.sendCoil, w.sendCoils)
	case w.target.Bit != NoBit:
		return w.fallBack(ctx, w.sendMask, w.sendBit)
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
	_, err := client.WriteMultipleCoils(uint16(w.target.Offset), 1, w.data)
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

// mask is the register with only the target's bit set, in the order of the wire.
func (w *write) mask() uint16 {
	layout := w.target.layout
	layout.Type = gateway.Uint16
	wire, err := layout.Encode(gateway.UintValue(1 << w.target.Bit))
	if err != nil {
		panic(err) // a bit is 0 to 15
	}
	return binary.BigEndian.Uint16(wire)
}

// sendMask changes one bit in the device itself: result = (register AND and) OR (or AND NOT and). Modbus 6.16.
func (w *write) sendMask(_ context.Context, client modbus.Client) error {
	_, err := client.MaskWriteRegister(uint16(w.target.Offset), ^w.mask(), w.mask()*uint16(w.data[0]))
	return err
}

// sendBit reads the register and writes it back with the bit changed, for devices without a mask write.
func (w *write) sendBit(ctx context.Context, client modbus.Client) error {
	a, err := w.driver.read(ctx, w.unit, w.target.Table, w.span())
	if err != nil {
		return err
	}
	register := binary.BigEndian.Uint16(a.data)&^w.mask() | w.mask()*uint16(w.data[0])
	_, err = client.WriteSingleRegister(uint16(w.target.Offset), register)
	return err
}

func (w *write) readBack(ctx context.Context) (answer, error) {
	return w.driver.read(ctx, w.unit, w.target.Table, w.span())
}

// holds reports whether the device has what was written.
func (w *write) holds(a answer) bool {
	switch {
	case w.target.Table == Coils:
		return a.bits[0] == (w.data[0] == 1)
	case w.target.Bit != NoBit:
		return (binary.BigEndian.Uint16(a.data)&w.mask() != 0) == (w.data[0] == 1)
	}
	return bytes.Equal(a.data, w.data)
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
