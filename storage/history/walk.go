package history

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

const (
	// rawStride and minuteStride are how much of the time one look of a walk reads: about 20,000 rows at most. Between two
	// looks the log of the file can start again.
	rawStride    = 6 * time.Hour
	minuteStride = 14 * 24 * time.Hour
)

// Walk calls each with everything that is kept of a point between two times, see gateway.History.
func (h *History) Walk(ctx context.Context, q gateway.PastQuery, each func(gateway.PastSource, gateway.Bucket) error) error {
	if !q.From.Before(q.To) {
		return gateway.FieldErrorf("from", "the beginning must be before the end")
	}
	w := walk{ctx: ctx, buckets: &buckets{from: q.From.UnixMilli(), to: q.To.UnixMilli(), width: 1}}
	for at := w.buckets.from; at <= w.buckets.to; {
		next := w.buckets.to + 1 // of a point that is not known
		err := h.look(ctx, q.Point, func(conn *storage.Conn, id int64) (err error) {
			next, err = w.stride(conn, id, at)
			return err
		})
		if err == nil {
			err = w.hand(each)
		}
		if err != nil {
			return err
		}
		at = next
	}
	w.buckets.close()
	return w.hand(each)
}

// walk goes from one look to the next; the buckets have one reading or minute each.
type walk struct {
	ctx     context.Context
	buckets *buckets
	source  gateway.PastSource
}

// hand passes on what is complete.
func (w *walk) hand(each func(gateway.PastSource, gateway.Bucket) error) error {
	for _, bucket := range w.buckets.result {
		if err := each(w.source, bucket); err != nil {
			return err
		}
	}
	w.buckets.result = w.buckets.result[:0]
	return nil
}

// stride reads the rows from a time on, and says where the next look begins.
func (w *walk) stride(conn *storage.Conn, id, at int64) (next int64, err error) {
	r := reader{ctx: w.ctx, conn: conn, id: id, buckets: w.buckets}
	if err := r.loadRecent(); err != nil {
		return 0, err
	}
	begin, firstRaw, err := r.reach()
	if err != nil {
		return 0, err
	}
	if at = max(at, begin); at > w.buckets.to {
		return at, nil
	}
	l, next := levels[0], at+rawStride.Milliseconds()
	if at < firstRaw {
		l, next = levels[1], min(at+minuteStride.Milliseconds(), firstRaw)
	}
	w.source = l.source
	err = r.readRows(l, at, min(next-1, w.buckets.to))
	if next == firstRaw {
		// The last minute is complete: what comes now has another source.
		w.buckets.close()
		w.buckets.unknown = false
	}
	return next, err
}

// reach says from when on there is anything, and from when on there are readings. A minute whose readings are only in part
// there counts as a minute.
func (r *reader) reach() (begin, firstRaw int64, err error) {
	firstRaw, haveRaw, err := r.first(levels[0])
	if err != nil {
		return 0, 0, err
	}
	firstMinute, haveMinutes, err := r.first(levels[1])
	switch {
	case err != nil:
		return 0, 0, err
	case !haveRaw && !haveMinutes:
		return r.buckets.to + 1, 0, nil
	case !haveRaw:
		return firstMinute, r.buckets.to + 1, nil
	case !haveMinutes || firstMinute+levels[1].unit > firstRaw:
		return firstRaw, firstRaw, nil
	}
	return firstMinute, ceil(firstRaw, levels[1].unit) * levels[1].unit, nil
}
