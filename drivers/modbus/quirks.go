package modbus

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// quirks is what the requests to one unit have to respect.
type quirks struct {
	gateway.DeviceQuirks
	// asked is when the last request to the unit ended.
	asked time.Time
}

// adopt takes over the quirks of a device that is about to be asked.
func (d *Driver) adopt(device gateway.Device) {
	d.quirksOf(byte(device.Unit)).DeviceQuirks = device.Quirks
	d.bus.anyUnit[byte(device.Unit)] = device.Quirks.AnyUnit
}

// quirksOf are those of the device that was seen last at a unit; none for one that nobody has configured.
func (d *Driver) quirksOf(unit byte) *quirks {
	if d.quirks[unit] == nil {
		d.quirks[unit] = &quirks{}
	}
	return d.quirks[unit]
}

// limit is the most addresses of a table in one request; zero when the protocol alone limits it.
func (q *quirks) limit(t Table) int {
	if t.Bits() {
		return q.MaxBits
	}
	return q.MaxRegisters
}

// planned is what Plan may do: known is what was learned of the device, quirks what was said about it.
func (q *quirks) planned(known *learned, t Table) (limit int, allowed func(Span) bool) {
	limit, allowed = known.limit, known.allowed
	if own := q.limit(t); own > 0 {
		limit = min(limit, own)
	}
	if q.OnePerPoint {
		allowed = func(Span) bool { return false }
	}
	return limit, allowed
}

// table is the one whose function reads registers of t.
func (q *quirks) table(t Table) Table {
	switch {
	case t.Bits():
	case q.ReadFunction == readHoldings:
		return Holdings
	case q.ReadFunction == readInputs:
		return Inputs
	}
	return t
}

// rest waits until the unit may be asked again.
func (q *quirks) rest(ctx context.Context) {
	if wait := time.Until(q.asked.Add(time.Duration(q.Pause))); q.Pause > 0 && wait > 0 {
		pause(ctx, wait)
	}
}
