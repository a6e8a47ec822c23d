package poller

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// glean shows newer values of points that are not due but were read along with the group. It is only their value and age
// that changes: when and whether they are published is decided by their own polls, and so is that a bad point is good again.
func (p *Poller) glean(driver gateway.Driver, polled *group, now time.Time) {
	gleaner, gleans := driver.(gateway.Gleaner)
	if !gleans || len(polled.device.groups) < 2 {
		return
	}
	var shown []gateway.Reading
	for _, g := range polled.device.groups {
		if g == polled {
			continue
		}
		for _, raw := range gleaner.Glean(g.device.Device, g.asked) {
			if r, fresh := p.refresh(raw, now); fresh {
				shown = append(shown, r)
			}
		}
	}
	if len(shown) > 0 {
		p.options.Live.Refresh(shown)
	}
}

// refresh takes a reading that nobody asked for; false when the point is not known to be well, or the reading is bad.
func (p *Poller) refresh(raw gateway.Reading, now time.Time) (gateway.Reading, bool) {
	pt, known := p.points[raw.Point]
	if !known || pt.quality == gateway.Bad || pt.quality == "" {
		return raw, false
	}
	r := p.engineering(pt, raw, now)
	if r.Quality != pt.quality {
		return r, false
	}
	pt.latest, pt.seen = r, now
	return r, true
}
