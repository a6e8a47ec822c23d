package line

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/gateway"
)

// rs485State is struct serial_rs485 of the kernel (include/uapi/linux/serial.h).
type rs485State struct {
	flags, before, after uint32 // delays in milliseconds
	_                    [5]uint32
}

const (
	rs485Enabled   = 1
	rs485OnSend    = 2
	rs485AfterSend = 4
)

func (r RS485) state() rs485State {
	s := rs485State{
		flags: rs485Enabled | rs485OnSend, before: uint32(r.Before / time.Millisecond), after: uint32(r.After / time.Millisecond),
	}
	if r.Inverted {
		s.flags = rs485Enabled | rs485AfterSend
	}
	return s
}

// set switches the driver of the port over. It is asked only when the user wants it: some adapters stumble over the question.
func (r RS485) set(port syscall.RawConn, path string) error {
	if !r.On {
		return nil
	}
	state := r.state()
	err := ioctl(port, unix.TIOCSRS485, unsafe.Pointer(&state))
	if err == nil {
		return nil
	}
	if errors.Is(err, unix.ENOTTY) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EOPNOTSUPP) {
		return gateway.Errorf(gateway.Unavailable, "the driver of %s cannot switch the direction of an RS-485 line: "+
			"most USB adapters do that themselves, so leave rs485=on out: %w", path, err)
	}
	return gateway.Errorf(gateway.Unavailable, "switch %s to RS-485: %w", path, err)
}

func ioctl(port syscall.RawConn, request uintptr, argument unsafe.Pointer) error {
	var failed error
	err := port.Control(func(fd uintptr) {
		if _, _, code := unix.Syscall(unix.SYS_IOCTL, fd, request, uintptr(argument)); code != 0 {
			failed = code
		}
	})
	return errors.Join(err, failed)
}

// HurryAdapter makes a USB adapter deliver what it received after 1 ms instead of its usual 16: device is the kernel's name of
// the port, root the file system that has sys. It is false where the adapter has no such timer, or it is not ours to change.
func HurryAdapter(root, device string) bool {
	timer := filepath.Join(root, "sys/bus/usb-serial/devices", filepath.Base(device), "latency_timer")
	f, err := os.OpenFile(timer, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return false
	}
	_, err = fmt.Fprint(f, "1")
	return errors.Join(err, f.Close()) == nil
}

// hurry is a hint, so a driver that does not know it does no harm.
func hurry(path string) {
	if device, err := filepath.EvalSymlinks(path); err == nil {
		HurryAdapter("/", device)
	}
}
