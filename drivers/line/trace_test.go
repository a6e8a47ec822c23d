package line_test

import (
	"bytes"
	"context"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
)

// mirror is a wire that gives back what is sent, once.
type mirror struct {
	waiting []byte
	spare   bool // also what is read without waiting
}

func (m *mirror) Write(p []byte, _ time.Time) error {
	m.waiting = append(m.waiting[:0], p...)
	return nil
}

func (m *mirror) Read(_ context.Context, p []byte, _ time.Time) (int, error) {
	if len(m.waiting) == 0 {
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(p, m.waiting)
	m.waiting = m.waiting[:0]
	return n, nil
}

func (m *mirror) Buffered(p []byte) (int, error) {
	if !m.spare {
		return 0, nil
	}
	m.spare = false
	return copy(p, "late"), nil
}

func (m *mirror) Flush() error { return nil }
func (m *mirror) Close() error { return nil }

// exchange sends some bytes and reads them back.
func exchange(tb testing.TB, l line.Line, data []byte) {
	tb.Helper()
	var back [512]byte
	if err := l.Write(data, time.Time{}); err != nil {
		tb.Fatal(err)
	}
	if n, err := l.Read(tb.Context(), back[:], time.Time{}); n != len(data) || err != nil {
		tb.Fatal(n, err)
	}
}

func TestTraceHasAllThatWentOverTheWire(t *testing.T) {
	trace, wire := line.NewTrace(), &mirror{}
	if trace.Unused(time.Now().Add(-time.Second)) {
		t.Error("a trace is unused before its wire was opened")
	}
	l := trace.On(wire)
	exchange(t, l, []byte{1, 2, 3})
	if _, err := l.Read(t.Context(), make([]byte, 8), time.Time{}); err == nil {
		t.Error("there was something to read")
	}
	wire.spare = true
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	want := []struct {
		kind line.RecordKind
		data string
	}{{line.Opened, ""}, {line.Sent, "\x01\x02\x03"}, {line.Received, "\x01\x02\x03"}, {line.TimedOut, ""}, {line.Unasked, "late"}, {line.Closed, ""}}
	records, overwritten := trace.Records()
	if len(records) != len(want) || overwritten != 0 {
		t.Fatalf("%+v, %d overwritten", records, overwritten)
	}
	end := uint64(0)
	for i, r := range records {
		if r.Kind != want[i].kind || string(r.Data) != want[i].data || r.Position != end+line.RecordGap || time.Since(r.Time) > time.Minute {
			t.Errorf("%d: %+v, want %+v behind %d", i, r, want[i], end)
		}
		end = r.Position + uint64(len(r.Data))
	}
	if !trace.Unused(time.Now().Add(time.Second)) || trace.Unused(time.Now().Add(-time.Minute)) {
		t.Error("a trace is unused from the end of its last wire")
	}
}

// The memory of a trace is bounded, what was overwritten is counted, and places stay the same. Somebody who looks makes it
// larger for some minutes.
func TestTraceIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		trace := line.NewTrace()
		l := trace.On(&mirror{})
		fill := func(n int) (size int, kept []line.Record) {
			for i := range n {
				exchange(t, l, bytes.Repeat([]byte{byte(i)}, 100))
			}
			kept, overwritten := trace.Records()
			for _, r := range kept {
				size += line.RecordGap + len(r.Data)
			}
			if len(kept) < 2*n && overwritten == 0 {
				t.Errorf("%d of %d records, none overwritten", len(kept), 2*n)
			}
			return size, kept
		}
		idle, first := fill(1000)
		if idle > 16<<10 || idle < 15<<10 {
			t.Errorf("%d bytes while nobody looks", idle)
		}
		watched, second := fill(2000)
		if watched > 256<<10 || watched < 250<<10 {
			t.Errorf("%d bytes while somebody looks", watched)
		}
		if again, _ := trace.Records(); again[0].Position != second[0].Position || !bytes.Equal(again[0].Data, second[0].Data) {
			t.Error("another record has the place of one")
		}
		if last := first[len(first)-1]; second[len(second)-1].Position <= last.Position {
			t.Error("places do not grow")
		}
		time.Sleep(11 * time.Minute)
		exchange(t, l, []byte{1})
		if kept, _ := trace.Records(); len(kept) > 16<<10/111+2 {
			t.Errorf("%d records after nobody looked for 11 minutes", len(kept))
		}
	})
}

func TestTraceCostsACopy(t *testing.T) {
	trace := line.NewTrace()
	l := trace.On(&mirror{})
	data := bytes.Repeat([]byte{7}, 200)
	exchange(t, l, data)
	back := make([]byte, 512)
	n := testing.AllocsPerRun(1000, func() {
		_ = l.Write(data, time.Time{})
		_, _ = l.Read(t.Context(), back, time.Time{})
	})
	if n != 0 {
		t.Errorf("%g allocations for a request and its reply", n)
	}
}

func TestTraceIsReadWhileItIsWritten(t *testing.T) {
	trace := line.NewTrace()
	var writing sync.WaitGroup
	for range 4 {
		writing.Go(func() {
			l := trace.On(&mirror{})
			for range 500 {
				exchange(t, l, []byte{1, 2, 3})
			}
		})
	}
	for range 50 {
		last := uint64(0)
		records, _ := trace.Records()
		for _, r := range records {
			if r.Position <= last || r.Kind < line.Opened || r.Kind > line.Closed {
				t.Errorf("%+v behind %d", r, last)
			}
			last = r.Position
		}
	}
	writing.Wait()
}
