package broker

import "github.com/tidegate/tidegate/mqtt"

// redeliver gives what a session of a group leaves behind to other members, in its order; it reports how much of it found
// one. The session is out of the tree of subscriptions.
func (b *Broker) redeliver(left []*delivery) (messages, bytes int64) {
	for _, d := range left {
		if b.rebind(d.row.Message, d.share, d) {
			messages++
			bytes += int64(d.row.Size)
		}
	}
	return messages, bytes
}

// mayMove: a member that ends takes along what it is in the process of receiving at QoS 2: that goes to nobody else
// [MQTT-4.8.2-5]. What was sent at QoS 1 without an answer goes to another member, as a message of its own.
func (d *delivery) mayMove() bool {
	return d.share != "" && !d.finished &&
		(d.row.QoS != mqtt.ExactlyOnce || d.state == mqtt.DeliveryNew && !d.out)
}

// leftLocked is what the session owes that another member of a group can take: all that is in memory. What is on disk
// only goes with the session.
func (s *session) leftLocked() (left []*delivery) {
	for _, part := range [][]*delivery{s.lane.window, s.lane.tail} {
		for _, d := range part {
			if d.mayMove() {
				left = append(left, d)
			}
		}
	}
	return left
}

// rebindTries bounds how often another member is looked for when the chosen one ends at the same moment.
const rebindTries = 8

// rebind binds a message of a group to a member that is in it now; false: there is none. from is the delivery that it
// replaces, nil for none. Limits were asked when the message was taken over; it is not refused now, and a queue that it
// makes too long is shortened like any other.
func (b *Broker) rebind(m *mqtt.Message, share string, from *delivery) bool {
	for range rebindTries {
		member := b.topics.pick(share)
		if member == nil {
			return false
		}
		t := newTarget(member, share)
		if l, bound := b.bind(&t, m, from); bound {
			if l != nil {
				l.signal()
			}
			return true
		}
	}
	return false
}

// bind gives a message its place with a member. The row that it had goes in the same unit: after a crash it is with one
// of the two.
func (b *Broker) bind(t *target, m *mqtt.Message, from *delivery) (l *link, bound bool) {
	b.order.Lock()
	defer b.order.Unlock()
	unit := &mqtt.Unit{Class: mqtt.Now, MessageID: b.nextMessageID}
	b.nextMessageID++
	d, l, gone := t.session.enqueue(t, m, unit.MessageID)
	if gone {
		return nil, false
	}
	if d != nil && t.session.durable {
		unit.Message, unit.Deliveries = m, []*mqtt.Queued{d.row}
	}
	if from != nil && from.session.durable {
		unit.Finished = []*mqtt.Queued{from.row}
	}
	if unit.Deliveries == nil && unit.Finished == nil {
		if d != nil {
			d.settled(nil)
		}
		return l, true
	}
	b.store.Commit(unit, func(err error) {
		if d != nil {
			d.bound(err)
		}
	})
	return l, true
}

// bound is told how the unit ended that bound a delivery anew. Nobody else is told when it failed: what was not sent by
// then is lost.
func (d *delivery) bound(err error) {
	d.settled(err)
	s := d.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && !d.out {
		s.lostLocked(mqtt.DiskFull, d.row.Message)
	}
}
