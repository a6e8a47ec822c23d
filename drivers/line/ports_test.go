package line_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/drivers/line"
)

// tree makes a small file system: directories end with a slash, links have a target behind "->", files a text.
func tree(t *testing.T, entries [][2]string) string {
	t.Helper()
	root := t.TempDir()
	for _, entry := range entries {
		path := filepath.Join(root, entry[0])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch text, isLink := cutLink(entry[1]); {
		case isLink:
			err = os.Symlink(text, path)
		case text == "":
			err = os.MkdirAll(path, 0o755)
		default:
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func cutLink(text string) (string, bool) {
	if len(text) > 2 && text[:2] == "->" {
		return text[2:], true
	}
	return text, false
}

func TestPortsUnder(t *testing.T) {
	root := tree(t, [][2]string{
		{"sys/devices/usb1/1-1/product", "FT232R USB UART\n"},
		{"sys/devices/usb1/1-1/serial", "A50285BI\n"},
		// Twins without serial numbers: by-id has one name for both.
		{"sys/devices/usb1/1-2/product", "USB Serial\n"},
		{"sys/devices/usb1/1-2/1-2:1.0/ttyUSB1/driver", ""},
		{"sys/devices/usb1/1-3/product", "USB Serial\n"},
		{"sys/devices/usb1/1-3/1-3:1.0/ttyUSB2/driver", ""},
		{"sys/class/tty/ttyUSB1/device", "->../../../devices/usb1/1-2/1-2:1.0/ttyUSB1"},
		{"sys/class/tty/ttyUSB2/device", "->../../../devices/usb1/1-3/1-3:1.0/ttyUSB2"},
		{"dev/serial/by-id/usb-1a86_USB_Serial-if00-port0", "->../../ttyUSB2"},
		{"dev/serial/by-path/pci-0-usb-0:2:1.0-port0", "->../../ttyUSB1"},
		{"dev/serial/by-path/pci-0-usb-0:3:1.0-port0", "->../../ttyUSB2"},
		{"sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/driver", ""},
		{"sys/class/tty/ttyUSB0/device", "->../../../devices/usb1/1-1/1-1:1.0/ttyUSB0"},
		{"sys/class/tty/ttyS0/device/driver", ""},
		{"sys/class/tty/ttyS0/type", "4\n"},
		{"sys/class/tty/ttyS1/device/driver", ""},
		{"sys/class/tty/ttyS1/type", "0\n"}, // a seat without a chip
		{"sys/class/tty/ttySC0/device/driver", ""},
		{"sys/class/tty/tty1", ""}, // a console
		{"dev/serial/by-id/usb-FTDI_FT232R-if00-port0", "->../../ttyUSB0"},
		{"dev/serial/by-path/pci-0-usb-0:1:1.0-port0", "->../../ttyUSB0"},
		{"dev/serial/by-path/platform-sc16is", "->../../ttySC0"},
	})
	want := []line.Port{
		{Path: "/dev/ttyS0", Device: "/dev/ttyS0"},
		{Path: "/dev/serial/by-path/platform-sc16is", Device: "/dev/ttySC0", ByPath: "/dev/serial/by-path/platform-sc16is"},
		{
			Path: "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0", Device: "/dev/ttyUSB0", Description: "FT232R USB UART", Serial: "A50285BI",
			ByID: "/dev/serial/by-id/usb-FTDI_FT232R-if00-port0", ByPath: "/dev/serial/by-path/pci-0-usb-0:1:1.0-port0",
		},
		{
			Path: "/dev/serial/by-path/pci-0-usb-0:2:1.0-port0", Device: "/dev/ttyUSB1", Description: "USB Serial", Twin: true,
			ByPath: "/dev/serial/by-path/pci-0-usb-0:2:1.0-port0",
		},
		{
			Path: "/dev/serial/by-path/pci-0-usb-0:3:1.0-port0", Device: "/dev/ttyUSB2", Description: "USB Serial", Twin: true,
			ByID: "/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0", ByPath: "/dev/serial/by-path/pci-0-usb-0:3:1.0-port0",
		},
	}
	if diff := cmp.Diff(want, line.PortsUnder(root)); diff != "" {
		t.Error(diff)
	}
	if got := line.PortsUnder(t.TempDir()); len(got) != 0 {
		t.Errorf("%v", got)
	}
}
