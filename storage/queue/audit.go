package queue

import (
	"context"
	"fmt"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// auditRows bounds the audit; the oldest go.
const auditRows = 1000

// audit writes down what was given up. What continues an episode is added to its row.
func audit(conn *storage.Conn, losses []mqtt.GivenUp) error {
	for i := range losses {
		if err := auditOne(conn, &losses[i]); err != nil {
			return fmt.Errorf("write down what was given up: %w", err)
		}
	}
	if len(losses) == 0 {
		return nil
	}
	return conn.Do("DELETE FROM given_up WHERE id <= (SELECT max(id) FROM given_up) - ?", int64(auditRows))
}

func auditOne(conn *storage.Conn, g *mqtt.GivenUp) error {
	topic := g.Topic
	since := g.First.Add(-mqtt.QuietTime).UnixMilli()
	for {
		changed, err := conn.Exec("UPDATE given_up SET messages = messages + ?, bytes = bytes + ?, last = max(last, ?) "+
			"WHERE session = ? AND reason = ? AND topic = ? AND last >= ?",
			int64(g.Messages), int64(g.Bytes), g.Last.UnixMilli(), g.Session, g.Reason.String(), topic, since)
		if err != nil || changed > 0 {
			return err
		}
		if topic == "" {
			break
		}
		topics, _, err := conn.Int("SELECT count(*) FROM given_up WHERE session = ? AND reason = ? AND topic <> '' AND last >= ?",
			g.Session, g.Reason.String(), since)
		if err != nil {
			return err
		}
		if topics < mqtt.MaxTopics {
			break
		}
		topic = ""
	}
	return conn.Do("INSERT INTO given_up (session, reason, topic, messages, bytes, first, last) VALUES (?, ?, ?, ?, ?, ?, ?)",
		g.Session, g.Reason.String(), topic, int64(g.Messages), int64(g.Bytes), g.First.UnixMilli(), g.Last.UnixMilli())
}

// GivenUp is the audit of what sessions lost, newest first.
func (q *Queue) GivenUp(ctx context.Context) ([]mqtt.GivenUp, error) {
	var result []mqtt.GivenUp
	err := q.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			reason, known := mqtt.ParseReason(row.Text(1))
			if known { // a later version may know more
				result = append(result, mqtt.GivenUp{
					Session: row.Text(0), Reason: reason, Topic: row.Text(2),
					Messages: uint64(row.Int(3)), Bytes: uint64(row.Int(4)),
					First: fromMillis(row.Int(5)), Last: fromMillis(row.Int(6)),
				})
			}
			return nil
		}, "SELECT session, reason, topic, messages, bytes, first, last FROM given_up ORDER BY last DESC, id DESC")
	})
	if err != nil {
		return nil, fmt.Errorf("read what was given up: %w", err)
	}
	return result, nil
}
