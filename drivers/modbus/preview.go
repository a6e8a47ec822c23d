package modbus

import (
	"cmp"
	"slices"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// Preview is how a device would be polled over a connection: requests with their time on the wire, by the model that the
// polling uses before it has measured anything, and with what was learned about the device. classOf names the scan class of a
// point and its interval. The points are valid.
func Preview(
	address line.Address, device gateway.Device, known gateway.Learned, classOf func(gateway.Point) gateway.ScanClass,
) gateway.Plan {
	bus := newBus(nil, address, time.Duration(gateway.DefaultTimeout))
	classes := map[gateway.ScanClass][]gateway.Point{}
	for _, p := range device.Points {
		if p.Expression != "" {
			continue
		}
		class := classOf(p)
		classes[class] = append(classes[class], p)
	}
	plan := gateway.Plan{Requests: []gateway.PlannedRequest{}, Classes: []gateway.PlannedClass{}}
	for class, points := range classes {
		requests := previewClass(bus, device, known, class.ID, points)
		plan.Requests = append(plan.Requests, requests...)
		planned := gateway.PlannedClass{ScanClass: class.ID, Interval: class.Interval, Requests: len(requests)}
		for _, r := range requests {
			planned.Milliseconds += r.Milliseconds
		}
		interval := float64(time.Duration(class.Interval)) / float64(time.Millisecond)
		planned.Late = planned.Milliseconds > interval
		plan.Load += planned.Milliseconds / interval
		plan.Classes = append(plan.Classes, planned)
	}
	if !known.Empty() {
		plan.Learned = &known
	}
	sortPlan(&plan)
	return plan
}

func sortPlan(plan *gateway.Plan) {
	slices.SortFunc(plan.Classes, func(a, b gateway.PlannedClass) int {
		return cmp.Or(cmp.Compare(a.Interval, b.Interval), cmp.Compare(a.ScanClass, b.ScanClass))
	})
	place := func(r gateway.PlannedRequest) int {
		return slices.IndexFunc(plan.Classes, func(c gateway.PlannedClass) bool { return c.ScanClass == r.ScanClass })
	}
	slices.SortStableFunc(plan.Requests, func(a, b gateway.PlannedRequest) int { return cmp.Compare(place(a), place(b)) })
}

func previewClass(
	bus *bus, device gateway.Device, all gateway.Learned, class string, points []gateway.Point,
) (requests []gateway.PlannedRequest) {
	unit, own := byte(device.Unit), &quirks{DeviceQuirks: device.Quirks}
	for table := range Table(len(tableNames)) {
		var spans []Span
		for _, p := range points {
			if t, err := locate(device.Quirks, p); err == nil && t.Table == table {
				spans = append(spans, t.span())
			}
		}
		known, cost := toldOf(table, tableIn(all, table), all.Since), bus.cost(unit, table.Bits())
		cost.Fixed += time.Duration(own.Pause)
		limit, allowed := own.planned(known, table)
		for _, block := range Plan(spans, limit, cost, allowed) {
			requests = append(requests, gateway.PlannedRequest{
				ScanClass: class, Address: Address{Table: table, Offset: block.Start, Bit: NoBit}.String(),
				Count: block.Len(), Points: len(block.Items),
				Milliseconds: float64(cost.Of(block.Len())) / float64(time.Millisecond),
			})
		}
	}
	return requests
}
