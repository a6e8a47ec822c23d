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
	h.mu.Lock()
	db, failure := h.db, h.failure
	h.mu.Unlock()
	if db == nil {
		return gateway.Past{}, gateway.Errorf(gateway.Unavailable, "the history cannot be read at present: %v", failure)
	}
	var past gateway.Past
	err := db.Read(ctx, func(conn *storage.Conn) error {
		id, found, err := conn.Int("SELECT id FROM point WHERE device = ? AND point = ?", q.Point.Device, q.Point.Point)
		if err != nil || !found {
			past = gateway.Past{Source: gateway.PastRaw}
			return err
		}
		past, err = readPast(ctx, conn, id, q)
		return err
	})
	if errors.Is(err, storage.ErrClosed) {
		return gateway.Past{}, gateway.Errorf(gateway.Unavailable, "the history is being closed: try again")
	}
	if err != nil {
		return gateway.Past{}, fmt.Errorf("read the history of %s: %w", q.Point, err)
	}
	return past, nil
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
