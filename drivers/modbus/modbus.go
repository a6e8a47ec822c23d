package modbus

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// Driver is an open wire with Modbus devices.
type Driver struct {
	bus     *bus
	habits  gateway.ConnectionQuirks
	learned map[tableKey]*learned
	quirks  map[byte]*quirks
	polls   uint64
	// heard are the answers of the last poll, to glean from.
	heard []heard

	mu     sync.Mutex // guards closed, away and the change of the bus's line
	closed bool
	// away says that the line was given up after a poll.
	away bool
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
	return OpenAt(ctx, address, connection)
}

// OpenAt is Open for an address that the connection alone does not say all of.
func OpenAt(ctx context.Context, address line.Address, connection gateway.Connection) (*Driver, error) {
	wire, err := address.Open(ctx)
	if err != nil {
		return nil, err
	}
	if wait := time.Duration(connection.Quirks.PauseAfterConnect); wait > 0 {
		pause(ctx, wait)
	}
	return On(wire, address, connection), nil
}

// On speaks over a wire that is open; the driver owns it from now on.
func On(wire line.Line, address line.Address, connection gateway.Connection) *Driver {
	timeout := time.Duration(cmp.Or(connection.Timeout, gateway.DefaultTimeout))
	return &Driver{
		bus:     newBus(wire, address, timeout),
		habits:  connection.Quirks,
		learned: map[tableKey]*learned{},
		quirks:  map[byte]*quirks{},
		// Ids go on from the clock, so that two wires or a wire opened again do not share any.
		polls: uint64(time.Now().UnixMicro()),
	}
}

// Close closes the wire and ends a call in progress.
func (d *Driver) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	if d.away {
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
	if err := d.connect(ctx); err != nil {
		return nil, err
	}
	d.adopt(device)
	d.heard = d.heard[:0]
	p := newPoll(d, device, points)
	for table := range Table(len(tableNames)) {
		if err := p.readTable(ctx, table); err != nil {
			return nil, err
		}
	}
	return p.readings, d.giveUp()
}
