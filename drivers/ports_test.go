package drivers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/gateway"
)

// Each port is shown with the connection that uses it, under whatever name, and a port that is used and missing is shown too.
func TestSerialPortsOfConnections(t *testing.T) {
	root := t.TempDir()
	for _, directory := range []string{"sys/class/tty/ttyUSB0/device/driver", "sys/class/tty/ttyUSB1/device/driver", "dev/serial/by-id", "dev/pts"} {
		if err := os.MkdirAll(filepath.Join(root, directory), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"dev/ttyUSB0", "dev/ttyUSB1", "dev/pts/3"} {
		if err := os.WriteFile(filepath.Join(root, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"dev/serial/by-id/usb-FTDI": "../../ttyUSB0", "dev/boiler": "ttyUSB1"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	config := gateway.Config{Connections: []gateway.Connection{
		{ID: "net", URL: "tcp://10.0.0.5:502"},
		{ID: "meters", URL: "rtu:///dev/serial/by-id/usb-FTDI?baud=9600"},
		{ID: "boiler", URL: "line:///dev/boiler"},
		{ID: "gone", URL: "rtu:///dev/serial/by-id/usb-Prolific"},
		{ID: "virtual", URL: "rtu:///dev/pts/3"},
	}}
	want := []gateway.SerialPort{
		{Path: "/dev/serial/by-id/usb-FTDI", ByID: "/dev/serial/by-id/usb-FTDI", Device: "/dev/ttyUSB0", Connection: "meters", Present: true},
		{Path: "/dev/ttyUSB1", Device: "/dev/ttyUSB1", Connection: "boiler", Present: true},
		{Path: "/dev/serial/by-id/usb-Prolific", Connection: "gone"},
		{Path: "/dev/pts/3", Connection: "virtual", Present: true},
	}
	if diff := cmp.Diff(want, drivers.SerialPortsUnder(root, config)); diff != "" {
		t.Error(diff)
	}
	if ports := drivers.SerialPortsUnder(t.TempDir(), gateway.Config{}); ports == nil || len(ports) != 0 {
		t.Errorf("%v", ports)
	}
}
