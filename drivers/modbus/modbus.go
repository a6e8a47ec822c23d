package modbus

import (
	"cmp"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// Driver is an open wire with Modbus devices.
type Driver struct {
	bus     *bus
	learned map[tableKey]*learned
	polls   uint64
	closed  atomic.Bool
}

type tableKey struct {
	unit  byte
	table Table
}

var (
	_ gateway.Driver  = (*Driver)(nil)
	_ gateway.Doubter = (*Driver)(nil)
)

// Open opens the wire of a connection whose URL is tcp, rtu, ascii, rtu+tcp or ascii+tcp.
func Open(ctx context.Context, connection gateway.Connection) (*Driver, error) {
	address, err := line.Of(connection)
	if err != nil {
		return nil, err
	}
	wire, err := address.Open(ctx)
	if err != nil {
		return nil, err
	}
	return On(wire, address, time.Duration(connection.Timeout)), nil
}

// On speaks over a wire that is open; the driver owns it from now on. A timeout of 0 is the usual one.
func On(wire line.Line, address line.Address, timeout time.Duration) *Driver {
	timeout = cmp.Or(timeout, time.Duration(gateway.DefaultTimeout))
	return &Driver{
		bus:     newBus(wire, address, timeout),
		learned: map[tableKey]*learned{},
		// Ids go on from the clock, so that two wires or a wire opened again do not share any.
		polls: uint64(time.Now().UnixMicro()),
	}
}

// Close closes the wire and ends a call in progress.
func (d *Driver) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	return d.bus.line.Close()
}

// deadAfter is how many requests in a row may stay without a single byte before a network connection counts as dead.
// A vanished peer leaves a half-open connection behind, and only a new one finds the device again.
const deadAfter = 3

// Poll reads points of one device; see gateway.Driver.
func (d *Driver) Poll(ctx context.Context, device gateway.Device, points []gateway.Point) ([]gateway.Reading, error) {
	if !d.bus.address.Serial() && d.bus.unanswered >= deadAfter {
		return nil, fmt.Errorf("%d requests in a row without an answer: open the connection to %s again",
			d.bus.unanswered, d.bus.address.Host)
	}
	p := newPoll(d, device, points)
	for table := range Table(len(tableNames)) {
		if err := p.readTable(ctx, table); err != nil {
			return nil, err
		}
	}
	return p.readings, nil
}

func (d *Driver) knowledge(unit byte, table Table) *learned {
	key := tableKey{unit, table}
	if d.learned[key] == nil {
		d.learned[key] = newLearned(table)
	}
	return d.learned[key]
}
