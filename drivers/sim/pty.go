package sim

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo terminal: the slave device reads and writes the master, others open the line by its path.
type terminal struct {
	master *os.File
	// line is kept open: without any opener the master reads an error.
	line *os.File
}

// openTerminal makes a pseudo terminal in raw mode, without any help by a program.
func openTerminal() (t *terminal, err error) {
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("open a pseudo terminal: %w", err)
	}
	t = &terminal{master: master}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open a pseudo terminal: %w", err), t.Close())
		}
	}()
	control, err := master.SyscallConn()
	if err != nil {
		return nil, err
	}
	var number int
	var failed error
	err = control.Control(func(fd uintptr) {
		if failed = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); failed == nil {
			number, failed = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err = errors.Join(err, failed); err != nil {
		return t, err
	}
	t.line, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return t, err
	}
	return t, t.raw()
}

// raw switches off echo and everything else that changes bytes.
func (t *terminal) raw() error {
	control, err := t.line.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = control.Control(func(fd uintptr) {
		var state *unix.Termios
		if state, failed = unix.IoctlGetTermios(int(fd), unix.TCGETS); failed != nil {
			return
		}
		state.Iflag, state.Oflag, state.Lflag = 0, 0, 0
		state.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B115200
		state.Cc[unix.VMIN], state.Cc[unix.VTIME] = 1, 0
		failed = unix.IoctlSetTermios(int(fd), unix.TCSETS, state)
	})
	return errors.Join(err, failed)
}

// Path is the device to open.
func (t *terminal) Path() string { return t.line.Name() }

// Close ends reads and writes in progress.
func (t *terminal) Close() error {
	err := t.master.Close()
	if t.line != nil {
		err = errors.Join(err, t.line.Close())
	}
	return err
}

// Link makes path a symbolic link to the terminal, so that a configuration can name it over restarts.
func (t *terminal) Link(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("link a pseudo terminal: %w", err)
	}
	if err := os.Symlink(t.Path(), path); err != nil {
		return fmt.Errorf("link a pseudo terminal: %w", err)
	}
	return nil
}
