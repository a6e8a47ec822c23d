package queue

import (
	"context"
	"fmt"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

// park writes down why the delivery of a unit is parked.
func (b *batch) park(conn *storage.Conn, u *mqtt.Unit) error {
	if u.Parked == nil {
		return nil
	}
	for _, q := range u.Deliveries {
		id, found, err := b.session(conn, q.Session)
		if err != nil || !found {
			return err
		}
		err = conn.Do("INSERT OR REPLACE INTO parked (session, position, parked, reason) VALUES (?, ?, ?, ?)",
			id, int64(q.Position), u.Parked.At.UnixMilli(), u.Parked.Reason)
		if err != nil {
			return err
		}
	}
	return nil
}

// unpark forgets why deliveries were parked that are over.
func unpark(conn *storage.Conn, first, last position) error {
	if first.lane != mqtt.ParkedLane {
		return nil
	}
	return conn.Do("DELETE FROM parked WHERE session = ? AND position BETWEEN ? AND ?",
		first.session, int64(first.position), int64(last.position))
}

// Parked reads what a session has parked at positions >= from, oldest first: at most limit, and no more than the first one
// beyond maxBytes. What is damaged comes without its message, and stays.
func (q *Queue) Parked(ctx context.Context, session string, from uint64, limit, maxBytes int) ([]mqtt.Parked, error) {
	rows, err := q.Peek(ctx, session, mqtt.ParkedLane, from, limit, maxBytes)
	if err != nil {
		return nil, err
	}
	notes := map[uint64]mqtt.ParkedNote{}
	err = q.db.Read(ctx, func(conn *storage.Conn) error {
		return conn.Query(func(row storage.Row) error {
			notes[uint64(row.Int(0))] = mqtt.ParkedNote{At: fromMillis(row.Int(1)), Reason: row.Text(2)}
			return nil
		}, "SELECT position, parked, reason FROM parked WHERE session = (SELECT id FROM session WHERE client = ?) "+
			"AND position >= ? ORDER BY position LIMIT ?", session, int64(from), int64(limit))
	})
	if err != nil {
		return nil, fmt.Errorf("read why messages of %q are parked: %w", session, err)
	}
	result := make([]mqtt.Parked, len(rows))
	for i, row := range rows {
		result[i] = mqtt.Parked{Queued: row, ParkedNote: notes[row.Position]}
	}
	return result, nil
}
