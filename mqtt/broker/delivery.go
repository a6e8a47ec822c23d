package broker

import (
	"github.com/tidegate/tidegate/mqtt"
)

// delivery is one message for one session. The session's lock guards everything but what row has from the beginning.
type delivery struct {
	session *session
	row     *mqtt.Queued
	state   mqtt.DeliveryState
	// share is the filter of the group whose message it is; empty for none, and for what was read back from disk.
	share string
	// lender is the delivery of the group that this one is a loan of; nil for none.
	lender *delivery

	committed bool
	finished  bool
	// out: it was handed out at least once.
	out bool
	// spilled: it left the memory of the lane before it was committed.
	spilled bool
	// historical: see mqtt.Delivery; of the present link.
	historical bool
	// placement is that of its message while that may be held back; nil otherwise.
	placement *placement
}

var _ mqtt.Delivery = (*delivery)(nil)

// newDelivery makes delivery and row in one piece of memory.
func newDelivery(s *session, m *mqtt.Message, t *target) *delivery {
	both := &struct {
		delivery
		row mqtt.Queued
	}{
		delivery: delivery{session: s, share: t.share, placement: t.placement},
		row: mqtt.Queued{
			Session: s.id, Message: m, QoS: min(m.QoS, t.qos), Retain: m.Retain && t.asPublished,
			Subscriptions: t.identifiers, Size: m.Size(),
		},
	}
	both.delivery.row = &both.row
	return &both.delivery
}

// Message is shared and must not be changed.
func (d *delivery) Message() *mqtt.Message { return d.row.Message }

// QoS is that of this delivery.
func (d *delivery) QoS() mqtt.QoS { return d.row.QoS }

// Retain is the flag for this receiver.
func (d *delivery) Retain() bool { return d.row.Retain }

// Subscriptions are the identifiers of the matching subscriptions.
func (d *delivery) Subscriptions() []uint32 { return d.row.Subscriptions }

// PacketID follows from the position; 0 at QoS 0.
func (d *delivery) PacketID() uint16 {
	if d.row.QoS == mqtt.AtMostOnce {
		return 0
	}
	return d.row.Lane.PacketID(d.row.Position)
}

// State is what the receiver may already have.
func (d *delivery) State() mqtt.DeliveryState {
	d.session.mu.Lock()
	defer d.session.mu.Unlock()
	return d.state
}

// Historical reports whether the receiver gets it late, where there is a share for live data.
func (d *delivery) Historical() bool {
	d.session.mu.Lock()
	defer d.session.mu.Unlock()
	return d.historical
}

// Received records a PUBREC: PUBREL may leave in done(nil).
func (d *delivery) Received(done mqtt.Settle) {
	s := d.session
	s.mu.Lock()
	durable := s.durable && !s.gone && !d.finished
	s.mu.Unlock()
	if !durable {
		d.released(nil, done)
		return
	}
	unit := &mqtt.Unit{Class: mqtt.Now, Received: []*mqtt.Queued{d.row}}
	s.broker.store.Commit(unit, func(err error) { d.released(err, done) })
}

// released is told how the recording of a PUBREC ended.
func (d *delivery) released(err error, done mqtt.Settle) {
	if err == nil {
		d.session.mu.Lock()
		d.state = mqtt.DeliveryReceived
		d.session.mu.Unlock()
	}
	done(err)
}

// Settle ends the delivery: nil when the receiver owns it, an error when it refused it.
func (d *delivery) Settle(err error) {
	s := d.session
	s.mu.Lock()
	if d.finished {
		s.mu.Unlock()
		return
	}
	s.finishLocked(d)
	if err == nil {
		s.laneOfLocked(d).done.Add(d.row.Size)
	}
	gone := s.gone
	refusal, parks := err.(*mqtt.Refusal) //nolint:errorlint // who wants it to be parked says so and nothing else
	parks = parks && s.parking != nil
	s.mu.Unlock()
	switch {
	case gone:
	case parks:
		s.park(d, refusal.Error())
	case d.lender != nil:
		d.lender.Settle(err)
	case err != nil:
		s.giveUp(mqtt.Refused, d)
	default:
		d.forget()
	}
	s.wakeLink()
}

// finishLocked ends a delivery.
func (s *session) finishLocked(d *delivery) {
	s.promptness.end(d)
	s.laneOfLocked(d).finish(d)
	s.countLocked(d, -1)
}

// countLocked adds a delivery to what is unsettled in all sessions, or takes it off. What is lent counts with its group.
func (s *session) countLocked(d *delivery, n int64) {
	if s.durable && !s.gone && d.lender == nil {
		s.broker.totals.add(n, n*int64(d.row.Size))
	}
}

// forget removes the row, unless it was not written yet: then it never will be.
func (d *delivery) forget() {
	switch {
	case !d.session.durable:
	case !d.row.Elide():
		d.session.broker.store.Commit(&mqtt.Unit{Class: mqtt.Soon, Finished: []*mqtt.Queued{d.row}}, nil)
	case d.placement != nil:
		d.placement.elided()
	}
}

// settled is told how the unit ended that has the delivery.
func (d *delivery) settled(err error) {
	s := d.session
	s.mu.Lock()
	d.committed = true
	if d.spilled {
		s.laneOfLocked(d).unwritten--
	}
	if err != nil && !d.finished && !d.out {
		// What was handed out keeps its packet identifier until the receiver is done with it.
		s.finishLocked(d)
	}
	// Only QoS 2 and what is read back wait for a commit.
	wake := d.row.QoS == mqtt.ExactlyOnce || d.spilled
	s.mu.Unlock()
	if wake {
		s.wakeLink()
	}
}
