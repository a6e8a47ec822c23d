package modbus

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/drivers/line"
)

// bus is one open wire with all its units. It is used by one goroutine.
type bus struct {
	line     line.Line
	address  line.Address
	framing  framing
	packages map[byte]modbus.Packager
	shield   *shield // nil over Modbus TCP, where transaction ids do its work
	timeout  time.Duration
	silence  time.Duration
	// quiet is when the last byte was on the wire.
	quiet time.Time
	// rest is what was received and not understood yet.
	rest []byte
	// units is how fast each one answers; see patience.go.
	units map[byte]*tempo
	// anyUnit are the units whose answers may name another one; see gateway.DeviceQuirks.
	anyUnit map[byte]bool
	// damaged counts replies of which only something came that could not be used.
	damaged uint64
	// unanswered counts requests in a row without any byte coming back.
	unanswered int
	foreign    foreign
}

// maxRest bounds what is kept of a stream in which no frame is found: three frames of the longest kind.
const maxRest = 3 * 513

func newBus(wire line.Line, a line.Address, timeout time.Duration) *bus {
	b := &bus{
		line: wire, address: a, timeout: timeout,
		packages: map[byte]modbus.Packager{}, units: map[byte]*tempo{}, anyUnit: map[byte]bool{},
	}
	switch a.Protocol {
	case line.ModbusRTU:
		b.framing, b.shield = rtu{}, &shield{}
		b.silence = silence(a)
	case line.ModbusASCII:
		b.framing, b.shield = ascii{}, &shield{}
	case line.ModbusTCP, line.Lines:
		b.framing = mbap{}
	}
	return b
}

// silence is t3.5, which parts two RTU frames. Modbus over serial line 2.5.1.1: fixed above 19200 baud.
func silence(a line.Address) time.Duration {
	if !a.Serial() {
		return 0
	}
	if a.Baud > 19200 {
		return 1750 * time.Microsecond
	}
	return a.CharTime() * 7 / 2
}

// packager makes the frames of one unit. goburrow's handlers hold the unit in a field, so there is one for each.
func (b *bus) packager(unit byte) modbus.Packager {
	if p, found := b.packages[unit]; found {
		return p
	}
	b.packages[unit] = newPackager(b.address.Protocol, unit)
	return b.packages[unit]
}

func newPackager(protocol line.Protocol, unit byte) modbus.Packager {
	switch protocol {
	case line.ModbusRTU:
		h := modbus.NewRTUClientHandler("")
		h.SlaveId = unit
		return h
	case line.ModbusASCII:
		h := modbus.NewASCIIClientHandler("")
		h.SlaveId = unit
		return h
	case line.ModbusTCP, line.Lines:
	}
	h := modbus.NewTCPClientHandler("")
	h.SlaveId = unit
	return h
}

// exchange carries one request and its reply under goburrow's client, whose interface has no room for a context: this is
// why ctx is a field here.
type exchange struct {
	bus *bus
	ctx context.Context
	// arrived is when the last byte of the reply came.
	arrived time.Time
	// echo is what the adapter sends back of the request; nil when that has come, or when it has no echo.
	echo []byte
	// echoed says that the request came back although nobody said so.
	echoed bool
	// unsure says that the reply is an exception which may be the answer to an earlier request.
	unsure bool
	// again says that the question is repeated when the unit needs longer than usual; see patience.go.
	again bool
	// wait is how long the first byte of the reply may take, and first until when that is.
	wait  time.Duration
	first time.Time
}

var _ modbus.Transporter = (*exchange)(nil)

// client gives goburrow's client for one request to a unit.
func (b *bus) client(ctx context.Context, unit byte) (modbus.Client, *exchange) {
	x := &exchange{bus: b, ctx: ctx}
	return modbus.NewClient2(b.packager(unit), x), x
}

// noReply says that a unit did not answer in time. seen is the number of bytes that came and made no valid reply.
type noReply struct {
	unit byte
	seen int
	wait time.Duration
	// early says that it had less time than the user allows.
	early bool
	// network says that the wire has no baud rate that could be wrong.
	network bool
	// echo is what to do about the echo of the adapter, if that is wrong.
	echo string
}

func (e *noReply) Error() string {
	switch {
	case e.echo != "":
		return fmt.Sprintf("no answer from unit %d within %s, and %s", e.unit, e.wait, e.echo)
	case e.seen > 0 && e.network:
		return fmt.Sprintf("no answer from unit %d within %s, but %d bytes that answer something else: "+
			"check the number of the unit, the kind of the connection and the port, or let it answer as any unit", e.unit, e.wait, e.seen)
	case e.seen > 0:
		return fmt.Sprintf("no valid answer from unit %d within %s, but %d bytes that make no sense: "+
			"check baud rate, parity and wiring, and that no two units share a number", e.unit, e.wait, e.seen)
	}
	return fmt.Sprintf("no answer from unit %d within %s", e.unit, e.wait)
}

// Send sends a request and waits for its reply. It fails with *noReply when none came in time, with the error of the
// context, or because the wire is gone.
func (x *exchange) Send(request []byte) ([]byte, error) {
	b := x.bus
	unit, pdu := b.framing.request(request)
	e := expect(unit, pdu)
	e.anyUnit = b.shield == nil && b.anyUnit[unit]
	if err := b.prepare(x.ctx, e); err != nil {
		return nil, err
	}
	f := b.framing
	if _, is := f.(mbap); is {
		f = mbap{transaction: binary.BigEndian.Uint16(request)}
	}
	sending := b.onWire(len(request))
	now := time.Now()
	if err := b.line.Write(request, now.Add(sending+b.timeout)); err != nil {
		return nil, err
	}
	sent := now.Add(sending)
	b.quiet = sent
	if x.echo = nil; b.address.Echo {
		x.echo = request
	}
	receiving := b.onWire(f.size(e.length()))
	if x.wait = b.timeout; x.again {
		x.wait = b.timeoutOf(unit)
	}
	x.first = sent.Add(x.wait + receiving)
	reply, exception, err := x.receive(f, e, request, sent.Add(b.timeout+receiving))
	if err == nil {
		b.tempoOf(unit).silences = 0
	}
	if err == nil && !exception && !e.variable() {
		b.tempoOf(unit).took(x.arrived.Sub(sent) - receiving)
	}
	return reply, err
}

// onWire is how long n characters take.
func (b *bus) onWire(n int) time.Duration { return time.Duration(n) * b.address.CharTime() }

// prepare waits for the silence between two frames and takes what came without being asked for off the wire.
func (b *bus) prepare(ctx context.Context, e expectation) error {
	if b.shield == nil {
		return ctx.Err()
	}
	b.shield.expire(time.Now())
	limit := time.Now().Add(b.timeout)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		came, err := b.drain()
		if err != nil {
			return err
		}
		wait := time.Until(b.quiet.Add(b.silence))
		if !came && wait <= 0 {
			b.rest = nil
			return nil
		}
		if time.Now().After(limit) {
			return &noReply{unit: e.unit, seen: max(1, len(b.rest)), wait: b.timeout, network: !b.address.Serial()}
		}
		sleepUntil(b.quiet.Add(b.silence))
	}
}

func (b *bus) drain() (came bool, err error) {
	var chunk [256]byte
	n, err := b.line.Buffered(chunk[:])
	if err != nil {
		return false, err
	}
	if n == 0 {
		return false, nil
	}
	b.quiet = time.Now()
	b.keep(chunk[:n])
	b.rest = b.shield.absorb(b.framing, expectation{}, b.rest)
	// While a reply may be late, bytes are more likely a part of that one.
	if len(b.shield.pending) == 0 && len(b.rest) > 0 {
		b.foreign.saw(len(b.rest), b.quiet)
	}
	return true, nil
}

func (b *bus) keep(chunk []byte) {
	b.rest = append(b.rest, chunk...)
	if over := len(b.rest) - maxRest; over > 0 {
		b.rest = slices.Delete(b.rest, 0, over)
	}
}

// receive reads until the reply is there, or the deadline has passed.
func (x *exchange) receive(f framing, e expectation, request []byte, deadline time.Time) (reply []byte, exception bool, err error) {
	b := x.bus
	var chunk [512]byte
	seen := 0
	for {
		n, err := b.line.Read(x.ctx, chunk[:], x.deadline(deadline))
		timedOut := errors.Is(err, os.ErrDeadlineExceeded)
		if err != nil && !timedOut {
			b.unansweredNow(e)
			return nil, false, err
		}
		if n > 0 {
			x.arrived = time.Now()
			b.quiet = x.arrived
			b.unanswered = 0
			seen += n
			b.keep(chunk[:n])
			x.echoed = x.echoed || !b.address.Echo && bytes.HasPrefix(b.rest, request)
		}
		if !x.stripEcho() {
			if timedOut {
				return nil, false, x.unansweredIn(e, seen)
			}
			continue
		}
		if b.shield != nil {
			b.rest = b.shield.absorb(f, e, b.rest)
		}
		found := f.scan(e, b.rest, timedOut)
		if found.adu != nil {
			reply := b.framing.own(e.unit, slices.Clone(found.adu))
			b.rest = slices.Clone(b.rest[found.drop:])
			x.judge(e, found.pdu)
			return reply, found.pdu[0]&exceptionBit != 0, nil
		}
		b.rest = b.rest[found.drop:]
		if timedOut {
			return nil, false, x.unansweredIn(e, seen)
		}
		x.sleepThrough(found.missing, deadline)
	}
}

// deadline is when to give up: sooner as long as nothing has come but the echo.
func (x *exchange) deadline(last time.Time) time.Time {
	if x.first.Before(last) && x.echo == nil && len(x.bus.rest) > 0 {
		x.first = last
	}
	return earliest(x.first, last)
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// unansweredIn is the end of waiting for a reply.
func (x *exchange) unansweredIn(e expectation, seen int) *noReply {
	b := x.bus
	b.unansweredNow(e)
	p, wait := b.tempoOf(e.unit), x.wait
	if seen > 0 {
		b.damaged++
	}
	early := seen == 0 && p.silences == 0 && wait < b.timeout
	if !early {
		b.unanswered++
	}
	if seen == 0 {
		p.silences++
	}
	if p.silences > 1 {
		wait = b.timeout // it did not answer within that before
	}
	return &noReply{unit: e.unit, seen: seen, wait: wait, early: early, network: !b.address.Serial(), echo: x.echoHint()}
}

// judge marks an exception that may be a late one to an earlier request. Its own reply may still come then; it is
// waited for no longer than the earlier one, so that a doubt cannot renew itself.
func (x *exchange) judge(e expectation, pdu []byte) {
	if x.bus.shield == nil || pdu[0]&exceptionBit == 0 {
		return
	}
	until, unsure := x.bus.shield.doubt(e)
	if x.unsure = unsure; unsure {
		x.bus.shield.addUntil(e, until)
	}
}

func (b *bus) unansweredNow(e expectation) {
	if b.shield != nil {
		b.shield.add(e, time.Now())
	}
}

// sleepThrough sleeps while the known rest of a frame is on the wire, instead of waking up for each character. It ends before
// the last character comes, however late the timer is: a read wakes at once.
func (x *exchange) sleepThrough(missing int, deadline time.Time) {
	const worth = time.Millisecond
	wait := min(x.bus.onWire(missing)*97/100, time.Until(deadline)) - timerLate
	if wait < worth {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-x.ctx.Done():
	}
}

// cost is the model for the plan: the bytes around the data, both silences, the turnaround, and the data itself.
func (b *bus) cost(unit byte, bits bool) Cost {
	const (
		usual       = 5 * time.Millisecond
		netByte     = time.Microsecond       // a link of 10 Mbit/s
		serverByte  = 500 * time.Microsecond // behind a serial server, its speed is not known: 19200 baud
		rtuFrames   = 8 + 5
		asciiFrames = 17 + 11
	)
	turnaround := usual
	if p := b.tempoOf(unit); p.known {
		turnaround = p.turnaround
	}
	char := b.address.CharTime()
	switch {
	case b.address.Protocol == line.ModbusTCP:
		return Cost{Fixed: max(turnaround, time.Millisecond), PerByte: netByte, Bits: bits}
	case char == 0:
		char = serverByte
	}
	if b.address.Protocol == line.ModbusASCII {
		return Cost{Fixed: asciiFrames*char + turnaround, PerByte: 2 * char, Bits: bits}
	}
	return Cost{Fixed: rtuFrames*char + max(turnaround, b.silence) + b.silence, PerByte: char, Bits: bits}
}
