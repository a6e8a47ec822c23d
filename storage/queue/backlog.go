package queue

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/storage"
)

var errNoBody = errors.New("the stored message is missing")

// Backlog reads committed deliveries of a session's lane at positions >= from, oldest first: at most limit, and no more
// than the first one beyond maxBytes. A delivery whose body is damaged comes without it: it is counted, logged, and
// removed.
func (q *Queue) Backlog(
	ctx context.Context, session string, lane mqtt.Lane, from uint64, limit, maxBytes int,
) ([]*mqtt.Queued, error) {
	p, err := q.page(ctx, session, lane, from, limit, maxBytes)
	if err != nil {
		return nil, err
	}
	q.drop(p.damaged)
	return p.queued, nil
}

// Peek is Backlog for who only looks: what is damaged comes without its message, and stays.
func (q *Queue) Peek(
	ctx context.Context, session string, lane mqtt.Lane, from uint64, limit, maxBytes int,
) ([]*mqtt.Queued, error) {
	p, err := q.page(ctx, session, lane, from, limit, maxBytes)
	return p.queued, err
}

func (q *Queue) page(ctx context.Context, session string, lane mqtt.Lane, from uint64, limit, maxBytes int) (page, error) {
	p := page{session: session, lane: lane, limit: limit, maxBytes: maxBytes}
	if limit <= 0 {
		return p, nil
	}
	err := q.db.Read(ctx, func(conn *storage.Conn) error {
		id, found, err := conn.Int("SELECT id FROM session WHERE client = ?", session)
		if err != nil || !found {
			return err
		}
		return conn.Query(p.add, "SELECT d.position, d.message, d.qos, d.flags, d.subscriptions, d.state, d.size, m.id, "+
			"m.topic, m.payload, m.properties, m.qos, m.flags, m.expires, m.crc "+
			"FROM delivery d LEFT JOIN message m ON m.id = d.message "+
			"WHERE d.session = ? AND d.lane = ? AND d.position >= ? ORDER BY d.position",
			id, int64(lane), int64(from))
	})
	if err != nil {
		return p, fmt.Errorf("read the backlog of %q: %w", session, err)
	}
	return p, nil
}

// page is what one Backlog gives.
type page struct {
	session         string
	lane            mqtt.Lane
	limit, maxBytes int

	queued  []*mqtt.Queued
	bytes   int
	damaged []damage
}

type damage struct {
	*mqtt.Queued
	reason error
}

func (p *page) add(row storage.Row) error {
	d := &mqtt.Queued{
		Session: p.session, Lane: p.lane,
		Position: uint64(row.Int(0)), MessageID: uint64(row.Int(1)), QoS: mqtt.QoS(row.Int(2)),
		Retain: row.Int(3)&flagRetain != 0, State: mqtt.DeliveryState(row.Int(5)), Size: int(row.Int(6)),
	}
	d.MarkWritten()
	if err := p.complete(d, row); err != nil {
		d.Message = nil
		p.damaged = append(p.damaged, damage{d, err})
	}
	p.queued = append(p.queued, d)
	p.bytes += d.Size
	if len(p.queued) >= p.limit || p.bytes > p.maxBytes {
		return storage.ErrStop
	}
	return nil
}

func (p *page) complete(d *mqtt.Queued, row storage.Row) (err error) {
	if row[7] == nil {
		return errNoBody
	}
	if d.Subscriptions, err = decodeIdentifiers(row.Bytes(4)); err != nil {
		return err
	}
	d.Message, err = bodyFrom(row, 8)
	return err
}

// drop gives damaged deliveries up: they would be found damaged for ever.
func (q *Queue) drop(damaged []damage) {
	if len(damaged) == 0 {
		return
	}
	unit := &mqtt.Unit{Class: mqtt.Soon}
	now := q.time.clock.Now()
	for _, d := range damaged {
		q.damaged.Add(1)
		unit.GivenUp = append(unit.GivenUp, mqtt.GivenUp{
			Session: d.Session, Reason: mqtt.Damaged, Messages: 1, Bytes: uint64(d.Size), First: now, Last: now,
		})
		q.logger.Error("queued message dropped", "client", d.Session, "position", d.Position, "error", d.reason)
		unit.Finished = append(unit.Finished, d.Queued)
	}
	q.Commit(unit, nil)
}
