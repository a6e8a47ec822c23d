package line

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Line is an open wire. One goroutine reads and writes; Close may come from another one and ends a call in progress.
// Every error but os.ErrDeadlineExceeded and the error of a context means that the wire is gone.
type Line interface {
	// Write sends all of p or fails; it blocks until the deadline at the longest.
	Write(p []byte, deadline time.Time) error
	// Read waits for at least one byte. It fails with os.ErrDeadlineExceeded at the deadline (the zero time is never)
	// and with the error of ctx when that ends.
	Read(ctx context.Context, p []byte, deadline time.Time) (int, error)
	// Buffered moves bytes that have arrived already into p without waiting; 0 when there are none.
	Buffered(p []byte) (int, error)
	// Flush drops what has arrived and was not read.
	Flush() error
	Close() error
}

// file is what serial ports and TCP connections have in common.
type file interface {
	io.ReadWriteCloser
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

type wire struct {
	file    file
	raw     syscall.RawConn
	onClose func() error
	// datagrams may be empty, which is not the end.
	datagrams bool
}

var _ Line = (*wire)(nil)

// descriptor is a file that can be looked into without waiting.
type descriptor interface {
	file
	syscall.Conn
}

func newWire(f descriptor, onClose func() error) (*wire, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("get raw connection: %w", err)
	}
	return &wire{file: f, raw: raw, onClose: onClose}, nil
}

func (w *wire) Write(p []byte, deadline time.Time) error {
	if err := w.file.SetWriteDeadline(deadline); err != nil {
		return fmt.Errorf("set write deadline: %w", err)
	}
	if _, err := w.file.Write(p); err != nil {
		return fmt.Errorf("write %d bytes: %w", len(p), err)
	}
	return nil
}

func (w *wire) Read(ctx context.Context, p []byte, deadline time.Time) (int, error) {
	for {
		n, err := w.readOnce(ctx, p, deadline)
		if n == 0 && err == nil {
			continue // an empty datagram
		}
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		// The end of an earlier context can move the deadline of this call: then there is time left.
		if !deadline.IsZero() && !time.Now().Before(deadline) {
			return n, err
		}
	}
}

func (w *wire) readOnce(ctx context.Context, p []byte, deadline time.Time) (int, error) {
	if err := w.file.SetReadDeadline(deadline); err != nil {
		return 0, fmt.Errorf("set read deadline: %w", err)
	}
	if ctx.Done() != nil {
		// The deadline is set before, so that the context's end comes last and wins.
		stop := context.AfterFunc(ctx, func() { _ = w.file.SetReadDeadline(time.Unix(1, 0)) })
		defer stop()
	}
	n, err := w.file.Read(p)
	if n > 0 {
		return n, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read: %w", err)
	}
	if w.datagrams {
		return 0, nil
	}
	return 0, fmt.Errorf("read: %w", io.ErrUnexpectedEOF)
}

func (w *wire) Buffered(p []byte) (int, error) {
	if err := w.file.SetReadDeadline(time.Time{}); err != nil {
		return 0, fmt.Errorf("clear read deadline: %w", err)
	}
	var n int
	var readErr error
	err := w.raw.Read(func(fd uintptr) bool {
		n, readErr = unix.Read(int(fd), p)
		return true // never wait
	})
	switch {
	case err != nil:
		return 0, fmt.Errorf("read what is there: %w", err)
	case errors.Is(readErr, unix.EAGAIN) || errors.Is(readErr, unix.EINTR):
		return 0, nil
	case readErr != nil:
		return 0, fmt.Errorf("read what is there: %w", readErr)
	case n == 0 && !w.datagrams:
		return 0, fmt.Errorf("read what is there: %w", io.EOF)
	}
	return n, nil
}

// flushLimit bounds a flush: whoever sends faster than we read must not hold us.
const flushLimit = 64

func (w *wire) Flush() error { return flush(w) }

func flush(l Line) error {
	var junk [4096]byte
	for range flushLimit {
		n, err := l.Buffered(junk[:])
		if n == 0 || err != nil {
			return err
		}
	}
	return nil
}

func (w *wire) Close() error {
	err := w.file.Close()
	if errors.Is(err, os.ErrClosed) || errors.Is(err, net.ErrClosed) {
		return nil // closed before
	}
	if w.onClose != nil {
		err = errors.Join(err, w.onClose())
	}
	if err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
