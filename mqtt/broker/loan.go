package broker

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// How a message gets from the queue of a group to a member:
//
//	QoS 0  it is handed to the connection, and over.
//	QoS 1  it is lent: the row stays with the group until the member acknowledges. It goes back when the member's
//	       session ends, or when its connection does before the message was sent. After a restart every loan is back.
//	QoS 2  its row moves to the member before it is sent: from then on it is that member's alone [MQTT-4.8.2-5]. A member
//	       that is not stored needs no row; the one of the group goes before the message leaves, and with a crash
//	       in between the message goes like that member's session.

// groupAhead is how many messages of groups wait at a member for its connection: enough to fill a packet, few to come
// back.
const groupAhead = 16

// hasRoom reports whether a member is here and may be given a message now.
func (s *session) hasRoom() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hasRoomLocked()
}

func (s *session) hasRoomLocked() bool {
	if s.gone || s.link == nil || s.spilledLocked() || s.link.zero.count >= groupAhead {
		return false
	}
	var inWindow, bytes int
	for l := range s.lanesLocked() {
		inWindow += len(l.window)
		bytes += l.bytes
	}
	return inWindow-s.inflightLocked() < groupAhead && inWindow < s.link.inflight && !s.keep.reached(inWindow, bytes)
}

// waits reports whether the queue of a group has something in memory.
func (s *session) waits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lane.returned)+len(s.lane.window)+len(s.lane.tail) > 0
}

// dispatch binds what waits to members that are here and have room, in turn.
func (b *Broker) dispatch(g *group) {
	if !g.queue.Load().waits() {
		return
	}
	b.order.Lock()
	b.dispatchLocked(g)
	b.order.Unlock()
}

func (b *Broker) dispatchLocked(g *group) {
	q := g.queue.Load()
	for {
		member, at := g.hungry()
		if member == nil {
			return
		}
		d := q.takeOut()
		if d == nil {
			return
		}
		if b.lend(g, d, member) {
			g.last = at
		} else {
			q.putBack(d, false)
		}
	}
}

// takeOut takes the next delivery out of the queue of a group; nil when there is none that may leave.
func (s *session) takeOut() *delivery {
	var over []*delivery
	s.mu.Lock()
	s.lane.splice(s.keep)
	d := s.lane.takeOut(s.broker.now, func(late *delivery) {
		s.finishLocked(late)
		over = append(over, late)
	})
	s.mu.Unlock()
	s.giveUp(mqtt.Expired, over...)
	return d
}

// takeOut is take for the queue of a group: what is given leaves the window.
func (l *lane) takeOut(now func() time.Time, expired func(*delivery)) *delivery {
	for {
		d := l.front()
		switch {
		case d == nil:
			return nil
		case d.finished:
			l.dropFront() // its publisher was told that it is not kept
		case !d.out && expiredBy(d.row.Message, now):
			l.dropFront()
			expired(d)
		case d.row.QoS == mqtt.ExactlyOnce && !d.committed:
			return nil
		default:
			l.dropFront()
			return d
		}
	}
}

// front is what comes next: what came back is older than the window.
func (l *lane) front() *delivery {
	switch {
	case len(l.returned) > 0:
		return l.returned[0]
	case len(l.window) > 0:
		return l.window[0]
	}
	return nil
}

func (l *lane) dropFront() {
	if len(l.returned) > 0 {
		l.returned = slices.Delete(l.returned, 0, 1)
		return
	}
	l.bytes -= l.window[0].row.Size
	l.window[0] = nil
	l.window = l.window[1:]
}

// putBack puts a delivery back into the queue of a group; sent: a member may have got it. false: the queue has ended.
func (s *session) putBack(d *delivery, sent bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return false
	}
	d.out = d.out || sent
	if !d.finished {
		i, _ := slices.BinarySearchFunc(s.lane.returned, d.row.Position, func(d *delivery, position uint64) int {
			return cmp.Compare(d.row.Position, position)
		})
		s.lane.returned = slices.Insert(s.lane.returned, i, d)
	}
	return true
}

// lend gives a delivery of a group to a member; false: it has no room any more. The order is held.
func (b *Broker) lend(g *group, d *delivery, to *subscriber) bool {
	s := to.session
	t := newTarget(to, g.share)
	loan := newDelivery(s, d.row.Message, &t)
	loan.row.MessageID = d.row.MessageID
	if loan.row.QoS == mqtt.AtLeastOnce {
		loan.lender = d
	}
	s.mu.Lock()
	if !s.hasRoomLocked() {
		s.mu.Unlock()
		return false
	}
	l := s.link
	if loan.row.QoS == mqtt.AtMostOnce {
		l.zero.push(parcel{message: d.row.Message, retain: loan.row.Retain, identifiers: t.identifiers}, func(old *mqtt.Message) {
			s.lostLocked(mqtt.SlowQoS0, old)
		})
	} else {
		s.laneForLocked(d.row.Message.Topic, false).push(loan, s.keep)
		s.countLocked(loan, 1)
	}
	s.mu.Unlock()
	switch loan.row.QoS {
	case mqtt.AtMostOnce:
		if d.session.finish(d) {
			d.forget()
		}
	case mqtt.ExactlyOnce:
		b.move(d, loan)
	}
	l.wake()
	return true
}

// move takes the row of a delivery at QoS 2 from its group to a member.
func (b *Broker) move(d, loan *delivery) {
	unit := &mqtt.Unit{Class: mqtt.Now}
	if loan.session.durable {
		unit.MessageID, unit.Message, unit.Deliveries = loan.row.MessageID, loan.row.Message, []*mqtt.Queued{loan.row}
	}
	if d.session.durable {
		unit.Finished = []*mqtt.Queued{d.row}
	}
	if unit.Deliveries == nil && unit.Finished == nil {
		b.moved(d, loan, nil)
		return
	}
	b.store.Commit(unit, func(err error) { b.moved(d, loan, err) })
}

// moved is told how the unit ended that moved a row.
func (b *Broker) moved(d, loan *delivery, err error) {
	q := d.session
	if err == nil {
		q.finish(d)
		loan.settled(nil)
		return
	}
	// A loan that is over has gone back to the group already, as a message with a row of its own, or was given up.
	if !loan.session.finish(loan) {
		q.finish(d)
		d.forget()
		return
	}
	if !errors.Is(err, mqtt.ErrUncertain) {
		q.putBack(d, false) // until somebody asks: the disk has other worries now
		return
	}
	// The row may be gone, and the one at the member is about to be taken away: it needs a new one.
	q.finish(d)
	b.order.Lock()
	b.requeue(loan.share, d.row.Message, d)
	b.order.Unlock()
}

// finish ends a delivery without a word to the store; false: it had ended before.
func (s *session) finish(d *delivery) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.finished {
		return false
	}
	s.finishLocked(d)
	return true
}

// takeBackLocked takes deliveries of groups that another member may get out of the session.
func (s *session) takeBackLocked(fits func(*delivery) bool) (back []*delivery) {
	if s.group != nil {
		return nil // a queue has no loans
	}
	for l := range s.lanesLocked() {
		for _, d := range l.window {
			if d.mayGoBack() && fits(d) {
				back = append(back, d)
			}
		}
	}
	for _, d := range back {
		s.finishLocked(d)
	}
	return back
}

// mayGoBack: a member that ends takes along what it is in the process of receiving at QoS 2: that goes to nobody else
// [MQTT-4.8.2-5]. What was sent at QoS 1 without an answer goes to another member.
func (d *delivery) mayGoBack() bool {
	return d.lender != nil || d.share != "" && d.row.QoS == mqtt.ExactlyOnce && d.state == mqtt.DeliveryNew && !d.out
}

// returned gives back what a member leaves that goes, and has others take it.
func (b *Broker) returned(s *session, back []*delivery) (messages, bytes int64) {
	if len(back) == 0 {
		return 0, 0
	}
	b.order.Lock()
	defer b.order.Unlock()
	messages, bytes = b.giveBack(back)
	for _, g := range s.memberOf() {
		b.dispatchLocked(g)
	}
	return messages, bytes
}

// memberOf are the groups of a session.
func (s *session) memberOf() []*group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groups
}

// giveBack returns deliveries that were taken back to their groups, and counts those whose group is no more. The order is
// held.
func (b *Broker) giveBack(back []*delivery) (messages, bytes int64) {
	for _, d := range back {
		if d.lender != nil && d.lender.session.putBack(d.lender, d.out) {
			continue
		}
		if b.requeue(d.share, d.row.Message, d) {
			continue
		}
		messages++
		bytes += int64(d.row.Size)
	}
	return messages, bytes
}

// requeue gives a message a new place in the queue of a group; false: there is none. The row that it had goes in the same
// unit: after a crash it is in one of the two. Limits were asked when the message was taken over; a queue that it makes too
// long is shortened like any other. The order is held. from is nil for a message without a row.
func (b *Broker) requeue(share string, m *mqtt.Message, from *delivery) bool {
	g := b.topics.group(share)
	if g == nil {
		return false
	}
	t, found := g.target(m.QoS)
	if !found {
		return false
	}
	unit := &mqtt.Unit{Class: mqtt.Now, MessageID: b.nextMessageID}
	b.nextMessageID++
	d, l, gone := t.session.enqueue(&t, m, unit.MessageID)
	if gone {
		return false
	}
	if l != nil {
		l.wake()
	}
	if d != nil && t.session.durable {
		unit.Message, unit.Deliveries = m, []*mqtt.Queued{d.row}
	}
	if from != nil && from.lender == nil && from.session.durable {
		unit.Finished = []*mqtt.Queued{from.row}
	}
	if unit.Deliveries == nil && unit.Finished == nil {
		d.requeued(nil)
		return true
	}
	b.store.Commit(unit, d.requeued)
	return true
}

// requeued is told how the unit ended that gave a message a new place. Nobody else is told when it failed: then it is in
// memory only, and lost when there is no place for it.
func (d *delivery) requeued(err error) {
	if d == nil {
		return
	}
	s := d.session
	s.mu.Lock()
	onlyOnDisk := err != nil && s.spilledLocked() && !d.out
	if onlyOnDisk {
		s.lostLocked(mqtt.DiskFull, d.row.Message)
	}
	s.mu.Unlock()
	if !onlyOnDisk {
		err = nil
	}
	d.settled(err)
}
