package modbus

import (
	"context"
	"errors"
	"time"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/gateway"
)

var readFunctions = [...]byte{Coils: readCoils, Discretes: readDiscretes, Inputs: readInputs, Holdings: readHoldings}

// answer is what came back for a span.
type answer struct {
	// data begins at the span's start; registers are two bytes each.
	data []byte
	// bits are the values of coils and discrete inputs.
	bits []bool
	time time.Time
	// unsure marks an exception that may have been meant for an earlier request.
	unsure bool
}

// errLateAnswers says that the unit is left alone because late replies could be taken for new ones.
var errLateAnswers = errors.New("waiting for late answers of the device to pass: they could be mistaken for new ones; " +
	"a longer timeout avoids this")

// read asks for one span, and again with the user's timeout when the unit took longer than usual. What is wrong with the device
// comes as *modbus.ModbusError, *noReply or errLateAnswers.
func (d *Driver) read(ctx context.Context, unit byte, table Table, span Span) (answer, error) {
	a, err := d.readOnce(ctx, unit, table, span)
	if reply, none := errors.AsType[*noReply](err); none && reply.early {
		return d.readOnce(ctx, unit, table, span)
	}
	return a, err
}

func (d *Driver) readOnce(ctx context.Context, unit byte, table Table, span Span) (answer, error) {
	asked, err := d.tagged(unit, table, span)
	if err != nil {
		return answer{}, err
	}
	own := d.quirksOf(unit)
	own.rest(ctx)
	client, x := d.bus.client(ctx, unit)
	x.again = true
	data, err := readTable(client, own.table(table), asked)
	own.asked = time.Now()
	a := answer{time: x.arrived, unsure: x.unsure || asked != span}
	if err != nil {
		return a, err
	}
	skip := span.Start - asked.Start
	if table.Bits() {
		a.bits = unpack(data, skip, span.Len())
		return a, nil
	}
	a.data = data[2*skip : 2*(skip+span.Len())]
	return a, nil
}

func readTable(client modbus.Client, table Table, span Span) ([]byte, error) {
	start, quantity := uint16(span.Start), uint16(span.Len())
	switch table {
	case Coils:
		return client.ReadCoils(start, quantity)
	case Discretes:
		return client.ReadDiscreteInputs(start, quantity)
	case Inputs:
		return client.ReadInputRegisters(start, quantity)
	case Holdings:
	}
	return client.ReadHoldingRegisters(start, quantity)
}

// tagged widens a span where a late reply could be taken for the reply to it; see shield.go.
func (d *Driver) tagged(unit byte, table Table, span Span) (Span, error) {
	if d.bus.shield == nil {
		return span, nil
	}
	d.bus.shield.expire(time.Now())
	step, limit := 1, maxRegisters
	if table.Bits() {
		step, limit = 8, maxBits
	}
	own := d.quirksOf(unit)
	if most := own.limit(table); most > 0 {
		limit = max(most, span.Len())
	}
	asked, ok := d.bus.shield.tag(unit, readFunctions[own.table(table)], span, step, limit, d.knowledge(unit, table).allowed)
	if !ok {
		return span, errLateAnswers
	}
	return asked, nil
}

func unpack(data []byte, skip, n int) []bool {
	bits := make([]bool, n)
	for i := range bits {
		at := skip + i
		bits[i] = data[at/8]>>(at%8)&1 == 1
	}
	return bits
}

// poll is one call of Poll.
type poll struct {
	driver   *Driver
	device   gateway.Device
	points   []gateway.Point
	targets  []target
	readings []gateway.Reading
	started  time.Time
	// silent is why the rest of the device is not asked any more; empty while it answers.
	silent string
}

func newPoll(d *Driver, device gateway.Device, points []gateway.Point) *poll {
	p := &poll{
		driver: d, device: device, points: points, started: time.Now(),
		targets:  make([]target, len(points)),
		readings: make([]gateway.Reading, len(points)),
	}
	for i, point := range points {
		t, err := locate(device.Quirks, point)
		if err != nil {
			p.bad(i, err.Error())
			continue
		}
		p.targets[i] = t
	}
	return p
}

func (p *poll) unit() byte { return byte(p.device.Unit) }

func (p *poll) bad(i int, reason string) {
	p.readings[i] = gateway.Reading{
		Point:   gateway.PointKey{Device: p.device.ID, Point: p.points[i].ID},
		Quality: gateway.Bad, Reason: reason, Time: time.Now().UTC(),
	}
}

// readTable reads all points of one table. Its error means that the wire is gone or the context has ended.
func (p *poll) readTable(ctx context.Context, table Table) error {
	b := &batch{poll: p, table: table, known: p.driver.knowledge(p.unit(), table)}
	for i := range p.targets {
		t := &p.targets[i]
		if t.Table != table || p.readings[i].Quality == gateway.Bad {
			continue
		}
		if b.items == nil {
			b.items, b.owners = make([]Span, 0, len(p.targets)), make([]int, 0, len(p.targets))
		}
		span := t.span()
		if reason, refused := b.known.stillRefused(span, p.started); refused {
			p.bad(i, reason)
			continue
		}
		b.owners = append(b.owners, i)
		b.items = append(b.items, span)
	}
	if len(b.items) == 0 {
		return nil
	}
	all := make([]int, len(b.items))
	for i := range all {
		all[i] = i
	}
	return b.readAll(ctx, all)
}

// good fills in the reading of a point from an answer that begins at start.
func (p *poll) good(i, start int, a answer, id uint64) {
	p.readings[i] = readingOf(p.device, p.points[i], p.targets[i], start, a, id)
}

func readingOf(device gateway.Device, point gateway.Point, t target, start int, a answer, id uint64) gateway.Reading {
	v, reason := t.decode(a, start)
	reading := gateway.Reading{
		Point: gateway.PointKey{Device: device.ID, Point: point.ID},
		Value: v, Quality: gateway.Good, Reason: reason, Time: a.time.UTC(), Poll: id,
	}
	switch {
	case v.IsNull():
		reading.Quality = gateway.Bad
	case reason != "": // a list with something missing
		reading.Quality = gateway.Uncertain
	}
	return reading
}
