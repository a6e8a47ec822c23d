package broker

import (
	"context"
	"errors"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// publishWill sends the will of an absent client, and forgets it in the same commit.
func (b *Broker) publishWill(ctx context.Context, s *session) {
	s.mu.Lock()
	will := s.will
	s.will = nil
	unit := &mqtt.Unit{Class: mqtt.Now}
	if s.stored {
		unit.Session = s.stateLocked()
	}
	s.mu.Unlock()
	if will != nil {
		b.sendWill(ctx, s, will, unit)
	}
}

// sendWill publishes a will together with a change of its session. What the client may publish is asked again: rights
// may have changed since it connected.
func (b *Broker) sendWill(ctx context.Context, s *session, will *mqtt.Will, unit *mqtt.Unit) {
	s.mu.Lock()
	client := s.client
	s.mu.Unlock()
	m := will.Message
	if !m.Expires.IsZero() {
		// The interval counts from publication (MQTT 5, 3.1.3.2.4); until then Expires has it from the zero time.
		m.Expires = b.now().Add(m.Expires.Sub(willEpoch))
	}
	if m.Topic[0] == '$' || !b.access.MayPublish(client, m.Topic) {
		b.commitSoon(unit)
		return
	}
	b.placeWill(ctx, s, &m, unit)
}

// placeWill publishes a will, now or when there is room.
func (b *Broker) placeWill(ctx context.Context, s *session, m *mqtt.Message, unit *mqtt.Unit) {
	settle := func(err error) {
		if isForNow(err) {
			b.oweWill(s, m)
		}
	}
	err := b.publish(ctx, publication{message: m, publisher: s, class: mqtt.Now, unit: unit, settle: settle})
	if err == nil || isForNow(err) && b.oweWill(s, m) {
		return
	}
	b.logger.Warn("will cannot be published", "client", s.id, "error", err)
	b.commitSoon(unit)
}

// willEpoch is from where the expiry of a will counts as long as it is not published.
var willEpoch = time.Unix(0, 0).UTC()

// disconnected is the end of a network connection: what becomes of its session and its will (MQTT 5, 3.1.2.5, 4.1).
func (b *Broker) disconnected(ctx context.Context, c *conn) {
	s := c.session
	s.detach(c.link)
	now := b.now()
	// The next connection of this client waits for this one until all of it is in the order.
	defer s.clearConn()
	s.mu.Lock()
	if errors.Is(c.reason(), mqtt.ServerShuttingDown) && s.stored {
		// Its will is on disk and goes out after the next start, unless the client is back.
		s.disconnected = now
		state := s.stateLocked()
		s.mu.Unlock()
		b.commitSoon(&mqtt.Unit{Class: mqtt.Soon, Session: state})
		return
	}
	if c.orderly {
		s.will = nil // [MQTT-3.1.2-8] [MQTT-3.14.4-3]
	}
	if s.expiry == 0 {
		s.mu.Unlock()
		b.end(ctx, s)
		return
	}
	s.disconnected = now
	if s.expiry != mqtt.NeverExpires {
		s.endsAt = now.Add(time.Duration(s.expiry) * time.Second)
	}
	atOnce := s.will != nil && s.will.Delay == 0
	if s.will != nil && !atOnce {
		s.willAt = now.Add(time.Duration(min(s.will.Delay, s.expiry)) * time.Second)
	}
	s.setAlarmLocked()
	state := s.stateLocked()
	s.mu.Unlock()
	if atOnce {
		b.publishWill(ctx, s)
		return
	}
	b.commitSoon(&mqtt.Unit{Class: mqtt.Soon, Session: state})
}

// clearConn: the session has no connection any more.
func (s *session) clearConn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = nil
}

// commitSoon is for changes that nobody waits for.
func (b *Broker) commitSoon(unit *mqtt.Unit) {
	b.order.Lock()
	b.store.Commit(unit, nil)
	b.order.Unlock()
}
