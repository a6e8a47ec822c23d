package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// publication is one message on its way in.
type publication struct {
	message *mqtt.Message
	// publisher is nil for what the broker says itself.
	publisher *session
	class     mqtt.Class
	// packetID is that of a QoS 2 message of publisher; 0 for none.
	packetID uint16
	// unit, when set, has changes that must be stored together with the message.
	unit *mqtt.Unit
	// volatile messages are never stored: $SYS.
	volatile bool
	// copyOnly is for what is retained already.
	copyOnly bool
	settle   mqtt.Settle
}

// publish gives a message its place in the order. Messages that nobody has to keep do not wait for one another.
func (b *Broker) publish(ctx context.Context, p publication) error {
	if p.packetID != 0 && p.publisher.repeated(p.packetID, p.settle) {
		return nil
	}
	m := p.message
	if p.publisher != nil {
		b.in.add(m.QoS, m)
	}
	r := newRoute()
	defer r.release()
	b.topics.match(r, m.Topic, m.QoS, p.publisher)
	if m.IsRetainedReading() {
		b.retainReading(m) // whatever becomes of its copies for sessions
	}
	if p.volatile || !p.mustStore(r) {
		b.deliver(r, m)
		if p.storesRetained() {
			b.retained.put(m)
		}
		p.finish(nil)
		return nil
	}
	return b.keep(ctx, p, r)
}

// keep stores a message, or says why it cannot. It takes a copy, since what the store holds on to lives on the heap: what
// nobody has to keep costs no allocation.
func (b *Broker) keep(ctx context.Context, p publication, r *route) error {
	m := p.message
	if err := b.admit(ctx, &p, r); err != nil {
		if p.packetID == 0 && p.class == mqtt.Soon {
			// Our own readings reach those who are there, whatever the disk does.
			b.deliver(r.onlyVolatile(m), m)
		}
		p.publisher.settleOrigin(p.packetID, err)
		return err
	}
	if err := b.place(&p, r); err != nil {
		p.publisher.settleOrigin(p.packetID, err)
		return err
	}
	return nil
}

// mustStore reports whether anything of the publication has to survive.
func (p *publication) mustStore(r *route) bool {
	if p.unit != nil || p.storesRetained() || p.packetID != 0 && p.publisher.durable {
		return true
	}
	return r.stores(p.message)
}

// stores reports whether one of the targets needs a row.
func (r *route) stores(m *mqtt.Message) bool {
	for i := range r.targets {
		if r.targets[i].stores(m) {
			return true
		}
	}
	return false
}

// storesRetained reports whether a retained copy, or its removal, goes with the message: into its commit, if it has one.
func (p *publication) storesRetained() bool {
	return p.message.Retain && !p.copyOnly && !p.message.IsRetainedReading()
}

// onlyRemoves reports whether a publication takes a retained message away and nobody is owed the news.
func (p *publication) onlyRemoves(r *route) bool {
	return p.message.Retain && len(p.message.Payload) == 0 && !r.stores(p.message)
}

// stores reports whether the target needs a row.
func (t *target) stores(m *mqtt.Message) bool {
	return t.session.durable && (min(t.qos, m.QoS) > mqtt.AtMostOnce || t.session.queueQoS0.Load())
}

// onlyVolatile leaves the targets that need no row, and counts what the others lose.
func (r *route) onlyVolatile(m *mqtt.Message) *route {
	kept := r.targets[:0]
	for _, t := range r.targets {
		if !t.stores(m) {
			kept = append(kept, t)
		} else {
			t.session.lost(mqtt.DiskFull, m)
		}
	}
	r.targets = kept
	return r
}

// admit checks limits and waits for the disk: the only thing that may make a publisher wait.
func (b *Broker) admit(ctx context.Context, p *publication, r *route) error {
	if p.storesRetained() && len(p.message.Payload) > 0 {
		if limit, full := b.retained.room(p.message, &b.limits); full {
			b.refused(limit, p.message.Topic)
			return fmt.Errorf("keep a retained message: %w", mqtt.QuotaExceeded)
		}
	}
	size := p.message.Size() + 64*len(r.targets)
	if p.onlyRemoves(r) {
		size = 0
	}
	// Most need not wait: a time-out is made for those who have to.
	err := b.store.Admit(alreadyOver, size)
	if errors.Is(err, context.Canceled) {
		waiting, cancel := context.WithTimeout(ctx, b.limits.AdmitTimeout)
		defer cancel()
		err = b.store.Admit(waiting, size)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("wait for the disk: %w: %w", mqtt.QuotaExceeded, err)
	}
	return fmt.Errorf("wait for the disk: %w", err)
}

// deliver gives a message to those who need no row for it.
func (b *Broker) deliver(r *route, m *mqtt.Message) {
	for i := range r.targets {
		t := &r.targets[i]
		d, l, gone := t.session.enqueue(t, m, 0)
		if d != nil {
			d.settled(nil)
		}
		if l != nil {
			l.wake()
		}
		if gone && t.share != "" {
			b.order.Lock()
			b.requeue(t.share, m, nil)
			b.order.Unlock()
		}
	}
	b.dispatchTo(r)
}

// alreadyOver has a store answer without waiting.
var alreadyOver = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// dispatchTo has the groups among the targets give what they have just got to members.
func (b *Broker) dispatchTo(r *route) {
	for i := range r.targets {
		if g := r.targets[i].session.group; g != nil {
			b.dispatch(g)
		}
	}
}

// place assigns positions and hands the unit to the store, in one step for all sessions: so the order on disk is that of
// the positions in every session, and who reads a backlog never skips what is not committed yet.
// Nothing has happened after an error: a queue is full.
func (b *Broker) place(p *publication, r *route) error {
	m := p.message
	place := &placement{broker: b, publication: *p, keep: p.storesRetained()}
	place.deliveries = place.one[:0]
	links := make([]*link, 0, 4)
	b.order.Lock()
	if p.copyOnly && b.retained.get(m.Topic) != m {
		b.order.Unlock() // a newer one has its place already
		return nil
	}
	if err := b.refuse(r, m); err != nil {
		b.order.Unlock()
		return err
	}
	place.id = b.nextMessageID
	b.nextMessageID++
	if place.keep {
		b.retained.begin(m)
	}
	if now := time.Now(); place.mayWait(r, now) {
		place.since = now
		place.unwritten.Store(1)
	}
	for i := range r.targets {
		t := &r.targets[i]
		if !place.since.IsZero() && t.stores(m) {
			t.placement = place
			place.unwritten.Add(1)
		}
		d, l := b.enqueue(t, m, place.id)
		if d != nil {
			place.deliveries = append(place.deliveries, d)
		}
		if l != nil {
			links = append(links, l)
		}
	}
	if place.since.IsZero() {
		b.store.Commit(place.unit(), place.settled)
	} else {
		b.store.hold(place)
	}
	b.order.Unlock()
	// QoS 0 and 1 may leave before the commit; what is acknowledged by then is never written.
	for _, l := range links {
		l.wake()
	}
	b.dispatchTo(r)
	if !place.since.IsZero() {
		place.elided()
	}
	return nil
}

// finish tells the publisher.
func (p *publication) finish(err error) {
	if p.packetID != 0 {
		p.publisher.settleOrigin(p.packetID, err)
	}
	if p.settle != nil {
		p.settle(err)
	}
}

// enqueue puts a message into the session of a target. A queue of a group that ended since it was found, or a member of one,
// is replaced.
func (b *Broker) enqueue(t *target, m *mqtt.Message, messageID uint64) (*delivery, *link) {
	d, l, gone := t.session.enqueue(t, m, messageID)
	if !gone || t.share == "" {
		return d, l
	}
	g := b.topics.group(t.share)
	if g == nil {
		return nil, nil
	}
	// The order is held: queues do not end now. A member may; then this one was as late as it.
	if other, found := g.target(m.QoS); found {
		*t = other
		d, l, _ = t.session.enqueue(t, m, messageID)
	}
	return d, l
}

// enqueue puts a message into a session: d is what has to be told of the commit, l is whom to wake. gone: the session has
// ended, and nothing happened.
func (s *session) enqueue(t *target, m *mqtt.Message, messageID uint64) (d *delivery, l *link, gone bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone:
		return nil, nil, true
	case !t.stores(m) && s.link == nil && s.group == nil:
		s.lostLocked(mqtt.AbsentQoS0, m)
		return nil, nil, false
	case min(t.qos, m.QoS) == mqtt.AtMostOnce && !t.stores(m):
		s.link.zero.push(parcel{message: m, retain: m.Retain && t.asPublished, identifiers: t.identifiers}, func(old *mqtt.Message) {
			s.lostLocked(mqtt.SlowQoS0, old)
		})
		return nil, s.link, false
	}
	d = newDelivery(s, m, t)
	d.row.MessageID = messageID
	s.laneForLocked(m.Topic, t.old).push(d, s.keepLocked())
	s.countLocked(d, 1)
	if s.link != nil && s.durable && d.row.QoS == mqtt.AtLeastOnce {
		s.promptness.begin(d)
	}
	s.boundLocked()
	return d, s.link, false
}
