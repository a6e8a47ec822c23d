package line_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// What the kernel says when a port does not open becomes what an operator can do about it.
func TestWhyAPortDoesNotOpen(t *testing.T) {
	for errno, hint := range map[unix.Errno]string{
		unix.EACCES: "dialout",
		unix.EPERM:  "dialout",
		unix.EBUSY:  "in use by another connection or program",
		unix.ENOENT: "plug the adapter in",
		unix.ENODEV: "plug the adapter in",
		unix.ENXIO:  "plug the adapter in",
		unix.ENOTTY: "not a serial port",
	} {
		err := line.SerialError("/dev/ttyUSB0", &fs.PathError{Op: "open", Path: "/dev/ttyUSB0", Err: errno})
		if gateway.CodeOf(err) != gateway.Unavailable || !strings.Contains(err.Error(), hint) || !strings.Contains(err.Error(), "/dev/ttyUSB0") {
			t.Errorf("%s: %v", unix.ErrnoName(errno), err)
		}
	}
}

// A port that is missing is told with those that are there.
func TestWhatIsThereInstead(t *testing.T) {
	for want, ports := range map[string][]line.Port{
		"there is no serial port at all":                              nil,
		"there are FT232R (/dev/serial/by-id/usb-FTDI), /dev/ttyAMA0": {{Path: "/dev/serial/by-id/usb-FTDI", Description: "FT232R"}, {Path: "/dev/ttyAMA0"}},
	} {
		if got := line.Plugged(ports); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	err := line.SerialError("/dev/ttyUSB7", &fs.PathError{Op: "open", Path: "/dev/ttyUSB7", Err: unix.ENOENT})
	if !strings.Contains(err.Error(), line.Plugged(line.Ports())) {
		t.Error(err)
	}
}

// Listing the ports opens none of them: that could change the speed of one that is in use.
func TestListingOpensNoPort(t *testing.T) {
	root := tree(t, [][2]string{
		{"sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/driver", ""},
		{"sys/class/tty/ttyUSB0/device", "->../../../devices/usb1/1-1/1-1:1.0/ttyUSB0"},
		{"sys/class/tty/ttyS0/device/driver", ""},
		{"sys/class/tty/ttyS0/type", "4\n"},
		{"dev/ttyUSB0", "the port itself"},
		{"dev/ttyS0", "the port itself"},
		{"dev/serial/by-id/usb-FTDI", "->../../ttyUSB0"},
	})
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(watch)
	ports := []string{filepath.Join(root, "dev/ttyUSB0"), filepath.Join(root, "dev/ttyS0")}
	for _, port := range ports {
		if _, err := unix.InotifyAddWatch(watch, port, unix.IN_OPEN); err != nil {
			t.Fatal(err)
		}
	}
	if got := line.PortsUnder(root); len(got) != 2 {
		t.Fatalf("%v", got)
	}
	events := make([]byte, 4096)
	if n, err := unix.Read(watch, events); n > 0 {
		t.Errorf("a port was opened (%d bytes of events)", n)
	} else if err != unix.EAGAIN { //nolint:errorlint // an errno of a system call
		t.Fatal(err)
	}
	// The watch would have seen it.
	if _, err := os.ReadFile(ports[0]); err != nil {
		t.Fatal(err)
	}
	if n, _ := unix.Read(watch, events); n <= 0 {
		t.Error("the watch sees nothing")
	}
}
