package history

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// Past gives what is known of a point between two times. A batch is in it when it is written, see Options.Every; a minute
// when it is over.
func (h *History) Past(ctx context.Context, q gateway.PastQuery) (gateway.Past, error) {
	if err := check(q); err != nil {
		return gateway.Past{}, err
	}
	past := gateway.Past{Source: gateway.PastRaw}
	err := h.look(ctx, q.Point, func(conn *storage.Conn, id int64) (err error) {
		past, err = readPast(ctx, conn, id, q)
		return err
	})
	return past, err
}

// look reads what is kept of a point; read is not called for one of which nothing is.
func (h *History) look(ctx context.Context, key gateway.PointKey, read func(conn *storage.Conn, id int64) error) error {
	h.mu.Lock()
	db, failure := h.db, h.failure
	h.mu.Unlock()
	if db == nil {
		return gateway.Errorf(gateway.Unavailable, "the history cannot be read at present: %v", failure)
	}
	err := db.Read(ctx, func(conn *storage.Conn) error {
		id, found, err := conn.Int("SELECT id FROM point WHERE device = ? AND point = ?", key.Device, key.Point)
		if err != nil || !found {
			return err
		}
		return read(conn, id)
	})
	if errors.Is(err, storage.ErrClosed) {
		return gateway.Errorf(gateway.Unavailable, "the history is being closed: try again")
	}
	if err != nil {
		return fmt.Errorf("read the history of %s: %w", key, err)
	}
	return nil
}

func check(q gateway.PastQuery) error {
	if !q.From.Before(q.To) {
		return gateway.FieldErrorf("from", "the beginning must be before the end")
	}
	if q.Limit < 2 || q.Limit > gateway.MaxHistory {
		return gateway.FieldErrorf("limit", "the number of results must be between 2 and %d", gateway.MaxHistory)
	}
	return nil
}

func readPast(ctx context.Context, conn *storage.Conn, id int64, q gateway.PastQuery) (gateway.Past, error) {
	r := reader{ctx: ctx, conn: conn, id: id, buckets: newBuckets(q.From.UnixMilli(), q.To.UnixMilli(), q.Limit)}
	l, err := r.choose()
	if err == nil {
		err = r.read(l)
	}
	return gateway.Past{Source: l.source, Buckets: r.buckets.finish()}, err
}
