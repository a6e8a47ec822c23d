package modbus

import (
	"context"
	"errors"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/drivers/value"
	"github.com/tidegate/tidegate/gateway"
)

// mostQuestions bounds one look at a device that refuses most of it: each refusal cuts a span in halves.
const mostQuestions = 40

// ReadRange reads places with all that they may mean; see gateway.Explorer. A span that the device refuses is cut in
// halves until what can be read stands alone.
func (d *Driver) ReadRange(ctx context.Context, r gateway.Range) ([]gateway.Place, error) {
	if err := d.connect(ctx); err != nil {
		return nil, err
	}
	address, err := d.checkRange(r)
	if err != nil {
		return nil, err
	}
	l := &look{driver: d, unit: byte(r.Unit), first: address, places: make([]gateway.Place, r.Count), left: mostQuestions}
	for i := range l.places {
		l.places[i].Address = Address{Table: address.Table, Offset: address.Offset + i, Bit: NoBit}.String()
	}
	step := maxRegisters
	if address.Table.Bits() {
		step = maxBits
	}
	for start := 0; start < r.Count; start += step {
		if err := l.read(ctx, start, min(start+step, r.Count)); err != nil {
			return nil, err
		}
	}
	if !address.Table.Bits() {
		l.interpret()
	}
	return l.places, nil
}

func (d *Driver) checkRange(r gateway.Range) (Address, error) {
	address, err := ParseAddress(r.Address)
	if err != nil {
		return address, err
	}
	switch err := CheckUnit(d.bus.address, r.Unit); {
	case err != nil:
		return address, err
	case address.Bit != NoBit:
		return address, addressErrorf("%q: a look begins at a register or a coil, not at a bit of one", r.Address)
	case r.Count < 1 || r.Count > gateway.MaxRange:
		return address, gateway.FieldErrorf("count", "1 to %d places are read at once", gateway.MaxRange)
	case address.Offset+r.Count > addressSpace:
		return address, gateway.FieldErrorf("count", "there is nothing behind place %d", addressSpace-1)
	}
	return address, nil
}

// look is one call of ReadRange. Places are counted from its first one.
type look struct {
	driver *Driver
	unit   byte
	first  Address
	places []gateway.Place
	// left is how many questions may still be asked.
	left int
	// silent is why the rest is not asked for; empty while the device answers.
	silent string
}

// read asks for a part of the places. The error is that of the wire or of ctx.
func (l *look) read(ctx context.Context, start, end int) error {
	switch {
	case l.silent != "":
		l.refused(start, end, l.silent)
		return nil
	case l.left == 0:
		l.refused(start, end, "not asked: the device refuses too much here; look at a smaller range")
		return nil
	}
	l.left--
	a, err := l.driver.read(ctx, l.unit, l.first.Table, Span{l.first.Offset + start, l.first.Offset + end})
	exception, isException := errors.AsType[*modbus.ModbusError](err)
	silence, isSilence := errors.AsType[*noReply](err)
	switch {
	case err == nil:
		l.fill(start, end, a)
	case isException && wrongRequest(exception) && end-start > 1:
		middle := (start + end) / 2
		return errors.Join(l.read(ctx, start, middle), l.read(ctx, middle, end))
	case isException:
		l.refused(start, end, explain(exception))
	case isSilence:
		l.silent = silence.Error()
		l.refused(start, end, l.silent)
	case errors.Is(err, errLateAnswers):
		l.refused(start, end, err.Error())
	default:
		return err
	}
	return nil
}

func (l *look) refused(start, end int, reason string) {
	for i := start; i < end; i++ {
		l.places[i].Reason = reason
	}
}

func (l *look) fill(start, end int, a answer) {
	for i := range end - start {
		raw := 0
		switch {
		case l.first.Table.Bits():
			raw = int(boolByte(a.bits[i]))
		default:
			raw = int(a.data[2*i])<<8 | int(a.data[2*i+1])
		}
		l.places[start+i].Raw = &raw
	}
}

// interpret gives every register the values that may begin there; none goes over a place that could not be read.
func (l *look) interpret() {
	var wire []byte
	for i := len(l.places) - 1; i >= 0; i-- {
		raw := l.places[i].Raw
		if raw == nil {
			wire = nil
			continue
		}
		wire = append([]byte{byte(*raw >> 8), byte(*raw)}, wire...)
		l.places[i].Meanings = value.Meanings(wire)
	}
}
