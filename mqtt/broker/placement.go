package broker

import (
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// placement is a message that has its place in the order, until its publisher is told: when it is on disk, or at QoS 1 when
// all its receivers acknowledged before it was written.
type placement struct {
	broker      *Broker
	publication publication
	id          uint64
	deliveries  []*delivery
	// keep: a retained copy goes with it.
	keep bool

	// since is when it was held back; the zero time for what goes to the store at once.
	since time.Time
	// unwritten is how many deliveries may still need a row, and one while they are counted.
	unwritten atomic.Int64
	told      atomic.Bool

	one [1]*delivery // the memory of deliveries in the usual case
}

// isOver reports whether the publisher was told.
func (p *placement) isOver() bool { return p.told.Load() }

// unit is what has to be stored.
func (p *placement) unit() *mqtt.Unit {
	unit := p.publication.unit
	if unit == nil {
		unit = &mqtt.Unit{Class: p.publication.class}
	}
	unit.Message, unit.MessageID = p.publication.message, p.id
	if p.publication.packetID != 0 && p.publication.publisher.durable {
		unit.InboundAdd = mqtt.Origin{Session: p.publication.publisher.id, PacketID: p.publication.packetID}
	}
	if p.keep {
		unit.Retained = []*mqtt.Message{unit.Message}
	}
	for _, d := range p.deliveries {
		if d.session.durable {
			unit.Deliveries = append(unit.Deliveries, d.row)
		}
	}
	return unit
}

// settled is told how the unit ended.
func (p *placement) settled(err error) {
	for _, d := range p.deliveries {
		d.settled(err)
	}
	if p.keep {
		p.broker.retained.end(p.publication.message, err)
	}
	p.tell(err)
}

// elided is told that one delivery less needs a row.
func (p *placement) elided() {
	if p.unwritten.Add(-1) == 0 {
		p.tell(nil)
	}
}

// tell tells the publisher, once.
func (p *placement) tell(err error) {
	if p.told.CompareAndSwap(false, true) {
		p.publication.finish(err)
	}
}

// mayWait reports whether a message need not go to the store at once: it has receivers only, at QoS 1, who are here and
// quick. What has a unit with more than deliveries goes at once.
func (p *placement) mayWait(r *route, now time.Time) bool {
	u := &p.publication
	if u.class != mqtt.Now || u.unit != nil || u.packetID != 0 || u.copyOnly || p.keep {
		return false
	}
	for i := range r.targets {
		t := &r.targets[i]
		if t.stores(u.message) && (min(t.qos, u.message.QoS) != mqtt.AtLeastOnce || !t.session.isPrompt(now)) {
			return false
		}
	}
	return true
}
