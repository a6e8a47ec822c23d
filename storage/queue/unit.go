package queue

import (
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

var errNoSession = errors.New("there is no such session")

// apply makes the change of one unit, or gathers it. removed are sessions whose rows still have to be purged.
func (b *batch) apply(conn *storage.Conn, u *mqtt.Unit) (removed []int64, err error) {
	if removed, err = b.applySessions(conn, u); err != nil {
		return nil, err
	}
	if u.SubscriptionsOf != "" {
		if err := b.applySubscriptions(conn, u); err != nil {
			return nil, err
		}
	}
	if err := b.applyInbound(conn, u); err != nil {
		return nil, err
	}
	if err := b.gatherDeliveries(conn, u); err != nil {
		return nil, err
	}
	if err := b.park(conn, u); err != nil {
		return nil, err
	}
	if err := b.gatherProgress(conn, u); err != nil {
		return nil, err
	}
	for _, m := range u.Retained {
		if err := putRetained(conn, m); err != nil {
			return nil, err
		}
	}
	if err := applyMarks(conn, u); err != nil {
		return nil, err
	}
	return removed, audit(conn, u.GivenUp)
}

// applySessions has to see all rows of the session, also those that were only gathered.
func (b *batch) applySessions(conn *storage.Conn, u *mqtt.Unit) (removed []int64, err error) {
	for _, group := range u.Groups {
		if err := b.putSession(conn, group); err != nil {
			return nil, err
		}
	}
	if u.Session == nil && u.SessionRemove == "" {
		return nil, nil
	}
	gone := []string{u.SessionRemove}
	if u.Session != nil && u.SessionReset {
		gone = append(gone, u.Session.ID)
	}
	for _, client := range gone {
		id, rest, err := b.removeSession(conn, client)
		if err != nil {
			return nil, err
		}
		if rest {
			removed = append(removed, id)
		}
	}
	if u.Session == nil {
		return removed, nil
	}
	return removed, b.putSession(conn, u.Session)
}

// gatherDeliveries claims the rows: what was acknowledged before needs none, and a body without rows neither.
func (b *batch) gatherDeliveries(conn *storage.Conn, u *mqtt.Unit) error {
	body := u.Message
	var refs int64
	for _, q := range u.Deliveries {
		id, found, err := b.session(conn, q.Session)
		if err != nil {
			return err
		}
		// The session ended while the message was on its way.
		if !found || !q.ClaimWrite() {
			continue
		}
		if q.MessageID != u.MessageID {
			return fmt.Errorf("delivery of message %d in the unit of message %d", q.MessageID, u.MessageID)
		}
		if body == nil {
			body = q.Message
		}
		refs++
		b.deliveries = append(b.deliveries, deliveryRow{id, q})
	}
	if refs == 0 {
		return nil
	}
	if body == nil {
		return fmt.Errorf("message %d has deliveries and no body", u.MessageID)
	}
	b.messages = append(b.messages, messageRow{u.MessageID, refs, body})
	return nil
}

// gatherProgress gathers what PUBREC came for, and what is over. A row that does not exist is no error.
func (b *batch) gatherProgress(conn *storage.Conn, u *mqtt.Unit) (err error) {
	if b.received, err = b.positions(conn, b.received, u.Received); err != nil {
		return err
	}
	b.finished, err = b.positions(conn, b.finished, u.Finished)
	return err
}

// positions adds the places of deliveries, of sessions that exist.
func (b *batch) positions(conn *storage.Conn, to []position, of []*mqtt.Queued) ([]position, error) {
	for _, q := range of {
		id, found, err := b.session(conn, q.Session)
		if err != nil {
			return to, err
		}
		if found {
			to = append(to, position{session: id, lane: q.Lane, position: q.Position, message: q.MessageID})
		}
	}
	return to, nil
}

// applyInbound changes the identifiers of QoS 2 messages that were taken over. Those of a session that is not stored
// need no memory: it ends with its connection.
func (b *batch) applyInbound(conn *storage.Conn, u *mqtt.Unit) error {
	if u.InboundClear != "" {
		id, found, err := b.session(conn, u.InboundClear)
		if err != nil {
			return err
		}
		if found {
			if err := conn.Do("DELETE FROM inbound WHERE session = ?", id); err != nil {
				return err
			}
		}
	}
	err := b.inbound(conn, u.InboundAdd, "INSERT OR IGNORE INTO inbound (session, packet) VALUES (?, ?)")
	if err != nil {
		return err
	}
	return b.inbound(conn, u.InboundRemove, "DELETE FROM inbound WHERE session = ? AND packet = ?")
}

func (b *batch) inbound(conn *storage.Conn, origin mqtt.Origin, query string) error {
	if origin.IsZero() {
		return nil
	}
	id, found, err := b.session(conn, origin.Session)
	if err != nil || !found {
		return err
	}
	return conn.Do(query, id, int64(origin.PacketID))
}
