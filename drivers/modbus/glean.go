package modbus

import "github.com/tidegate/tidegate/gateway"

// heard is an answer that may hold more points than were asked for: what lies between two points is read along.
type heard struct {
	unit  byte
	table Table
	span  Span
	answer
	poll uint64
}

// hear keeps an answer until the next poll.
func (d *Driver) hear(unit byte, table Table, span Span, a answer) {
	d.heard = append(d.heard, heard{unit: unit, table: table, span: span, answer: a, poll: d.polls})
}

var _ gateway.Gleaner = (*Driver)(nil)

// Glean implements gateway.Gleaner.
func (d *Driver) Glean(device gateway.Device, points []gateway.Point) (readings []gateway.Reading) {
	for _, p := range points {
		t, err := locate(device.Quirks, p)
		if err != nil {
			continue
		}
		for _, h := range d.heard {
			if h.holds(byte(device.Unit), t) {
				readings = append(readings, readingOf(device, p, t, h.span.Start, h.answer, h.poll))
				break
			}
		}
	}
	return readings
}

func (h heard) holds(unit byte, t target) bool {
	s := t.span()
	return h.unit == unit && h.table == t.Table && h.span.Start <= s.Start && s.End <= h.span.End
}
