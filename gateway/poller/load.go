package poller

import (
	"fmt"
	"time"
)

// fullLoad is the load above which it is said that the intervals cannot be kept.
const fullLoad = 1.0

// weigh takes into account how long a poll of a group took, smoothed, so that one slow answer is no alarm.
func (p *Poller) weigh(g *group, took time.Duration) {
	if g.took == 0 {
		g.took = took
	}
	g.took += (took - g.took) / 8
	load, worst := 0.0, g
	for _, other := range p.schedule.groups {
		if other.device.dead {
			continue
		}
		load += other.share()
		if other.share() > worst.share() {
			worst = other
		}
	}
	p.load = load
	p.status.weigh(load, overloaded(load, worst))
}

// share is the part of the wire's time that the polls of the group need.
func (g *group) share() float64 { return float64(g.took) / float64(g.interval) }

// overloaded is what to do about a load; empty when there is nothing to do.
func overloaded(load float64, worst *group) string {
	if load <= fullLoad {
		return ""
	}
	return fmt.Sprintf("the intervals cannot be kept: the polls need %.0f %% of the time; most of it takes %s at %s (%s for one poll): "+
		"choose a slower scan class or fewer points", 100*load, worst.device.ID, worst.interval, worst.took.Round(time.Millisecond))
}
