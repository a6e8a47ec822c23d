package drivers

import (
	"os"
	"path/filepath"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// SerialPorts are the serial ports of this machine, and those that connections use and that are missing. No port is opened.
func SerialPorts(config gateway.Config) []gateway.SerialPort { return SerialPortsUnder("/", config) }

// SerialPortsUnder are those of a file system that has sys and dev under root.
func SerialPortsUnder(root string, config gateway.Config) []gateway.SerialPort {
	ports := []gateway.SerialPort{}
	for _, p := range line.PortsUnder(root) {
		ports = append(ports, gateway.SerialPort{
			Path: p.Path, Device: p.Device, ByID: p.ByID, ByPath: p.ByPath, Product: p.Description, Serial: p.Serial, Twin: p.Twin, Present: true,
		})
	}
	for _, c := range config.Connections {
		if a, err := line.Of(c); err == nil && a.Serial() {
			ports = use(root, ports, a.Path, c.ID)
		}
	}
	return ports
}

// use notes which port a connection has; one that is no port of the hardware is added.
func use(root string, ports []gateway.SerialPort, path, connection string) []gateway.SerialPort {
	// Links of all kinds lead to the kernel's name. The port itself is not opened by that.
	target, err := filepath.EvalSymlinks(filepath.Join(root, path))
	for i, p := range ports {
		if p.Device != "" && (path == p.Device || err == nil && filepath.Base(target) == filepath.Base(p.Device)) {
			ports[i].Connection = connection
			return ports
		}
	}
	_, err = os.Stat(filepath.Join(root, path))
	return append(ports, gateway.SerialPort{Path: path, Connection: connection, Present: err == nil})
}
