package queue

import (
	"database/sql/driver"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// batch gathers the rows of a group, so that they are written and removed together, and remembers what it has read of
// the database. It belongs to the writer's goroutine.
type batch struct {
	// sessions are the row numbers of sessions by client; only of those that exist.
	sessions map[string]int64
	lanes    map[laneKey]*lane

	messages   []messageRow
	deliveries []deliveryRow
	received   []position
	finished   []position
	// released are the bodies that lost a delivery, once for each.
	released []uint64
}

type messageRow struct {
	id   uint64
	refs int64
	body *mqtt.Message
}

type deliveryRow struct {
	session int64
	*mqtt.Queued
}

func newBatch() *batch {
	b := &batch{}
	b.forget()
	return b
}

// forget drops everything: the transaction was rolled back.
func (b *batch) forget() {
	b.sessions = map[string]int64{}
	b.lanes = map[laneKey]*lane{}
	b.clear()
}

func (b *batch) clear() {
	clear(b.messages)
	clear(b.deliveries)
	b.messages, b.deliveries = b.messages[:0], b.deliveries[:0]
	b.received, b.finished, b.released = b.received[:0], b.finished[:0], b.released[:0]
}

// flush writes what was gathered. Rows are inserted before any is removed: a delivery cannot be finished before it is
// written.
func (b *batch) flush(conn *storage.Conn) error {
	if err := insertMessages.rows(conn, len(b.messages), b.messageValues); err != nil {
		return err
	}
	if err := insertDeliveries.rows(conn, len(b.deliveries), b.deliveryValues); err != nil {
		return err
	}
	if err := b.countDeliveries(conn); err != nil {
		return err
	}
	if err := b.recordReceived(conn); err != nil {
		return err
	}
	if err := b.removeFinished(conn); err != nil {
		return err
	}
	if err := b.releaseBodies(conn); err != nil {
		return err
	}
	if err := b.writeLanes(conn); err != nil {
		return err
	}
	b.clear()
	return nil
}

// session gives the row number of a client's session.
func (b *batch) session(conn *storage.Conn, client string) (id int64, found bool, err error) {
	if id, found = b.sessions[client]; found {
		return id, true, nil
	}
	id, found, err = conn.Int("SELECT id FROM session WHERE client = ?", client)
	if found {
		b.sessions[client] = id
	}
	return id, found, err
}

func (b *batch) messageValues(i int, values []driver.Value) []driver.Value {
	row := b.messages[i]
	m := encodeBody(row.body)
	return append(values, int64(row.id), row.refs, m.topic, m.payload, m.properties, m.qos, m.flags, m.expires, m.crc())
}

func (b *batch) deliveryValues(i int, values []driver.Value) []driver.Value {
	row := b.deliveries[i]
	var flags int64
	if row.Retain {
		flags = flagRetain
	}
	return append(values, row.session, int64(row.Lane), int64(row.Position), int64(row.MessageID), int64(row.QoS), flags,
		encodeIdentifiers(row.Subscriptions), storedState(row.State), int64(row.Size), row.expires())
}

// expires is NULL for the many that do not expire: they are not in the index.
func (r *deliveryRow) expires() driver.Value {
	if r.Message == nil || r.Message.Expires.IsZero() {
		return nil
	}
	return toMillis(r.Message.Expires)
}

func (b *batch) countDeliveries(conn *storage.Conn) error {
	for _, row := range b.deliveries {
		l, err := b.lane(conn, laneKey{row.session, row.Lane})
		if err != nil {
			return err
		}
		l.added(row.Position, row.Size)
	}
	return nil
}

// storedState: only PUBREC is kept; whether something was sent is known by nobody after a crash.
func storedState(state mqtt.DeliveryState) int64 {
	if state == mqtt.DeliveryReceived {
		return int64(mqtt.DeliveryReceived)
	}
	return int64(mqtt.DeliveryNew)
}
