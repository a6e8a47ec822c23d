package line_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// The mini UART of a Raspberry Pi has no parity: settings with one are refused before anything is garbled, with what to do,
// under each name of the port, on old and new kernels, and no other port is.
func TestMiniUARTHasNoParity(t *testing.T) {
	const soc = "sys/devices/platform/soc/"
	old := [][2]string{
		{soc + "3f215040.serial/driver", "->../../../../bus/platform/drivers/bcm2835-aux-uart"},
		{"sys/class/tty/ttyS0/device", "->../../../devices/platform/soc/3f215040.serial"},
		{soc + "3f201000.serial/driver", "->../../../../bus/amba/drivers/uart-pl011"},
		{"sys/class/tty/ttyAMA0/device", "->../../../devices/platform/soc/3f201000.serial"},
		{"dev/ttyS0", "the port itself"},
		{"dev/ttyAMA0", "the port itself"},
		{"dev/serial0", "->ttyS0"},
	}
	// Since Linux 6.5 the device of a port is its own, two levels below the chip.
	since := [][2]string{
		{soc + "fe215040.serial/of_node/compatible", "brcm,bcm2835-aux-uart\x00"},
		{soc + "fe215040.serial/fe215040.serial:0/fe215040.serial:0.0/driver", "->../../../../../../bus/serial-base/drivers/port"},
		{"sys/class/tty/ttyS0/device", "->../../../devices/platform/soc/fe215040.serial/fe215040.serial:0/fe215040.serial:0.0"},
		{soc + "fe201000.serial/of_node/compatible", "arm,pl011\x00arm,primecell\x00"},
		{soc + "fe201000.serial/fe201000.serial:0/fe201000.serial:0.0/driver", "->../../../../../../bus/serial-base/drivers/port"},
		{"sys/class/tty/ttyAMA0/device", "->../../../devices/platform/soc/fe201000.serial/fe201000.serial:0/fe201000.serial:0.0"},
		{"dev/serial0", "->ttyS0"},
		{"dev/ttyS0", "the port itself"},
	}
	for name, entries := range map[string][][2]string{"old": old, "since 6.5": since} {
		root := tree(t, entries)
		for url, refused := range map[string]bool{
			"rtu:///dev/ttyS0?parity=E": true, "rtu:///dev/serial0?parity=O": true, "ascii:///dev/ttyS0": true, "rtu:///dev/ttyS0": false,
			"rtu:///dev/ttyAMA0?parity=E": false, "rtu:///dev/ttyUSB0?parity=E": false,
		} {
			a, err := line.Parse(url)
			if err != nil {
				t.Fatal(err)
			}
			err = line.CheckParity(root, a)
			if (err != nil) != refused || refused && (gateway.CodeOf(err) != gateway.Invalid || !strings.Contains(err.Error(), "mini UART")) {
				t.Errorf("%s: %s: %v", name, url, err)
			}
		}
	}
}
