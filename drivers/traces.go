package drivers

import (
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/drivers/serial"
	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.Tracing = (*Wires)(nil)

const (
	// traceKept is how long a trace is kept whose connection has no wire: a connection that is tested, or was removed.
	traceKept = time.Hour
	// manyTraces is from when on such traces are not kept.
	manyTraces = 1000
	// openingTakes is how long a trace may wait for the wire that it was made for.
	openingTakes = time.Minute
)

// trace is that of a connection; those that nobody needs any more go when a new one comes.
func (w *Wires) trace(id string) *line.Trace {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.traces[id]; known != nil {
		return known
	}
	since := time.Now().Add(-traceKept)
	if len(w.traces) >= manyTraces {
		since = time.Now().Add(-openingTakes)
	}
	for other, t := range w.traces {
		if t.Unused(since) {
			delete(w.traces, other)
		}
	}
	w.traces[id] = line.NewTrace()
	return w.traces[id]
}

// records are what is kept of a connection; ours is its address.
func (w *Wires) records(connection gateway.Connection) (a line.Address, records []line.Record, overwritten uint64, err error) {
	a, err = line.Of(connection)
	if err != nil {
		return a, nil, 0, err
	}
	w.mu.Lock()
	trace := w.traces[connection.ID]
	w.mu.Unlock()
	if trace == nil {
		return a, nil, 0, nil
	}
	records, overwritten = trace.Records()
	return a, records, overwritten, nil
}

func framesOf(a line.Address, records []line.Record) []gateway.Frame {
	if a.Protocol == line.Lines {
		return serial.Frames(records)
	}
	return modbus.Frames(a, records)
}

// Frames decodes what is kept; see gateway.Tracing.
func (w *Wires) Frames(connection gateway.Connection, q gateway.FrameQuery) (gateway.FramePage, error) {
	a, records, overwritten, err := w.records(connection)
	if err != nil {
		return gateway.FramePage{}, err
	}
	page := gateway.FramePage{Frames: []gateway.Frame{}, Next: q.After, Overwritten: overwritten}
	page.Missed = q.After > 0 && len(records) > 0 && records[0].Position > q.After+line.RecordGap && overwritten > 0
	for _, f := range framesOf(a, records) {
		if f.Number <= q.After {
			continue
		}
		if q.After > 0 && q.Limit > 0 && len(page.Frames) == q.Limit {
			return page, nil
		}
		page.Next = f.Number
		if q.Finds(f) {
			page.Frames = append(page.Frames, f)
		}
	}
	if over := len(page.Frames) - q.Limit; q.Limit > 0 && over > 0 {
		page.Frames = page.Frames[over:]
	}
	return page, nil
}

// FrameFile gives everything that is kept; see gateway.Tracing.
func (w *Wires) FrameFile(connection gateway.Connection) ([]byte, error) {
	a, records, _, err := w.records(connection)
	if err != nil {
		return nil, err
	}
	return line.Capture(a, connection.ID, framesOf(a, records)), nil
}
