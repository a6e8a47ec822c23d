package poller

import (
	"hash/fnv"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// device is a device of the connection with what is known about its health; see health.go.
type device struct {
	gateway.Device
	groups []*group
	points []*point // those that are read
	// computed are made of others; see compute.go.
	computed []*computed
	health
}

// group is what is read together: the points of one device that have one interval.
type group struct {
	device   *device
	interval time.Duration
	points   []*point
	asked    []gateway.Point // the same points as the driver wants them
	due      time.Time
	read     time.Time     // when the wire last gave its readings, zero for never; see stale.go
	took     time.Duration // by a poll, smoothed; see load.go
	// unsettled counts the cycles of the group that are on their way to the disk; limit bounds it.
	unsettled atomic.Int32
	limit     int32
	// lost says that a message was given up since the last cycle.
	lost atomic.Bool
}

// point is a point with what was last said about it.
type point struct {
	*gateway.Point // of the configuration, which nobody changes

	key      gateway.PointKey
	mapper   *gateway.Mapper
	interval time.Duration
	group    *group
	quality  gateway.Quality // empty until the first reading
	reason   string
	latest   gateway.Reading // as it was shown
	// published is what was said last in a message, at the time said; see gateway.Publishing.
	published gateway.Reading
	said      time.Time
	seen      time.Time // when the wire last gave a reading of it
}

// schedule decides what is next: of all that is due, the earliest deadline first. The deadline of a group is the time of
// its next poll, so on an overloaded wire the slow groups still get their turn.
type schedule struct {
	groups []*group
}

// spread is how far the first polls of the devices of all connections are apart.
const spread = time.Second

func (p *Poller) addDevices() {
	p.schedule = &schedule{}
	for _, configured := range p.options.Devices {
		d := &device{Device: configured}
		for i := range configured.Points {
			if configured.Points[i].Expression == "" {
				p.addPoint(d, &configured.Points[i])
			}
		}
		p.addComputed(d)
		d.askForAll()
		p.devices = append(p.devices, d)
		p.schedule.groups = append(p.schedule.groups, d.groups...)
	}
}

func (p *Poller) addPoint(d *device, configured *gateway.Point) {
	interval := max(p.options.Interval(d.Device, *configured), time.Millisecond)
	g := d.group(interval)
	g.limit = int32(2 + (p.options.Settling+interval-1)/interval)
	added := p.newPoint(d, configured)
	added.interval, added.group = interval, g
	g.points = append(g.points, added)
	d.points = append(d.points, added)
	p.points[added.key] = added
}

func (p *Poller) newPoint(d *device, configured *gateway.Point) *point {
	return &point{
		Point: configured, key: gateway.PointKey{Device: d.ID, Point: configured.ID},
		mapper: configured.Mapper(p.options.GatewayName, d.ID, p.options.Run),
	}
}

// askForAll gives each group its points as the driver wants them. Most devices have one group of all their points, which
// needs no copy.
func (d *device) askForAll() {
	for _, g := range d.groups {
		if len(g.points) == len(d.Points) {
			g.asked = d.Points
			continue
		}
		for _, pt := range g.points {
			g.asked = append(g.asked, *pt.Point)
		}
	}
}

func (d *device) group(interval time.Duration) *group {
	for _, g := range d.groups {
		if g.interval == interval {
			return g
		}
	}
	g := &group{device: d, interval: interval}
	d.groups = append(d.groups, g)
	return g
}

// phase is a stable place of the device within a time, so that devices do not answer in chorus.
func (d *device) phase(within time.Duration) time.Duration {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(d.Connection + "/" + d.ID)) // never fails
	return time.Duration(hash.Sum64() % uint64(within))
}

// start makes everything due at once, but for a little spread.
func (s *schedule) start(now time.Time) {
	for _, g := range s.groups {
		g.due = now.Add(g.device.phase(min(g.interval, spread)))
	}
}

// refresh makes what became overdue while the wire was down due now, in one go.
func (s *schedule) refresh(now time.Time) {
	for _, g := range s.groups {
		if g.due.Before(now) {
			g.due = now
		}
	}
}

// advance sets the next poll: at the device's place within the interval, missed ticks are skipped. The slot that follows
// the first poll too closely is skipped too.
func (g *group) advance(now time.Time) {
	behind := time.Duration((now.UnixNano() - int64(g.device.phase(g.interval))) % int64(g.interval))
	if behind < 0 {
		behind += g.interval
	}
	wait := g.interval - behind
	if wait < g.interval/2 {
		wait += g.interval
	}
	g.due = now.Add(wait)
}

// task is what the wire does next: a poll of a group, or the probe of a dead device.
type task struct {
	due   time.Time
	group *group
	probe bool
}

// idle is how long a poller without anything to do waits for requests.
const idle = time.Hour

func (p *Poller) nextTask(now time.Time) task {
	next := task{due: now.Add(idle)}
	var deadline time.Time
	for _, g := range p.schedule.groups {
		candidate := task{due: g.due, group: g}
		end := g.due.Add(g.interval)
		if g.device.dead {
			// A probe has no deadline to miss: its share of the wire is bounded, so it may go at its time.
			candidate = task{due: p.probeTime(g.device), group: g, probe: true}
			end = candidate.due
		}
		if earlier(candidate, end, next, deadline, now) {
			next, deadline = candidate, end
		}
	}
	return next
}

// earlier reports whether candidate goes before next: what is due before what is not, then by deadline or by time.
func earlier(candidate task, end time.Time, next task, deadline, now time.Time) bool {
	if next.group == nil {
		return candidate.due.Before(next.due)
	}
	due, nextDue := !candidate.due.After(now), !next.due.After(now)
	if due && nextDue {
		return end.Before(deadline)
	}
	return candidate.due.Before(next.due)
}
