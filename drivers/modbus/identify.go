package modbus

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/gateway"
)

// Object is one text of a device identification. Modbus 6.21.
type Object struct {
	// ID 0 is the vendor, 1 the product code, 2 the revision; from 3 on optional.
	ID   byte   `json:"id"`
	Text string `json:"text"`
}

const (
	readDeviceIdentification = 14
	// basicObjects asks for vendor, product code and revision, which every device with this function has.
	basicObjects = 1
	moreFollows  = 0xFF
)

// Identify asks a unit for its basic identification (function 43/14), in as many requests as the device wants. It blocks
// for one time-out per request at the longest. A gateway.Error is about the device; every other error means that the
// wire is gone or the context has ended.
func (d *Driver) Identify(ctx context.Context, unit byte) ([]Object, error) {
	var objects []Object
	for next := byte(0); ; {
		data, err := d.call(ctx, unit, []byte{encapsulated, readDeviceIdentification, basicObjects, next})
		if err != nil {
			return nil, err
		}
		part := identificationObjects(data)
		if len(part) == 0 || part[0].ID != next {
			return nil, gateway.Errorf(gateway.Unavailable, "the device answers object %d of its identification with others", next)
		}
		objects = append(objects, part...)
		more, follows := data[3], data[4]
		if more != moreFollows {
			return objects, nil
		}
		// Only a device that goes forward comes to an end.
		if follows <= part[len(part)-1].ID {
			return nil, gateway.Errorf(gateway.Unavailable, "the device's identification has no end: object %d again", follows)
		}
		next = follows
	}
}

// identificationObjects reads the objects of a reply whose form was checked; see identificationPrefix.
func identificationObjects(data []byte) []Object {
	objects := make([]Object, 0, data[5])
	for rest := data[identificationHeader-1:]; len(rest) > 0; {
		end := 2 + int(rest[1])
		objects = append(objects, Object{ID: rest[0], Text: string(rest[2:end])})
		rest = rest[end:]
	}
	return objects
}

// ServerID asks a unit what it is (function 17). The meaning of the bytes is the vendor's. Errors are those of Identify.
func (d *Driver) ServerID(ctx context.Context, unit byte) ([]byte, error) {
	data, err := d.call(ctx, unit, []byte{serverID})
	if err != nil {
		return nil, err
	}
	return data[1:], nil
}

// ReadFIFO reads the queue of registers, at most 31, whose number is in the register at address (function 24). It takes
// nothing out of the queue. Errors are those of Identify.
func (d *Driver) ReadFIFO(ctx context.Context, unit byte, address uint16) ([]uint16, error) {
	data, err := d.call(ctx, unit, binary.BigEndian.AppendUint16([]byte{readFIFO}, address))
	if err != nil {
		return nil, err
	}
	registers := make([]uint16, 0, maxFIFO)
	for rest := data[4:]; len(rest) > 0; rest = rest[2:] {
		registers = append(registers, binary.BigEndian.Uint16(rest))
	}
	return registers, nil
}

// call sends a request that goburrow's client has not, or gets wrong, and gives the reply without its function code.
func (d *Driver) call(ctx context.Context, unit byte, pdu []byte) ([]byte, error) {
	if s := d.bus.shield; s != nil {
		s.expire(time.Now())
		if s.clashes(expect(unit, pdu)) {
			return nil, deviceFault(errLateAnswers)
		}
	}
	x := &exchange{bus: d.bus, ctx: ctx}
	answer, err := x.transact(d.bus.packager(unit), pdu)
	switch {
	case err != nil:
		return nil, deviceFault(err)
	case answer.FunctionCode == pdu[0]:
		return answer.Data, nil
	case x.unsure:
		return nil, deviceFault(errLateAnswers)
	}
	return nil, deviceFault(&modbus.ModbusError{FunctionCode: answer.FunctionCode, ExceptionCode: answer.Data[0]})
}

func (x *exchange) transact(p modbus.Packager, pdu []byte) (*modbus.ProtocolDataUnit, error) {
	request, err := p.Encode(&modbus.ProtocolDataUnit{FunctionCode: pdu[0], Data: pdu[1:]})
	if err != nil {
		return nil, fmt.Errorf("frame a request: %w", err)
	}
	reply, err := x.Send(request)
	if err != nil {
		return nil, err
	}
	if err := p.Verify(request, reply); err != nil {
		return nil, fmt.Errorf("verify a reply: %w", err)
	}
	answer, err := p.Decode(reply)
	if err != nil {
		return nil, fmt.Errorf("unpack a reply: %w", err)
	}
	return answer, nil
}
