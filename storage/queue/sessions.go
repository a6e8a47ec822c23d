package queue

import (
	"fmt"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

func (b *batch) putSession(conn *storage.Conn, s *mqtt.SessionState) error {
	err := conn.Do("INSERT INTO session (client, expiry, disconnected, fresh, username, listener, placing) VALUES (?, ?, ?, ?, ?, ?, ?) "+
		"ON CONFLICT (client) DO UPDATE SET expiry = excluded.expiry, disconnected = excluded.disconnected, "+
		"fresh = excluded.fresh, username = excluded.username, listener = excluded.listener, placing = excluded.placing",
		s.ID, int64(s.Expiry), toMillis(s.Disconnected), s.Fresh, s.Username, s.Listener, s.Placing)
	if err != nil {
		return err
	}
	id, found, err := b.session(conn, s.ID)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("session %q: %w", s.ID, errNoSession)
	}
	if s.Will == nil {
		return conn.Do("DELETE FROM will WHERE session = ?", id)
	}
	m := encodeBody(&s.Will.Message)
	return conn.Do("INSERT OR REPLACE INTO will (session, delay, "+bodyColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		id, int64(s.Will.Delay), m.topic, m.payload, m.properties, m.qos, m.flags, m.expires, m.crc())
}

// purgeStep is how many deliveries of a removed session go at a time.
const purgeStep = 1000

// removeSession takes the name from a session, removes its small rows and the first deliveries. rest: there are more.
func (b *batch) removeSession(conn *storage.Conn, client string) (id int64, rest bool, err error) {
	if client == "" {
		return 0, false, nil
	}
	id, found, err := b.session(conn, client)
	if err != nil || !found {
		return 0, false, err
	}
	// What was gathered for the session must be there to be removed.
	if err := b.flush(conn); err != nil {
		return 0, false, err
	}
	delete(b.sessions, client)
	if err := b.dropLanes(conn, id); err != nil {
		return 0, false, err
	}
	for _, query := range []string{
		"DELETE FROM subscription WHERE session = ?",
		"DELETE FROM inbound WHERE session = ?",
		"DELETE FROM will WHERE session = ?",
		"UPDATE session SET client = NULL WHERE id = ?",
	} {
		if err := conn.Do(query, id); err != nil {
			return 0, false, err
		}
	}
	rest, err = b.purgeSome(conn, id)
	return id, rest, err
}

// purgeSome removes deliveries of a session without a name, and with the last of them the session.
func (b *batch) purgeSome(conn *storage.Conn, id int64) (rest bool, err error) {
	found := 0
	err = conn.Query(func(row storage.Row) error {
		found++
		b.finished = append(b.finished, position{
			session: id, lane: mqtt.Lane(row.Int(0)), position: uint64(row.Int(1)), message: uint64(row.Int(2)), orphan: true,
		})
		return nil
	}, "SELECT lane, position, message FROM delivery WHERE session = ? ORDER BY lane, position LIMIT ?", id, int64(purgeStep))
	if err != nil {
		return false, err
	}
	if err := b.flush(conn); err != nil {
		return false, err
	}
	if found == purgeStep {
		return true, nil
	}
	return false, conn.Do("DELETE FROM session WHERE id = ?", id)
}

// purge goes on with a removed session, one step per member, so that others get their turn in between.
func (q *Queue) purge(id int64) {
	var rest bool
	q.writer.Commit(storage.Member{
		Class: storage.Now,
		Size:  rowSize,
		Apply: func(conn *storage.Conn) error {
			var err error
			rest, err = q.batch.purgeSome(conn, id)
			return err
		},
		Done: func(err error) {
			switch {
			case err != nil:
				q.logger.Warn("rows of a removed session stay until the next start", "error", err)
			case rest:
				q.purge(id)
			}
		},
	})
}

const (
	flagNoLocal           = 1
	flagRetainAsPublished = 2
)

func (b *batch) applySubscriptions(conn *storage.Conn, u *mqtt.Unit) error {
	id, found, err := b.session(conn, u.SubscriptionsOf)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("subscriptions of %q: %w", u.SubscriptionsOf, errNoSession)
	}
	for _, filter := range u.Unsubscribe {
		if err := conn.Do("DELETE FROM subscription WHERE session = ? AND filter = ?", id, filter); err != nil {
			return err
		}
	}
	for _, s := range u.Subscribe {
		var flags int64
		if s.NoLocal {
			flags |= flagNoLocal
		}
		if s.RetainAsPublished {
			flags |= flagRetainAsPublished
		}
		err := conn.Do("INSERT OR REPLACE INTO subscription (session, filter, qos, flags, retain_handling, identifier) "+
			"VALUES (?, ?, ?, ?, ?, ?)",
			id, s.Filter, int64(s.QoS), flags, int64(s.RetainHandling), int64(s.Identifier))
		if err != nil {
			return err
		}
	}
	return nil
}

// putRetained replaces the copy of a topic; an empty payload removes it [MQTT-3.3.1-6].
func putRetained(conn *storage.Conn, m *mqtt.Message) error {
	if len(m.Payload) == 0 {
		return conn.Do("DELETE FROM retained WHERE topic = ?", m.Topic)
	}
	r := encodeBody(m)
	return conn.Do("INSERT OR REPLACE INTO retained ("+bodyColumns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
		r.topic, r.payload, r.properties, r.qos, r.flags, r.expires, r.crc())
}
