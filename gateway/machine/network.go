package machine

import (
	"net"
	"path/filepath"
	"strconv"

	"github.com/tidegate/tidegate/gateway"
)

// network leaves the loopback interface out.
func (m *Machine) network() []gateway.SystemInterface {
	list := []gateway.SystemInterface{}
	interfaces, _ := net.Interfaces() // none where the sandbox does not allow to ask
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback != 0 {
			continue
		}
		list = append(list, gateway.SystemInterface{
			Name: i.Name, Up: i.Flags&net.FlagUp != 0 && i.Flags&net.FlagRunning != 0, Hardware: i.HardwareAddr.String(), Addresses: addressesOf(i),
			Received: m.counter(i.Name, "rx_bytes"), Sent: m.counter(i.Name, "tx_bytes"),
		})
	}
	return list
}

func addressesOf(i net.Interface) []string {
	list := []string{}
	addresses, _ := i.Addrs() // gone meanwhile
	for _, address := range addresses {
		list = append(list, address.String())
	}
	return list
}

func (m *Machine) counter(name, counter string) *int64 {
	value, err := strconv.ParseInt(m.text(filepath.Join("sys/class/net", name, "statistics", counter)), 10, 64)
	if err != nil {
		return nil
	}
	return &value
}
