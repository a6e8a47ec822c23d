package line

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/gateway"
)

// openSerial opens the port twice. The first descriptor is ours for reading, writing and locking; go.bug.st/serial gets
// the second one, which configures the terminal and keeps it exclusive. Opening ours first also finds out whether the
// port is taken before anybody changes its speed.
func openSerial(a Address) (Line, error) {
	if err := checkParity("/", a); err != nil {
		return nil, err
	}
	f, err := openTerminal(a.Path)
	if err != nil {
		return nil, serialError(a.Path, err)
	}
	w, err := configure(f, a)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

func configure(f *terminal, a Address) (Line, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("get raw connection: %w", err)
	}
	var lockErr error
	if err := raw.Control(func(fd uintptr) { lockErr = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) }); err != nil {
		return nil, fmt.Errorf("lock %s: %w", a.Path, err)
	}
	if lockErr != nil {
		return nil, serialError(a.Path, lockErr)
	}
	mode := a.mode()
	port, err := serial.Open(a.Path, mode)
	if err != nil {
		return nil, serialError(a.Path, err)
	}
	if err := a.RS485.set(raw, a.Path); err != nil {
		return nil, errors.Join(err, port.Close())
	}
	if a.LowLatency {
		hurry(a.Path)
	}
	w, err := newWire(f, port.Close)
	if err != nil {
		return nil, errors.Join(err, port.Close())
	}
	// What was received before we came is an answer to nobody.
	if err := w.Flush(); err != nil {
		return nil, errors.Join(serialError(a.Path, err), port.Close())
	}
	return &serialWire{wire: w, port: port, mode: *mode}, nil
}

func (a Address) mode() *serial.Mode {
	mode := &serial.Mode{BaudRate: a.Baud, DataBits: a.DataBits, Parity: serial.NoParity, StopBits: serial.OneStopBit}
	switch a.Parity {
	case EvenParity:
		mode.Parity = serial.EvenParity
	case OddParity:
		mode.Parity = serial.OddParity
	case NoParity:
	}
	if a.StopBits == 2 {
		mode.StopBits = serial.TwoStopBits
	}
	return mode
}

// plugged says what is there instead of a port that is missing.
func plugged(ports []Port) string {
	if len(ports) == 0 {
		return "there is no serial port at all"
	}
	names := make([]string, len(ports))
	for i, p := range ports {
		names[i] = p.Path
		if p.Description != "" {
			names[i] = p.Description + " (" + p.Path + ")"
		}
	}
	return "there are " + strings.Join(names, ", ")
}

// serialError says what an operator can do about a port that does not open.
func serialError(path string, err error) error {
	port, isPort := errors.AsType[*serial.PortError](err)
	is := func(code serial.PortErrorCode) bool { return isPort && port.Code() == code }
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV) || is(serial.PortNotFound):
		return gateway.Errorf(gateway.Unavailable, "there is no port %s: plug the adapter in or choose another port; %s: %w", path, plugged(Ports()), err)
	case errors.Is(err, fs.ErrPermission) || is(serial.PermissionDenied):
		return gateway.Errorf(gateway.Unavailable,
			"no permission for %s: put the user of the gateway into the group of the port (often dialout): %w", path, err)
	case errors.Is(err, unix.EBUSY) || errors.Is(err, unix.EWOULDBLOCK) || is(serial.PortBusy):
		return gateway.Errorf(gateway.Unavailable,
			"%s is in use by another connection or program: one wire has one master: %w", path, err)
	case errors.Is(err, unix.ENOTTY) || is(serial.InvalidSerialPort):
		return gateway.Errorf(gateway.Unavailable, "%s is not a serial port: %w", path, err)
	}
	return gateway.Errorf(gateway.Unavailable, "open %s: %w", path, err)
}
