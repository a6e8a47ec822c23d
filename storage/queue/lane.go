package queue

import (
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

type laneKey struct {
	session int64
	lane    mqtt.Lane
}

// lane is a row of counters that is written once per group.
type lane struct {
	next     uint64
	messages int64
	bytes    int64
	changed  bool
}

func (l *lane) added(position uint64, size int) {
	l.next = max(l.next, position+1)
	l.messages++
	l.bytes += int64(size)
	l.changed = true
}

func (l *lane) removed(messages, bytes int64) {
	l.messages -= messages
	l.bytes -= bytes
	l.changed = true
}

// lane reads the counters once and then keeps them.
func (b *batch) lane(conn *storage.Conn, key laneKey) (*lane, error) {
	if l, known := b.lanes[key]; known {
		return l, nil
	}
	l := &lane{}
	err := conn.Query(func(row storage.Row) error {
		*l = lane{next: uint64(row.Int(0)), messages: row.Int(1), bytes: row.Int(2)}
		return nil
	}, "SELECT next, messages, bytes FROM lane WHERE session = ? AND lane = ?", key.session, int64(key.lane))
	if err != nil {
		return nil, err
	}
	b.lanes[key] = l
	return l, nil
}

func (b *batch) writeLanes(conn *storage.Conn) error {
	for key, l := range b.lanes {
		if !l.changed {
			continue
		}
		err := conn.Do("INSERT INTO lane (session, lane, next, messages, bytes) VALUES (?, ?, ?, ?, ?) "+
			"ON CONFLICT (session, lane) DO UPDATE SET next = excluded.next, messages = excluded.messages, "+
			"bytes = excluded.bytes",
			key.session, int64(key.lane), int64(l.next), l.messages, l.bytes)
		if err != nil {
			return err
		}
		l.changed = false
	}
	return nil
}

func (b *batch) dropLanes(conn *storage.Conn, session int64) error {
	for key := range b.lanes {
		if key.session == session {
			delete(b.lanes, key)
		}
	}
	return conn.Do("DELETE FROM lane WHERE session = ?", session)
}
