package modbus

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.Commander = (*Driver)(nil)

// Raw sends a PDU as it is; see gateway.Commander. The reply to a function that is known here is checked in full, that to
// another one by unit, function and checksum. While a late answer to a request may still come that could be taken for the
// reply, nothing is sent.
func (d *Driver) Raw(ctx context.Context, unit int, pdu []byte) ([]byte, error) {
	if err := CheckUnit(d.bus.address, unit); err != nil {
		return nil, err
	}
	if len(pdu) == 0 || len(pdu) > maxPDU || pdu[0] == 0 || pdu[0]&exceptionBit != 0 {
		return nil, gateway.FieldErrorf("pdu", "a request has 1 to %d bytes and begins with a function of 1 to 127", maxPDU)
	}
	e := expect(byte(unit), pdu)
	if s := d.bus.shield; s != nil {
		if s.expire(time.Now()); s.clashes(e) {
			return nil, deviceFault(errLateAnswers)
		}
	}
	x := &exchange{bus: d.bus, ctx: ctx}
	answer, err := x.transact(d.bus.packager(byte(unit)), pdu)
	switch {
	case err != nil:
		return nil, deviceFault(err)
	case answer.FunctionCode&exceptionBit != 0 && x.unsure:
		return nil, deviceFault(errLateAnswers)
	}
	return append([]byte{answer.FunctionCode}, answer.Data...), nil
}

// broadcastPause is how long devices get to do what all were told: nobody says when it is done. Modbus over serial line 2.1
// leaves it to the line; 100 to 200 ms are usual.
const broadcastPause = 100 * time.Millisecond

// Broadcast writes to unit 0; see gateway.Commander. It returns when the devices had time to do it.
func (d *Driver) Broadcast(ctx context.Context, point gateway.Point, v gateway.Value) error {
	if d.bus.address.Protocol == line.ModbusTCP {
		return gateway.FieldErrorf("connection.url", "there are broadcasts on serial lines only: over Modbus TCP unit 0 is one device")
	}
	point.Writable = true
	t, err := prepareWrite(gateway.DeviceQuirks{}, point)
	if err != nil {
		return err
	}
	pdu, err := broadcastOf(t, v)
	if err != nil {
		return err
	}
	x := &exchange{bus: d.bus, ctx: ctx}
	if err := x.tell(pdu); err != nil {
		return deviceFault(err)
	}
	pause(ctx, broadcastPause)
	return ctx.Err()
}

func broadcastOf(t target, v gateway.Value) ([]byte, error) {
	switch {
	case t.Bit != NoBit || t.layout.Mask() != nil:
		return nil, gateway.FieldErrorf("point.address", "bits of a register cannot be broadcast: the others differ from device to device")
	case t.scale >= 0:
		return nil, gateway.FieldErrorf("point", "a value with a scale register cannot be broadcast: the scale differs from device to device")
	}
	data, err := t.encode(v, 0)
	if err != nil {
		return nil, err
	}
	address := uint16(t.Offset)
	switch {
	case t.Table == Coils && len(data) > 1:
		return severalOf(writeCoils, address, len(data), pack(data)), nil
	case t.Table == Coils:
		return binary.BigEndian.AppendUint16([]byte{writeCoil, byte(address >> 8), byte(address)}, uint16(data[0])*0xFF00), nil
	case len(data) == 2:
		return append([]byte{writeRegister, byte(address >> 8), byte(address)}, data...), nil
	}
	return severalOf(writeRegisters, address, len(data)/2, data), nil
}

// severalOf is a request to write several coils or registers.
func severalOf(function byte, address uint16, quantity int, data []byte) []byte {
	pdu := binary.BigEndian.AppendUint16([]byte{function, byte(address >> 8), byte(address)}, uint16(quantity))
	return append(append(pdu, byte(len(data))), data...)
}

// tell sends a request that nobody answers.
func (x *exchange) tell(pdu []byte) error {
	const everybody = 0
	b := x.bus
	request, err := b.packager(everybody).Encode(&modbus.ProtocolDataUnit{FunctionCode: pdu[0], Data: pdu[1:]})
	if err != nil {
		return fmt.Errorf("frame a broadcast: %w", err)
	}
	if err := b.prepare(x.ctx, expect(everybody, pdu)); err != nil {
		return err
	}
	sending := b.onWire(len(request))
	now := time.Now()
	if err := b.line.Write(request, now.Add(sending+b.timeout)); err != nil {
		return err
	}
	b.quiet = now.Add(sending)
	return nil
}

// wellFormed reports whether a request is one of a function whose reply is known here, in its right form. Modbus 6.
func wellFormed(pdu []byte) bool {
	quantity := func(most int) bool {
		n := int(binary.BigEndian.Uint16(pdu[3:]))
		return n >= 1 && n <= most
	}
	switch pdu[0] {
	case readCoils, readDiscretes:
		return len(pdu) == 5 && quantity(maxBits)
	case readHoldings, readInputs:
		return len(pdu) == 5 && quantity(maxRegisters)
	case writeCoil, writeRegister:
		return len(pdu) == 5
	case writeCoils, writeRegisters:
		return len(pdu) > 6 && int(pdu[5]) == len(pdu)-6
	case maskWrite:
		return len(pdu) == 7
	case readWrite:
		return len(pdu) > 10 && quantity(maxRegisters) && int(pdu[9]) == len(pdu)-10
	case serverID:
		return len(pdu) == 1
	case readFIFO:
		return len(pdu) == 3
	case encapsulated:
		return len(pdu) == 4 && pdu[1] == readDeviceIdentification
	}
	return false
}
