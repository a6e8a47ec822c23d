package drivers

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/drivers/serial"
	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.OpenDriver = Open

// Open opens the wire of a connection with the driver of its kind. An unknown or wrong URL is Invalid, a wire that cannot
// be opened now is Unavailable. The caller owns the driver and closes it.
func Open(ctx context.Context, connection gateway.Connection) (gateway.Driver, error) {
	address, err := line.Of(connection)
	if err != nil {
		return nil, err
	}
	if address.Protocol == line.Lines {
		return serial.Open(ctx, connection)
	}
	return opened(modbus.Open(ctx, connection))
}

// opened keeps a nil driver of a kind from becoming a driver that is not nil.
func opened[D gateway.Driver](driver D, err error) (gateway.Driver, error) {
	if err != nil {
		return nil, err
	}
	return driver, nil
}

// Plan is how a device would be polled over a connection, with what is known about it. All of it was validated; devices that
// speak by themselves are not polled, and have an empty plan.
func Plan(
	config gateway.Config, connection gateway.Connection, device gateway.Device, known gateway.Learned,
) (gateway.Plan, error) {
	address, err := line.Of(connection)
	if err != nil || address.Protocol == line.Lines {
		return gateway.Plan{Requests: []gateway.PlannedRequest{}, Classes: []gateway.PlannedClass{}}, err
	}
	return modbus.Preview(address, device, known, func(p gateway.Point) gateway.ScanClass { return config.ScanClassOf(device, p) }), nil
}

// Validate checks what depends on the driver: URLs of connections, units of devices, addresses of points. It opens nothing.
// The error is a gateway.Error of code Invalid with the path of the field. What gateway.Config.Validate checks is taken
// as checked.
func Validate(config gateway.Config) error {
	kinds := map[string]line.Address{}
	ports, callers, proxies := map[string]string{}, callers{}, proxies{}
	for i, connection := range config.Connections {
		at := fmt.Sprintf("connections[%d].", i)
		address, err := line.Of(connection)
		if err != nil {
			return below(at, err)
		}
		kinds[connection.ID] = address
		if err := callers.add(at, connection, address); err != nil {
			return err
		}
		if err := proxies.add(at, connection, address); err != nil {
			return err
		}
		if !address.Serial() || connection.Disabled {
			continue
		}
		if other, taken := ports[address.Path]; taken {
			return gateway.FieldErrorf(at+"url", "port %s belongs to connection %q: put both devices on that one", address.Path, other)
		}
		ports[address.Path] = connection.ID
	}
	for i, device := range config.Devices {
		if err := validateDevice(fmt.Sprintf("devices[%d].", i), kinds[device.Connection], device); err != nil {
			return err
		}
	}
	return nil
}

func validateDevice(at string, address line.Address, device gateway.Device) error {
	if address.Protocol != line.Lines {
		if err := modbus.CheckUnit(address, device.Unit); err != nil {
			return below(at, err)
		}
	}
	for i, point := range device.Points {
		if point.Expression != "" {
			continue
		}
		if err := checkPoint(address, device, point); err != nil {
			return below(fmt.Sprintf("%spoints[%d].", at, i), err)
		}
	}
	return nil
}

func checkPoint(address line.Address, device gateway.Device, point gateway.Point) error {
	if address.Protocol == line.Lines {
		return serial.Check(point)
	}
	return modbus.Check(device.Quirks, point)
}

// CheckPoint checks what Validate does of one point that is read; fields are those of the point.
func CheckPoint(connection gateway.Connection, device gateway.Device, point gateway.Point) error {
	address, err := line.Of(connection)
	if err != nil {
		return below("connection.", err)
	}
	return checkPoint(address, device, point)
}

// below puts a path before the field of an error.
func below(path string, err error) error {
	if e, is := errors.AsType[*gateway.Error](err); is {
		moved := *e
		moved.Field = path + e.Field
		return &moved
	}
	return err
}

// Defaults completes a connection with what its kind uses where nothing is said.
func Defaults(connection gateway.Connection) gateway.Connection {
	if connection.Timeout == 0 {
		connection.Timeout = gateway.DefaultTimeout
	}
	return connection
}
