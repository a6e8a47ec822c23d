package poller

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// silentPolls is after how many polls without an answer a device counts as dead.
	silentPolls = 2
	leastProbe  = time.Second
	mostProbe   = time.Minute
	// probeShare is the part of the wire that the probes of all dead devices may take: one in thirty. A poll that is late since
	// a probe was on the wire is lost, so the living keep a little less than the rest: 95 %.
	probeShare = 30
)

// health is whether a device answers. Errors that come sooner than silence cost the wire little: they neither make a device
// dead nor bring it back.
type health struct {
	silent  int
	dead    bool
	backoff gateway.Backoff
	probeAt time.Time
	probed  int // how often, to ask for another point each time
}

// wireBudget keeps the probes of dead devices away from the living.
type wireBudget struct {
	nextProbe time.Time
}

// probeTime is when a dead device may be asked again: when its back-off is over and, as long as another device is alive,
// when the wire's budget allows it.
func (p *Poller) probeTime(d *device) time.Time {
	at := d.probeAt
	if p.wire.nextProbe.After(at) && p.anyAlive() {
		return p.wire.nextProbe
	}
	return at
}

func (p *Poller) anyAlive() bool {
	for _, d := range p.devices {
		if !d.dead {
			return true
		}
	}
	return false
}

// judge draws the conclusion of a poll for the device; silent is one without an answer.
func (p *Poller) judge(d *device, readings []gateway.Reading, silent bool, now time.Time) {
	if !allBad(readings) {
		d.revive(now)
	} else if silent {
		d.silent++
		if d.silent >= silentPolls {
			p.declareDead(d, firstReason(readings), now)
		}
		return
	}
	p.showDevice(d)
}

func (p *Poller) declareDead(d *device, reason string, now time.Time) {
	if !d.dead {
		d.dead = true
		d.backoff = gateway.Backoff{Min: leastProbe, Max: mostProbe}
		p.deviceBad(d, reason)
	}
	d.probeAt = now.Add(d.backoff.Next())
	p.setDeviceState(d, gateway.StateDown, reason)
	p.showConnection()
}

// revive makes a device that was dead due at once with all its points.
func (d *device) revive(now time.Time) {
	d.silent = 0
	if !d.dead {
		return
	}
	d.dead = false
	for _, g := range d.groups {
		g.due = now
	}
}

// showDevice derives the state of a device that answers from its points.
func (p *Poller) showDevice(d *device) {
	state, reason := gateway.StateUp, ""
	for _, pt := range d.points {
		if pt.quality == gateway.Bad {
			state, reason = gateway.StateDegraded, pt.ID+": "+pt.reason
			break
		}
	}
	p.setDeviceState(d, state, reason)
	p.showConnection()
}

func allBad(readings []gateway.Reading) bool {
	for _, r := range readings {
		if r.Quality != gateway.Bad {
			return false
		}
	}
	return true
}

func firstReason(readings []gateway.Reading) string {
	for _, r := range readings {
		if r.Quality == gateway.Bad && r.Reason != "" {
			return r.Reason
		}
	}
	return "no answer"
}
