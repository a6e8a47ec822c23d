package history

import (
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage"
)

// diskStatus is what the last round found.
type diskStatus struct{ rows, bytes, used, oldest int64 }

// Recovered says that the file could not be used and was replaced since New, and when that was; nil in the usual case.
func (h *History) Recovered() (*storage.Recovered, time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recovered, h.recoveredAt
}

// Status is how the history is doing.
func (h *History) Status() gateway.HistoryStatus {
	h.mu.Lock()
	status := gateway.HistoryStatus{Rows: h.disk.rows, Bytes: h.disk.bytes, UsedBytes: h.disk.used}
	const day = 24 * time.Hour
	status.Limits = gateway.HistoryLimits{
		RawDays: int(h.bounds.RawAge / day), MinuteDays: int(h.bounds.MinuteAge / day), MaxBytes: h.bounds.MaxBytes,
	}
	if h.failure != nil {
		status.Failure = h.failure.Error()
	}
	if h.disk.oldest != 0 {
		oldest := time.UnixMilli(h.disk.oldest).UTC()
		status.Oldest = &oldest
	}
	h.mu.Unlock()
	p := h.pending
	p.mu.Lock()
	defer p.mu.Unlock()
	status.Dropped, status.Thinned, status.IntervalMs = p.dropped, p.thinned, p.interval.Milliseconds()
	return status
}
