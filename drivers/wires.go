package drivers

import (
	"context"
	"strings"
	"sync"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/drivers/serial"
	"github.com/tidegate/tidegate/gateway"
)

// Wires opens connections for a gateway that runs: also those that are called by their devices, for which it listens between
// two attempts. It is safe for concurrent use; Close ends it.
type Wires struct {
	doors *line.Doors

	mu sync.Mutex // guards everything that follows
	// traces are what went over the wires of each connection, by its ID.
	traces map[string]*line.Trace
}

// NewWires makes wires, none of them open.
func NewWires() *Wires { return &Wires{doors: line.NewDoors(), traces: map[string]*line.Trace{}} }

// Close ends calls of devices and waits for that.
func (w *Wires) Close() error { return w.doors.Close() }

// Open is Open with a trace of what goes over the wire, and for a connection that is called by its device it waits for the
// call until ctx ends.
func (w *Wires) Open(ctx context.Context, connection gateway.Connection) (gateway.Driver, error) {
	address, err := line.Of(connection)
	if err != nil {
		return nil, err
	}
	address.Trace = w.trace(connection.ID)
	switch {
	case address.Carrier == line.Incoming:
		return w.answer(ctx, address, connection)
	case address.Protocol == line.Lines:
		return serial.OpenAt(ctx, address, connection)
	}
	return opened(modbus.OpenAt(ctx, address, connection))
}

func (w *Wires) answer(ctx context.Context, address line.Address, connection gateway.Connection) (gateway.Driver, error) {
	wire, err := w.doors.Open(ctx, address)
	if err != nil {
		return nil, err
	}
	wire = address.Trace.On(wire)
	if address.Protocol == line.Lines {
		return serial.For(wire, address, connection), nil
	}
	return modbus.On(wire, address, connection), nil
}

// callers are the devices that are expected at each door, with their connections.
type callers map[string]map[line.Caller]string

// add refuses two connections whose devices could be taken for each other.
func (c callers) add(at string, connection gateway.Connection, address line.Address) error {
	if address.Carrier != line.Incoming || connection.Disabled {
		return nil
	}
	if c[address.Host] == nil {
		c[address.Host] = map[line.Caller]string{}
	}
	for caller, other := range c[address.Host] {
		if alike(caller, address.Caller) {
			return gateway.FieldErrorf(at+"url", "the device could be taken for the one of connection %q: give both an id or "+
				"a place (from) of their own, or another port", other)
		}
	}
	c[address.Host][address.Caller] = connection.ID
	return nil
}

func alike(a, b line.Caller) bool {
	if a.ID == "" || b.ID == "" {
		return a.ID == b.ID && a.From == b.From
	}
	return strings.HasPrefix(a.ID, b.ID) || strings.HasPrefix(b.ID, a.ID)
}

// proxies are the connections that share their wire, by the address at which others call.
type proxies map[string]string

func (p proxies) add(at string, connection gateway.Connection, address line.Address) error {
	where := connection.Proxy.Address
	if where == "" || connection.Disabled {
		return nil
	}
	if address.Protocol == line.Lines {
		return gateway.FieldErrorf(at+"proxy", "only Modbus can be shared with other masters")
	}
	if other, taken := p[where]; taken {
		return gateway.FieldErrorf(at+"proxy.address", "connection %q is shared at %s already: choose another port", other, where)
	}
	p[where] = connection.ID
	return nil
}
