package modbus

import (
	"bytes"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
)

// What the driver drops is cut into frames for those who look at a trace: frames that are right but answer nothing, what has
// begun like the reply and is damaged, and noise.

// part is a piece of what was dropped.
type part struct {
	from, to int
	unit     byte
	// pdu is nil for noise.
	pdu         []byte
	transaction int
	// problem and detail are about damage; empty for a frame that is right.
	problem gateway.FrameProblem
	detail  string
}

// tell cuts what came up to an end and says why it was dropped.
func (t *tracer) tell(end int) {
	if end == 0 {
		return
	}
	e := expectation{}
	if t.asked != nil {
		e = t.asked.expectation
	}
	for _, p := range cut(t.framing, e, t.came[:end]) {
		f := t.place(p.from, p.to)
		data := t.came[p.from:p.to]
		f.Problem, f.Detail = p.problem, p.detail
		var m *gateway.ModbusFrame
		if len(p.pdu) > 0 {
			m = t.explain(&f, p, data)
		}
		t.add(f, data, m)
	}
}

// explain says what a frame is, and why it was dropped although nothing is wrong with it.
func (t *tracer) explain(f *gateway.Frame, p part, data []byte) *gateway.ModbusFrame {
	var request []byte
	if p.problem == "" {
		f.Problem, f.Detail, request = t.judge(p, data)
	}
	if f.Problem == gateway.FrameEcho {
		return t.marked(describeRequest(p.unit, p.pdu), p.transaction, true)
	}
	m := t.marked(describeReply(p.unit, p.pdu, request), p.transaction, p.problem != gateway.FrameChecksum)
	if p.problem == gateway.FrameTruncated {
		m.Checksum = ""
	}
	return m
}

// judge says why a frame that is right in itself was dropped, and which request it may answer.
func (t *tracer) judge(p part, data []byte) (problem gateway.FrameProblem, detail string, request []byte) {
	if t.asked != nil && p.transaction < 0 && bytes.Equal(data, t.asked.adu) {
		return gateway.FrameEcho, "what was sent comes back: switch the echo of the adapter off, or say echo=on in the address", nil
	}
	for i := len(t.givenUp) - 1; i >= 0; i-- {
		q := t.givenUp[i]
		if q.transaction == p.transaction && q.matches(p.unit, p.pdu) {
			return gateway.FrameLate, "an answer to a request that was given up", q.pdu
		}
	}
	if !t.waiting {
		return gateway.FrameUnasked, "nobody was asked: a second master, or a device that speaks by itself", nil
	}
	return gateway.FrameOther, t.difference(p), nil
}

// difference is in what a frame differs from the reply that is waited for.
func (t *tracer) difference(p part) string {
	q := t.asked
	switch {
	case p.transaction != q.transaction:
		return fmt.Sprintf("transaction %d, but %d was asked", p.transaction, q.transaction)
	case p.unit != q.unit:
		return fmt.Sprintf("from unit %d, but unit %d was asked", p.unit, q.unit)
	case p.pdu[0]&^exceptionBit != q.function:
		return fmt.Sprintf("function %d, but %d was asked", p.pdu[0]&^exceptionBit, q.function)
	}
	return "not what was asked for: another length, or another place or value than was written"
}
