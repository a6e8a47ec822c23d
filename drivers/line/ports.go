package line

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Port is a serial port of the machine.
type Port struct {
	// Path is the name to use: the one that stays the same when adapters are plugged in another order, if there is one.
	Path string `json:"path"`
	// Device is the kernel's name, like /dev/ttyUSB0.
	Device string `json:"device"`
	// Description is what the adapter says about itself; often empty.
	Description string `json:"description,omitempty"`
}

// Ports lists the serial ports of this machine. It reads directories and opens no port: opening one would change the
// lines of a running device.
func Ports() []Port { return PortsUnder("/") }

// PortsUnder lists the serial ports of a file system that has sys and dev under root.
func PortsUnder(root string) []Port {
	stable := stableNames(root)
	entries, err := os.ReadDir(filepath.Join(root, "sys/class/tty"))
	if err != nil {
		return nil
	}
	var ports []Port
	for _, entry := range entries {
		directory := filepath.Join(root, "sys/class/tty", entry.Name())
		if !isHardware(directory) {
			continue
		}
		device := "/dev/" + entry.Name()
		ports = append(ports, Port{
			Path: cmp.Or(stable[entry.Name()], device), Device: device, Description: describe(directory),
		})
	}
	slices.SortFunc(ports, func(a, b Port) int { return cmp.Compare(a.Device, b.Device) })
	return ports
}

// isHardware tells ports from consoles, pseudo terminals and the 8250 driver's empty seats (type 0).
func isHardware(directory string) bool {
	if _, err := os.Stat(filepath.Join(directory, "device", "driver")); err != nil {
		return false
	}
	kind, err := os.ReadFile(filepath.Join(directory, "type"))
	return err != nil || strings.TrimSpace(string(kind)) != "0"
}

// stableNames maps kernel names to names under /dev/serial. by-path comes first, so that by-id wins where both exist.
func stableNames(root string) map[string]string {
	names := map[string]string{}
	for _, folder := range []string{"/dev/serial/by-path", "/dev/serial/by-id"} {
		entries, err := os.ReadDir(filepath.Join(root, folder))
		if err != nil {
			continue
		}
		for _, entry := range entries {
			target, err := os.Readlink(filepath.Join(root, folder, entry.Name()))
			if err == nil {
				names[filepath.Base(target)] = folder + "/" + entry.Name()
			}
		}
	}
	return names
}

// describe reads the product text of a USB adapter, which is some levels above the port.
func describe(directory string) string {
	place, err := filepath.EvalSymlinks(filepath.Join(directory, "device"))
	if err != nil {
		return ""
	}
	const levels = 4
	for range levels {
		if text, err := os.ReadFile(filepath.Join(place, "product")); err == nil {
			return strings.TrimSpace(string(text))
		}
		place = filepath.Dir(place)
	}
	return ""
}
