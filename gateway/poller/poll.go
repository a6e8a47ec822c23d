package poller

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// runTask does one poll or probe. The error means that the wire is gone.
func (p *Poller) runTask(ctx context.Context, driver gateway.Driver, t task) error {
	if t.group == nil || time.Now().Before(t.due) {
		return nil
	}
	if t.probe {
		return p.probe(ctx, driver, t.group.device)
	}
	return p.pollGroup(ctx, driver, t.group)
}

func (p *Poller) pollGroup(ctx context.Context, driver gateway.Driver, g *group) error {
	begin := time.Now()
	raw, err := p.read(ctx, driver, g.device.Device, g.asked)
	now := time.Now()
	if err != nil || ctx.Err() != nil {
		return err // still due, for the wire that is opened next
	}
	g.advance(now)
	g.wasRead(now)
	p.countDamage(driver)
	p.backoff.Reset()
	p.remember(driver, g.device)
	readings := p.complete(g, raw, now)
	p.proven = !allBad(readings)
	if doubter, is := driver.(gateway.Doubter); is {
		p.doubt = doubter.Doubt()
	}
	silent := p.wasSilent(driver, g.device, now.Sub(begin))
	p.status.polled(g.device.ID, now.Sub(begin), silent, readings)
	p.weigh(g, now.Sub(begin))
	p.take(g, readings)
	p.glean(driver, g, now)
	p.judge(g.device, readings, silent, now)
	return nil
}

// probe asks a dead device for one point, another one each time. What it says is not published: if it gives a value,
// everything is read at once.
func (p *Poller) probe(ctx context.Context, driver gateway.Driver, d *device) error {
	begin := time.Now()
	at := d.probed % len(d.points)
	d.probed++
	readings, err := p.read(ctx, driver, d.Device, []gateway.Point{*d.points[at].Point})
	now := time.Now()
	if err != nil || ctx.Err() != nil {
		return err
	}
	p.backoff.Reset()
	took := now.Sub(begin)
	p.wire.nextProbe = now.Add((probeShare - 1) * took)
	p.status.polled(d.ID, took, p.wasSilent(driver, d, took), readings)
	p.countDamage(driver)
	if allBad(readings) {
		p.declareDead(d, firstReason(readings), now)
		return nil
	}
	d.revive(now)
	return nil
}

// complete gives one reading for each point of the group, in engineering units, whatever the driver gave.
func (p *Poller) complete(g *group, raw []gateway.Reading, now time.Time) []gateway.Reading {
	readings := make([]gateway.Reading, len(g.points))
	for i, pt := range g.points {
		if i < len(raw) && raw[i].Point == pt.key {
			readings[i] = p.engineering(pt, raw[i], now)
			continue
		}
		readings[i] = gateway.Reading{
			Point: pt.key, Quality: gateway.Bad, Reason: "the driver gave no reading of the point", Time: now.UTC(),
		}
	}
	return readings
}

func (p *Poller) engineering(pt *point, raw gateway.Reading, now time.Time) gateway.Reading {
	if raw.Time.IsZero() {
		raw.Time = now
	}
	return pt.EngineeringReading(raw)
}

// deviceBad makes all points of a device bad that are not yet.
func (p *Poller) deviceBad(d *device, reason string) {
	now := time.Now().UTC()
	for _, g := range d.groups {
		readings := make([]gateway.Reading, len(g.points))
		for i, pt := range g.points {
			readings[i] = gateway.Reading{Point: pt.key, Quality: gateway.Bad, Reason: reason, Time: now}
		}
		p.take(g, readings)
	}
}
