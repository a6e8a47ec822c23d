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
	// ByID is the name after the adapter, ByPath the one after the place where it is plugged in; empty where there is none.
	ByID   string `json:"byId,omitempty"`
	ByPath string `json:"byPath,omitempty"`
	// Description is what the adapter says about itself; often empty.
	Description string `json:"description,omitempty"`
	// Serial is its serial number; cheap adapters have none.
	Serial string `json:"serial,omitempty"`
	// Twin says that another adapter here says the same about itself: only its place tells it from that one.
	Twin bool `json:"twin,omitempty"`
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
		adapter := describe(directory)
		names := stable[entry.Name()]
		path := cmp.Or(names.byID, names.byPath, device)
		if adapter.product != "" && adapter.serial == "" {
			// Twins without a serial number share one name under by-id, which then means one or the other of them.
			path = cmp.Or(names.byPath, names.byID, device)
		}
		ports = append(ports, Port{
			Path: path, Device: device, ByID: names.byID, ByPath: names.byPath, Description: adapter.product, Serial: adapter.serial,
		})
	}
	markTwins(ports)
	slices.SortFunc(ports, func(a, b Port) int { return cmp.Compare(a.Device, b.Device) })
	return ports
}

func markTwins(ports []Port) {
	count := map[string]int{}
	for _, p := range ports {
		if p.Serial == "" {
			count[p.Description]++
		}
	}
	for i, p := range ports {
		ports[i].Twin = p.Description != "" && p.Serial == "" && count[p.Description] > 1
	}
}

// isHardware tells ports from consoles, pseudo terminals and the 8250 driver's empty seats (type 0).
func isHardware(directory string) bool {
	if _, err := os.Stat(filepath.Join(directory, "device", "driver")); err != nil {
		return false
	}
	kind, err := os.ReadFile(filepath.Join(directory, "type"))
	return err != nil || strings.TrimSpace(string(kind)) != "0"
}

// portNames are the names of a port under /dev/serial.
type portNames struct{ byID, byPath string }

// stableNames maps kernel names to names that stay when adapters are plugged in another order.
func stableNames(root string) map[string]portNames {
	names := map[string]portNames{}
	for _, folder := range []string{"/dev/serial/by-path", "/dev/serial/by-id"} {
		entries, err := os.ReadDir(filepath.Join(root, folder))
		if err != nil {
			continue
		}
		for _, entry := range entries {
			target, err := os.Readlink(filepath.Join(root, folder, entry.Name()))
			if err != nil {
				continue
			}
			known := names[filepath.Base(target)]
			if folder == "/dev/serial/by-id" {
				known.byID = folder + "/" + entry.Name()
			} else {
				known.byPath = folder + "/" + entry.Name()
			}
			names[filepath.Base(target)] = known
		}
	}
	return names
}

// adapter is what a USB adapter says about itself.
type adapter struct{ product, serial string }

// describe reads what a USB adapter says, which is some levels above the port; the zero value for other ports.
func describe(directory string) adapter {
	place, err := filepath.EvalSymlinks(filepath.Join(directory, "device"))
	if err != nil {
		return adapter{}
	}
	const levels = 4
	for range levels {
		if text, err := os.ReadFile(filepath.Join(place, "product")); err == nil {
			// Without a serial number two of a kind cannot be told apart but by their place.
			number, _ := os.ReadFile(filepath.Join(place, "serial"))
			return adapter{product: strings.TrimSpace(string(text)), serial: strings.TrimSpace(string(number))}
		}
		place = filepath.Dir(place)
	}
	return adapter{}
}
