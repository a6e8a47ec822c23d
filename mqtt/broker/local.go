package broker

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// SessionOptions say how a session of this process works.
type SessionOptions struct {
	// Class of its publishes: Soon for readings that nobody acknowledges to anybody, Now for what somebody waits for.
	Class mqtt.Class
	// Transient sessions are not stored: for those who only publish, such as drivers.
	Transient bool
	// QueueQoS0 keeps messages at QoS 0 in the queue too, like those at QoS 1; they are over when they are handed out.
	QueueQoS0 bool
	// QueueMessages and QueueBytes replace the limits of the broker when they are not 0.
	QueueMessages, QueueBytes int64
	// QueueAge bounds how long a message waits, beside the limit of the broker; 0 is no bound of its own.
	QueueAge time.Duration
	// Shed is what goes first when the queue is full.
	Shed Shedding
	// Parking bounds what is kept of what the receiver refused for good; nothing by default.
	Parking Parking
	// Lanes are rules that Options.LaneRules understands, by which topics go to the priority lane; empty for none. When they
	// change, what is queued stays where it is, and no topic overtakes itself; see placing.
	Lanes string
	// LiveShare is how many of a hundred messages are live ones while both wait; 0 for one stream. With a share what is queued
	// while somebody receives goes to the priority lane, and the rest to the normal lane; each keeps its order, not both
	// together. What is urgent by Lanes is in the priority lane anyway.
	LiveShare int
}

// Session opens a session of this process. It exists from now on and never expires; after a restart it is found again
// with its queue and its subscriptions. The name may start with $, which no network client may. Opening one that exists
// gives the same session with new options; limits and QueueQoS0 should stay what they were.
func (b *Broker) Session(ctx context.Context, id string, options SessionOptions) (mqtt.Session, error) {
	if isGroupQueue(id) {
		return nil, fmt.Errorf("open session %q: queues of shared subscriptions are named like this", id)
	}
	defer b.turns.take(id)()
	s := b.lookup(id)
	if s != nil && s.hasClient() {
		return nil, fmt.Errorf("open session %q: a client is connected with this identifier", id)
	}
	if s == nil || s.durable == options.Transient {
		var err error
		if s, err = b.openLocal(ctx, id, options); err != nil {
			return nil, fmt.Errorf("open session %q: %w", id, err)
		}
	}
	if err := b.setLanes(ctx, s, options.Lanes); err != nil {
		return nil, fmt.Errorf("set the lanes of session %q: %w", id, err)
	}
	if err := b.setLive(ctx, s, options.LiveShare); err != nil {
		return nil, fmt.Errorf("set the streams of session %q: %w", id, err)
	}
	s.mu.Lock()
	if options.Parking.Messages > 0 && s.durable {
		s.parkLocked(options.Parking)
	}
	s.internal, s.options, s.passes = true, options, b.passes(options.Shed)
	s.expiry, s.endsAt, s.willAt = mqtt.NeverExpires, time.Time{}, time.Time{}
	s.mu.Unlock()
	s.queueQoS0.Store(options.QueueQoS0)
	return &local{session: s, broker: b, class: options.Class}, nil
}

func (s *session) hasClient() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn != nil
}

func (b *Broker) openLocal(ctx context.Context, id string, options SessionOptions) (*session, error) {
	if old := b.lookup(id); old != nil {
		b.end(ctx, old)
	}
	s := b.newSession(id, !options.Transient)
	s.expiry, s.fresh, s.stored = mqtt.NeverExpires, true, s.durable
	b.order.Lock()
	s.lane.next = b.nextMessageID
	b.order.Unlock()
	if s.durable && options.Lanes != "" {
		s.two = newTwo(s.lane.next)
		s.two.placing.setRules(b.parseRules(options.Lanes))
		s.two.placing.wanted = options.Lanes
	}
	if s.durable {
		unit := &mqtt.Unit{Class: mqtt.Now, Session: s.stateLocked(), SessionReset: true}
		if err := b.commitAndWait(ctx, unit); err != nil {
			return nil, err
		}
	}
	b.mu.Lock()
	b.sessions[id] = s
	b.mu.Unlock()
	return s, nil
}

// RemoveSession ends a session with everything that it has queued, and returns when that is on disk. A connected client
// is disconnected. One that does not exist is no error.
func (b *Broker) RemoveSession(ctx context.Context, id string) error {
	defer b.turns.take(id)()
	b.disconnect(id, mqtt.AdministrativeAction)
	s := b.lookup(id)
	switch {
	case s == nil:
		return nil
	case s.group != nil:
		return fmt.Errorf("remove %q: the queue of a shared subscription goes with its last member", id)
	}
	_, lost := b.forgetSession(s)
	b.unlist(s)
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	if l != nil {
		s.detach(l)
	}
	if !s.isStored() {
		return nil
	}
	if err := b.commitAndWait(ctx, &mqtt.Unit{Class: mqtt.Now, SessionRemove: id, GivenUp: lost}); err != nil {
		return fmt.Errorf("remove session %q: %w", id, err)
	}
	return nil
}

// Disconnect ends the connection of a client, if it has one, and returns when it is closed. Its session stays.
func (b *Broker) Disconnect(id string) {
	defer b.turns.take(id)()
	b.disconnect(id, mqtt.AdministrativeAction)
}

// disconnect is for who has the turn of the identifier.
func (b *Broker) disconnect(id string, code mqtt.ReasonCode) {
	s := b.lookup(id)
	if s == nil {
		return
	}
	s.mu.Lock()
	c := s.conn
	s.mu.Unlock()
	if c != nil {
		c.stop(code)
		<-c.done
	}
}

// local is a session of this process.
type local struct {
	*session
	broker *Broker
	class  mqtt.Class
}

var _ mqtt.Session = (*local)(nil)

// Publish places a message in the order; see mqtt.Publisher. Its origin belongs to this session, whatever its name.
func (l *local) Publish(ctx context.Context, m *mqtt.Message, from mqtt.Origin, settle mqtt.Settle) error {
	if err := mqtt.ValidateTopic(m.Topic); err != nil {
		return err
	}
	if !m.QoS.Valid() {
		return fmt.Errorf("publish to %q: QoS %d: %w", m.Topic, m.QoS, mqtt.QoSNotSupported)
	}
	if settle == nil {
		settle = func(error) {}
	}
	l.received.Add(1)
	class := l.class
	if from.PacketID != 0 {
		class = mqtt.Now // a step of QoS 2
	}
	return l.broker.publish(ctx, publication{
		message: m, publisher: l.session, class: class, packetID: from.PacketID, settle: settle,
	})
}

// Release ends a QoS 2 origin; one that is not known is released already.
func (l *local) Release(from mqtt.Origin, done mqtt.Settle) {
	if !l.release(from.PacketID, done) {
		done(nil)
	}
}

// Subscribe returns when the subscriptions are on disk.
func (l *local) Subscribe(ctx context.Context, subscriptions ...mqtt.Subscription) error {
	for _, sub := range subscriptions {
		if err := mqtt.ValidateFilter(sub.Filter); err != nil {
			return err
		}
	}
	if len(subscriptions) == 0 {
		return nil
	}
	done := make(chan error, 1)
	l.broker.subscribe(ctx, l.session, subscriptions, func(err error) { done <- err })
	return wait(ctx, done, "subscribe")
}

// Unsubscribe returns when that is on disk.
func (l *local) Unsubscribe(ctx context.Context, filters ...string) error {
	if len(filters) == 0 {
		return nil
	}
	done := make(chan error, 1)
	l.broker.unsubscribe(l.session, filters, func(_ []bool, err error) { done <- err })
	return wait(ctx, done, "unsubscribe")
}

func wait(ctx context.Context, done <-chan error, what string) error {
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
}

// Subscriptions are those in force, sorted by filter.
func (l *local) Subscriptions() []mqtt.Subscription { return l.filters() }

// Attach begins to receive from the oldest unsettled delivery.
func (l *local) Attach() mqtt.Link {
	woken := make(chan struct{}, 1)
	return &localLink{woken: woken, link: l.attach(mqtt.LaneSize, func() {
		select {
		case woken <- struct{}{}:
		default:
		}
	})}
}

// Queue counts what is unsettled.
func (l *local) Queue() mqtt.Queue { return l.queue() }

// Fresh reports whether the session was never marked used.
func (l *local) Fresh() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fresh
}

// Peer is the other side of a session that was marked used. It has the place where the listener of a network client is.
func (l *local) Peer() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.client.Listener
}

// MarkUsed returns when it is on disk.
func (l *local) MarkUsed(ctx context.Context, peer string) error {
	l.mu.Lock()
	changed := l.fresh || l.client.Listener != peer
	before, wasFresh := l.client.Listener, l.fresh
	l.fresh, l.client.Listener = false, peer
	unit := &mqtt.Unit{Class: mqtt.Now, Session: l.stateLocked()}
	l.mu.Unlock()
	if !changed || !l.durable {
		return nil
	}
	if err := l.broker.commitAndWait(ctx, unit); err != nil {
		l.mu.Lock()
		l.fresh, l.client.Listener = wasFresh, before
		l.mu.Unlock()
		return fmt.Errorf("mark the session used: %w", err)
	}
	return nil
}

// ForgetInbound removes all QoS 2 origins.
func (l *local) ForgetInbound(ctx context.Context) error {
	l.mu.Lock()
	clear(l.inbound)
	l.mu.Unlock()
	if !l.durable {
		return nil
	}
	if err := l.broker.commitAndWait(ctx, &mqtt.Unit{Class: mqtt.Now, InboundClear: l.id}); err != nil {
		return fmt.Errorf("forget inbound identifiers: %w", err)
	}
	return nil
}

// localLink is a link whose receiver waits. woken has a token when there may be something to take.
type localLink struct {
	*link
	woken chan struct{}
}

// Receive waits for the next delivery that was not handed out on this link.
func (l *localLink) Receive(ctx context.Context) (mqtt.Delivery, error) {
	s := l.session
	for {
		if d, ended := l.poll(ctx); ended {
			l.wake() // whoever else waits
			return nil, mqtt.ErrDetached
		} else if d != nil {
			s.sent.Add(1)
			s.broker.out.add(d.QoS(), d.Message())
			return d, nil
		}
		select {
		case <-l.woken:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// poll takes what is there, reading from disk where needed.
func (l *link) poll(ctx context.Context) (d *delivery, ended bool) {
	s := l.session
	for {
		s.feed(l)
		if d := l.takeZero(); d != nil {
			return d, false
		}
		d, read, ended := s.next(l)
		if read && !ended {
			if s.fetch(ctx) {
				continue
			}
			d, ended = s.nextInMemory(l)
		}
		if d != nil && d.row.QoS == mqtt.AtMostOnce {
			d.handedOut()
		}
		return d, ended
	}
}

func (l *link) takeZero() *delivery {
	s := l.session
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		p, ok := l.zero.pop()
		switch {
		case !ok:
			return nil
		case expiredBy(p.message, s.broker.now):
			s.lostLocked(mqtt.Expired, p.message)
		default:
			return &delivery{
				session: s, finished: true, committed: true,
				row: &mqtt.Queued{Message: p.message, Retain: p.retain, Subscriptions: p.identifiers},
			}
		}
	}
}

// handedOut ends a delivery at QoS 0: there is no acknowledgement to wait for.
func (d *delivery) handedOut() {
	s := d.session
	s.mu.Lock()
	if !d.finished {
		s.finishLocked(d)
		s.laneOfLocked(d).done.Add(d.row.Size)
	}
	s.mu.Unlock()
	d.forget()
}

// Detach ends the link.
func (l *link) Detach() { l.session.detach(l) }
