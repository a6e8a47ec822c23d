package line

import (
	"context"
	"errors"
	"os"
	"time"
)

// traced is a wire whose steps are recorded.
type traced struct {
	Line
	trace *Trace
}

var _ Line = (*traced)(nil)

func (t *traced) Write(p []byte, deadline time.Time) error {
	begun := time.Now()
	err := t.Line.Write(p, deadline)
	if err == nil {
		t.trace.add(Sent, begun, p)
	}
	return err
}

func (t *traced) Read(ctx context.Context, p []byte, deadline time.Time) (int, error) {
	n, err := t.Line.Read(ctx, p, deadline)
	switch {
	case n > 0:
		t.trace.add(Received, time.Now(), p[:n])
	case errors.Is(err, os.ErrDeadlineExceeded):
		t.trace.add(TimedOut, time.Now(), nil)
	}
	return n, err
}

func (t *traced) Buffered(p []byte) (int, error) {
	n, err := t.Line.Buffered(p)
	if n > 0 {
		t.trace.add(Unasked, time.Now(), p[:n])
	}
	return n, err
}

// Flush records what it drops.
func (t *traced) Flush() error { return flush(t) }

func (t *traced) Close() error {
	t.trace.add(Closed, time.Now(), nil)
	t.trace.count(-1)
	return t.Line.Close()
}
