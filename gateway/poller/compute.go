package poller

import (
	"slices"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// computed is a point that is made of others of its device.
type computed struct {
	*point
	expression *gateway.Expression
	inputs     []*point
}

// addComputed adds the computed points of a device whose other points are there already. A configuration with a wrong
// expression does not get this far, so there is nobody to tell.
func (p *Poller) addComputed(d *device) {
	for i := range d.Points {
		configured := &d.Points[i]
		if configured.Expression == "" || len(d.groups) == 0 {
			continue
		}
		e, err := gateway.NewExpression(*configured, d.Points)
		if err != nil {
			p.logger.Error("expression does not compile", "device", d.ID, "point", configured.ID, "error", err)
			continue
		}
		c := &computed{expression: e, point: p.newPoint(d, configured)}
		c.interval = time.Millisecond
		for _, id := range e.Inputs() {
			input := p.points[gateway.PointKey{Device: d.ID, Point: id}]
			c.inputs = append(c.inputs, input)
			c.interval = max(c.interval, input.interval)
		}
		c.group = c.inputs[0].group
		d.computed = append(d.computed, c)
		p.points[c.key] = c.point
	}
}

// compute makes the readings that follow from others. A computed point has none before all that it is made of were read.
func (p *Poller) compute(d *device, readings []gateway.Reading) []gateway.Reading {
	var made []gateway.Reading
	for _, c := range d.computed {
		if !c.touched(readings) {
			continue
		}
		inputs := make([]gateway.Reading, len(c.inputs))
		for i, input := range c.inputs {
			inputs[i] = input.latest
		}
		made = append(made, c.EngineeringReading(c.expression.Reading(c.key, inputs)))
	}
	return made
}

// touched reports whether one of the inputs is among the readings and none is unknown.
func (c *computed) touched(readings []gateway.Reading) bool {
	fresh := false
	for _, input := range c.inputs {
		if input.latest.Quality == "" {
			return false
		}
		fresh = fresh || slices.ContainsFunc(readings, func(r gateway.Reading) bool { return r.Point == input.key })
	}
	return fresh
}
