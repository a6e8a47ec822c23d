package poller

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// missedPolls is after how many intervals without a reading a point is no longer known, unless the connection says
	// otherwise; silentTelegrams is the same for devices that speak by themselves.
	missedPolls     = 3
	silentTelegrams = 10
)

// freshFor is how long a reading holds.
func (p *Poller) freshFor(interval time.Duration, intervals int) time.Duration {
	if own := p.options.Connection.StaleAfter; own > 0 {
		intervals = own
	}
	return time.Duration(intervals) * interval
}

// pollLimit is how long a reading of the group holds. A wire that is asked for more than it can do is said to be overloaded, and
// its points are judged by what it can do: a point that is stale between two polls helps nobody. Shorter than the time of one
// answer would make each slow one a gap.
func (p *Poller) pollLimit(g *group) time.Duration {
	cycle := max(g.interval, time.Duration(p.load*float64(g.interval)), p.round())
	return max(p.freshFor(cycle, missedPolls), p.timeout)
}

// round is how long it takes to read all groups that answer once; zero while the wire keeps up.
func (p *Poller) round() (sum time.Duration) {
	if p.load <= fullLoad {
		return 0
	}
	for _, g := range p.schedule.groups {
		if !g.device.dead {
			sum += g.took
		}
	}
	return sum
}

// read polls while the goroutine of Run goes on looking after the points that become stale meanwhile. The wire is still
// used by one goroutine at a time, since read waits for its end.
func (p *Poller) read(ctx context.Context, driver gateway.Driver, d gateway.Device, points []gateway.Point) (readings []gateway.Reading, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer p.recovered(&err)
		readings, err = driver.Poll(ctx, d, points)
	}()
	timer := time.NewTimer(p.untilMissed(time.Now()))
	defer timer.Stop()
	for {
		select {
		case <-done:
			return readings, err
		case now := <-timer.C:
			p.missed(now)
			timer.Reset(p.untilMissed(now))
		}
	}
}

// untilMissed is when the next group becomes stale, if it is not read.
func (p *Poller) untilMissed(now time.Time) time.Duration {
	next := idle
	for _, g := range p.schedule.groups {
		if left := p.pollLimit(g) - now.Sub(g.read); left > 0 && !g.device.dead && !g.read.IsZero() {
			next = min(next, left)
		}
	}
	return next
}

// missed makes points bad that were not read in time, since the wire was busy with something else.
func (p *Poller) missed(now time.Time) {
	for _, g := range p.schedule.groups {
		limit := p.pollLimit(g)
		if g.device.dead || g.read.IsZero() || now.Sub(g.read) < limit {
			continue
		}
		if readings := g.missed(now, limit); len(readings) > 0 {
			p.take(g, readings)
			p.showDevice(g.device)
		}
	}
}

// missed gives a bad reading for each point of the group that still counts as known. One that was written meanwhile was
// read back, and is as fresh as that.
func (g *group) missed(now time.Time, limit time.Duration) (readings []gateway.Reading) {
	for _, pt := range g.points {
		if pt.quality == gateway.Bad || now.Sub(pt.seen) < limit {
			continue
		}
		readings = append(readings, gateway.Reading{
			Point: pt.key, Quality: gateway.Bad, Time: now.UTC(),
			Reason: fmt.Sprintf("stale: not read for %s, though it is due every %s; the wire is busy with other requests",
				limit.Round(time.Millisecond), g.interval),
		})
	}
	return readings
}

func (g *group) wasRead(now time.Time) {
	g.read = now
	for _, pt := range g.points {
		pt.seen = now
	}
}
