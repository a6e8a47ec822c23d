package modbus

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// Frames finds out what the records of a wire were: each frame with its meaning, and why it was dropped when it was. It goes
// by the same rules as the driver itself. A reply that is on its way is left out until it is there, or is given up.
func Frames(address line.Address, records []line.Record) []gateway.Frame {
	t := &tracer{address: address, framing: framingOf(address.Protocol)}
	for _, r := range records {
		t.take(r)
	}
	return t.frames
}

func framingOf(protocol line.Protocol) framing {
	switch protocol {
	case line.ModbusRTU:
		return rtu{}
	case line.ModbusASCII:
		return ascii{}
	case line.ModbusTCP, line.Lines:
	}
	return mbap{}
}

// tracer follows a wire as the driver did.
type tracer struct {
	address line.Address
	framing framing
	frames  []gateway.Frame
	// asked is the last request, nil before the first one; waiting says that its reply may still come.
	asked   *question
	waiting bool
	// echo says that the adapter has not given the request back yet.
	echo bool
	// givenUp are the requests without an answer, the newest last.
	givenUp []*question
	// came is what was received and is not told yet, by the pieces in which it came. The first dead bytes of it cannot
	// be part of the reply.
	came   []byte
	pieces []piece
	dead   int
}

// question is a request that was sent.
type question struct {
	expectation
	adu, pdu    []byte
	transaction int
	at          time.Time
}

// piece is where a record begins in what came.
type piece struct {
	at     int
	record line.Record
}

// mostGivenUp is how many late replies can be told from others.
const mostGivenUp = 16

func (t *tracer) take(r line.Record) {
	switch r.Kind {
	case line.Opened:
		t.settle()
		t.asked, t.waiting, t.givenUp = nil, false, nil
	case line.Sent:
		t.settle()
		t.giveUp()
		t.ask(r)
	case line.Received, line.Unasked:
		t.pieces = append(t.pieces, piece{len(t.came), r})
		t.came = append(t.came, r.Data...)
		t.look(false)
	case line.TimedOut:
		t.look(true)
		t.end(r, gateway.FrameNoAnswer, "no answer within %d ms")
	case line.Closed:
		t.end(r, gateway.FrameClosed, "the connection ended %d ms after the request")
	}
}

// ask begins to wait for the reply to a request; nobody answers a broadcast.
func (t *tracer) ask(r line.Record) {
	q := &question{adu: r.Data, at: r.Time, transaction: -1}
	var unit byte
	unit, q.pdu = t.framing.request(r.Data)
	q.expectation = expect(unit, q.pdu)
	if _, is := t.framing.(mbap); is {
		q.transaction = int(binary.BigEndian.Uint16(r.Data))
		t.framing = mbap{transaction: uint16(q.transaction)}
	}
	t.asked, t.waiting, t.echo = q, unit != 0 || q.transaction >= 0, t.address.Echo
	t.add(gateway.Frame{Number: r.Position + uint64(len(r.Data)), Time: r.Time, Sent: true}, r.Data,
		t.marked(describeRequest(unit, q.pdu), q.transaction, true))
}

// marked adds what the frame around a PDU says.
func (t *tracer) marked(m *gateway.ModbusFrame, transaction int, right bool) *gateway.ModbusFrame {
	switch {
	case transaction >= 0:
		m.Transaction = &transaction
	case right:
		m.Checksum = "right"
	default:
		m.Checksum = "wrong"
	}
	return m
}

func (t *tracer) add(f gateway.Frame, data []byte, m *gateway.ModbusFrame) {
	f.Bytes, f.Modbus = hex.EncodeToString(data), m
	t.frames = append(t.frames, f)
}

// look finds the reply in what came; last says that no more will come.
func (t *tracer) look(last bool) {
	if !t.waiting || t.echo && !t.takeEcho() {
		return
	}
	found := t.framing.scan(t.asked.expectation, t.came[t.dead:], last)
	if found.adu == nil {
		t.dead += found.drop
		return
	}
	start, end := t.dead+found.start, t.dead+found.drop
	t.tell(start)
	f := t.place(start, end)
	f.Milliseconds = float64(f.Time.Sub(t.asked.at).Microseconds()) / 1000
	t.add(f, t.came[start:end], t.marked(describeReply(t.asked.unit, found.pdu, t.asked.pdu), t.asked.transaction, true))
	t.drop(end)
	t.waiting = false
}

// takeEcho takes off what the adapter gives back of the request; false while it has not come.
func (t *tracer) takeEcho() bool {
	at := bytes.Index(t.came, t.asked.adu)
	if at < 0 {
		return false
	}
	t.tell(at)
	end := at + len(t.asked.adu)
	f := t.place(at, end)
	f.Detail = "the echo of the adapter"
	t.add(f, t.came[at:end], nil)
	t.drop(end)
	t.echo = false
	return true
}

// end is the end of waiting; a request without an answer gets a frame without bytes.
func (t *tracer) end(r line.Record, problem gateway.FrameProblem, detail string) {
	t.settle()
	if !t.waiting {
		return
	}
	f := gateway.Frame{
		Number: r.Position, Time: r.Time, Problem: problem, Detail: fmt.Sprintf(detail, r.Time.Sub(t.asked.at).Milliseconds()),
	}
	m := describeFrame(t.asked.unit, t.asked.pdu)
	describePlace(m, t.asked.pdu)
	t.add(f, nil, m)
	t.giveUp()
}

// giveUp remembers a request whose reply may come late.
func (t *tracer) giveUp() {
	if t.waiting {
		t.givenUp = append(t.givenUp, t.asked)
		t.givenUp = t.givenUp[max(0, len(t.givenUp)-mostGivenUp):]
	}
	t.waiting = false
}

// settle tells everything that came and was not told.
func (t *tracer) settle() {
	t.tell(len(t.came))
	t.came, t.pieces, t.dead = nil, nil, 0
}

// drop forgets what was told, up to an end.
func (t *tracer) drop(end int) {
	for len(t.pieces) > 1 && t.pieces[1].at <= end {
		t.pieces = t.pieces[1:]
	}
	t.came, t.dead = t.came[end:], 0
	for i := range t.pieces {
		t.pieces[i].at -= end
	}
}

// place is number and time of bytes that came: those of the last one.
func (t *tracer) place(start, end int) gateway.Frame {
	p := t.pieces[0]
	for _, next := range t.pieces {
		if next.at < end {
			p = next
		}
	}
	return gateway.Frame{Number: p.record.Position + uint64(end-p.at), Time: p.record.Time}
}
