package modbus

import (
	"context"
	"time"

	"github.com/goburrow/modbus"

	"github.com/tidegate/tidegate/drivers/line"
)

// Scan runs the parser of a framing over data, as after the given request, and checks a reply with goburrow's packager.
func Scan(protocol line.Protocol, request, data []byte, last bool) (adu, pdu []byte, drop int, err error) {
	framings := map[line.Protocol]framing{
		line.ModbusRTU: rtu{}, line.ModbusASCII: ascii{}, line.ModbusTCP: mbap{transaction: 1},
	}
	found := framings[protocol].scan(expect(1, request), data, last)
	if found.adu == nil {
		return nil, nil, found.drop, nil
	}
	packager := newPackager(protocol, 1)
	decoded, err := packager.Decode(found.adu)
	if err != nil {
		return found.adu, found.pdu, found.drop, err
	}
	return found.adu, append([]byte{decoded.FunctionCode}, decoded.Data...), found.drop, nil
}

// Budget is what those who share a wire may take of its time.
type Budget struct{ budget }

// NewBudget gives them a share in percent.
func NewBudget(share int) Budget { return Budget{newBudget(share)} }

// Wait takes the turn.
func (b Budget) Wait(ctx context.Context) error { return b.wait(ctx) }

// Spent gives it back.
func (b Budget) Spent(took time.Duration) { b.spent(took) }

// SkipTransactions uses up transaction ids of a unit.
func SkipTransactions(d *Driver, unit byte, n int) error {
	for range n {
		if _, err := d.bus.packager(unit).Encode(&modbus.ProtocolDataUnit{FunctionCode: readHoldings, Data: []byte{0, 0, 0, 1}}); err != nil {
			return err
		}
	}
	return nil
}

// Recheck looks at what is known of a unit, as each poll does.
func Recheck(d *Driver, unit byte) {
	for table := range Table(len(tableNames)) {
		d.knowledge(unit, table)
	}
}
