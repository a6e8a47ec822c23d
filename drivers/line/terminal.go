package line

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is the descriptor of a serial port. It is not watched by the runtime, which would be woken up by each character, also
// while the rest of a frame is slept through: it hangs in an epoll set of its own that has its eye on it only during a Read,
// and that set is what the runtime watches. One goroutine reads and writes; Close may come from another one.
type terminal struct {
	tty      *os.File
	raw      syscall.RawConn
	ready    *os.File // the set
	readyRaw syscall.RawConn
	number   int32 // of the tty in the set

	mu sync.Mutex // guards until
	// until is the deadline of writes.
	until time.Time
}

var _ descriptor = (*terminal)(nil)

// openTerminal opens a port without waiting for a carrier.
func openTerminal(path string) (*terminal, error) {
	number, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	// What blocks at this moment is not watched by the runtime.
	if err := unix.SetNonblock(number, false); err != nil {
		return nil, errors.Join(err, unix.Close(number))
	}
	t := &terminal{tty: os.NewFile(uintptr(number), path), number: int32(number)}
	if err := t.watch(); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *terminal) watch() error {
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return fmt.Errorf("watch %s: %w", t.tty.Name(), err)
	}
	err = errors.Join(
		unix.SetNonblock(int(t.number), true), unix.SetNonblock(set, true),
		unix.EpollCtl(set, unix.EPOLL_CTL_ADD, int(t.number), &unix.EpollEvent{Fd: t.number}))
	t.ready = os.NewFile(uintptr(set), "epoll of "+t.tty.Name())
	if errors.Is(err, unix.EPERM) {
		err = unix.ENOTTY // what cannot be waited for is a file
	}
	if err != nil {
		return fmt.Errorf("watch %s: %w", t.tty.Name(), err)
	}
	if t.raw, err = t.tty.SyscallConn(); err != nil {
		return err
	}
	t.readyRaw, err = t.ready.SyscallConn()
	return err
}

// SyscallConn is that of the port itself.
func (t *terminal) SyscallConn() (syscall.RawConn, error) { return t.raw, nil }

func (t *terminal) SetReadDeadline(at time.Time) error { return t.ready.SetReadDeadline(at) }

func (t *terminal) SetWriteDeadline(at time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.until = at
	return nil
}

func (t *terminal) writeDeadline() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.until
}

// Read waits for bytes until the deadline.
func (t *terminal) Read(p []byte) (n int, err error) {
	return t.try(unix.EPOLLIN, func(number int) (int, error) { return unix.Read(number, p) })
}

// Write sends all of p before the deadline or fails.
func (t *terminal) Write(p []byte) (sent int, err error) {
	for sent < len(p) {
		n, err := t.tryOnce(func(number int) (int, error) { return unix.Write(number, p[sent:]) })
		if errors.Is(err, unix.EAGAIN) {
			if err := t.ready.SetReadDeadline(t.writeDeadline()); err != nil {
				return sent, os.ErrClosed // it has no other reason
			}
			n, err = t.try(unix.EPOLLOUT, func(number int) (int, error) { return unix.Write(number, p[sent:]) })
		}
		sent += max(0, n)
		if err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// try does something until it need not wait any more.
func (t *terminal) try(events uint32, do func(number int) (int, error)) (n int, err error) {
	n, err = t.tryOnce(do)
	if !errors.Is(err, unix.EAGAIN) {
		return n, err
	}
	if err := t.look(events); err != nil {
		return 0, err
	}
	waitErr := t.readyRaw.Read(func(uintptr) bool {
		n, err = t.tryOnce(do)
		return !errors.Is(err, unix.EAGAIN)
	})
	switch {
	case errors.Is(waitErr, os.ErrDeadlineExceeded):
		n, err = 0, waitErr
	case waitErr != nil: // it has no other reason
		n, err = 0, os.ErrClosed
	}
	return n, errors.Join(err, t.look(0))
}

func (t *terminal) tryOnce(do func(number int) (int, error)) (n int, err error) {
	controlErr := t.raw.Control(func(number uintptr) {
		for {
			if n, err = do(int(number)); !errors.Is(err, unix.EINTR) {
				return
			}
		}
	})
	if controlErr != nil {
		return 0, controlErr
	}
	return max(0, n), err
}

// look says what of the port wakes up; that it is gone always does.
func (t *terminal) look(events uint32) (err error) {
	event := unix.EpollEvent{Events: events, Fd: t.number}
	controlErr := t.readyRaw.Control(func(set uintptr) {
		err = unix.EpollCtl(int(set), unix.EPOLL_CTL_MOD, int(t.number), &event)
	})
	if controlErr != nil {
		return nil //nolint:nilerr // closed: whoever reads or writes is told that
	}
	return err
}

// Close ends a call in progress.
func (t *terminal) Close() error {
	var err error
	if t.ready != nil {
		err = t.ready.Close()
	}
	return errors.Join(err, t.tty.Close())
}
