package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// Load reads what the broker needs to start: everything but the queued messages. It takes the same time whatever the
// length of the queues.
func (q *Queue) Load(ctx context.Context) (mqtt.Snapshot, error) {
	l := loading{queue: q, byID: map[int64]*mqtt.SessionState{}}
	err := q.db.Read(ctx, func(conn *storage.Conn) error {
		for _, step := range []func(*storage.Conn) error{
			l.meta, l.sessions, l.subscriptions, l.inbound, l.wills, l.lanes, l.retained, l.marks,
		} {
			if err := step(conn); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return mqtt.Snapshot{}, fmt.Errorf("load the queue: %w", err)
	}
	for _, id := range l.order {
		l.snapshot.Sessions = append(l.snapshot.Sessions, *l.byID[id])
	}
	return l.snapshot, nil
}

type loading struct {
	queue    *Queue
	snapshot mqtt.Snapshot
	byID     map[int64]*mqtt.SessionState
	order    []int64
}

func (l *loading) meta(conn *storage.Conn) error {
	l.snapshot.Taken = time.Now()
	err := conn.Query(func(row storage.Row) error {
		l.snapshot.Generation = row.Text(0)
		return nil
	}, "SELECT generation FROM meta")
	if err != nil {
		return err
	}
	highest, _, err := conn.Int("SELECT max(id) FROM message")
	l.snapshot.NextMessageID = uint64(highest) + 1
	return err
}

func (l *loading) sessions(conn *storage.Conn) error {
	return conn.Query(func(row storage.Row) error {
		l.order = append(l.order, row.Int(0))
		l.byID[row.Int(0)] = &mqtt.SessionState{
			ID: row.Text(1), Expiry: uint32(row.Int(2)), Disconnected: fromMillis(row.Int(3)), Fresh: row.Int(4) != 0,
			Username: row.Text(5), Listener: row.Text(6), Placing: row.Text(7),
		}
		return nil
	}, "SELECT id, client, expiry, disconnected, fresh, username, listener, placing FROM session WHERE client IS NOT NULL ORDER BY client")
}

// of calls each with the session in column 0; rows of sessions without a name are going.
func (l *loading) of(conn *storage.Conn, each func(*mqtt.SessionState, storage.Row) error, query string) error {
	return conn.Query(func(row storage.Row) error {
		if s, known := l.byID[row.Int(0)]; known {
			return each(s, row)
		}
		return nil
	}, query)
}

func (l *loading) subscriptions(conn *storage.Conn) error {
	return l.of(conn, func(s *mqtt.SessionState, row storage.Row) error {
		s.Subscriptions = append(s.Subscriptions, mqtt.Subscription{
			Filter: row.Text(1), QoS: mqtt.QoS(row.Int(2)),
			NoLocal: row.Int(3)&flagNoLocal != 0, RetainAsPublished: row.Int(3)&flagRetainAsPublished != 0,
			RetainHandling: mqtt.RetainHandling(row.Int(4)), Identifier: uint32(row.Int(5)),
		})
		return nil
	}, "SELECT session, filter, qos, flags, retain_handling, identifier FROM subscription ORDER BY session, filter")
}

func (l *loading) inbound(conn *storage.Conn) error {
	return l.of(conn, func(s *mqtt.SessionState, row storage.Row) error {
		s.Inbound = append(s.Inbound, uint16(row.Int(1)))
		return nil
	}, "SELECT session, packet FROM inbound ORDER BY session, packet")
}

func (l *loading) wills(conn *storage.Conn) error {
	return l.of(conn, func(s *mqtt.SessionState, row storage.Row) error {
		m, err := bodyFrom(row, 2)
		if err != nil {
			l.queue.damaged.Add(1)
			l.queue.logger.Error("stored will dropped", "client", s.ID, "error", err)
			return nil
		}
		s.Will = &mqtt.Will{Message: *m, Delay: uint32(row.Int(1))}
		return nil
	}, "SELECT session, delay, "+bodyColumns+" FROM will")
}

func (l *loading) lanes(conn *storage.Conn) error {
	return l.of(conn, func(s *mqtt.SessionState, row storage.Row) error {
		s.Lanes = append(s.Lanes, mqtt.LaneState{
			Lane: mqtt.Lane(row.Int(1)), Next: uint64(row.Int(2)), Messages: row.Int(3), Bytes: row.Int(4),
			NextExpiry: fromMillis(row.Int(5)),
		})
		return nil
	}, "SELECT session, lane, next, messages, bytes, (SELECT expires FROM delivery INDEXED BY delivery_expires "+
		"WHERE session = l.session AND expires > 0 ORDER BY expires LIMIT 1) FROM lane l ORDER BY session, lane")
}

func (l *loading) retained(conn *storage.Conn) error {
	return conn.Query(func(row storage.Row) error {
		m, err := bodyFrom(row, 0)
		if err != nil {
			l.queue.damaged.Add(1)
			l.queue.logger.Error("retained message dropped", "error", err)
			return nil
		}
		l.snapshot.Retained = append(l.snapshot.Retained, m)
		return nil
	}, "SELECT "+bodyColumns+" FROM retained ORDER BY topic")
}
