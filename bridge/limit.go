package bridge

import (
	"math"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Bounds are what limits a backlog; all are in force.
type Bounds struct {
	Bytes, Messages int64
	Age             time.Duration
	// FreeBytes is how much of the disk the backlog may still take.
	FreeBytes int64
	// Held: FreeBytes is used up.
	Held bool
}

// DiskOverhead is what a queued message takes on disk beside topic, payload and properties, in bytes: keys, counters,
// the share of half-empty pages. It was measured with 20,000 messages of 30 and 300 bytes; see TestDiskOverhead of
// storage/queue.
const DiskOverhead = 70

// Limit says which bound is reached first, and when, if in comes and nothing leaves.
func Limit(b gateway.Backlog, bounds Bounds, now time.Time, in gateway.Rate, known bool) gateway.BacklogLimit {
	l := gateway.BacklogLimit{
		MaxBytes: bounds.Bytes, MaxMessages: bounds.Messages, MaxAgeSeconds: bounds.Age.Seconds(), Held: bounds.Held,
	}
	age := 0.0
	if b.Oldest != nil {
		age = now.Sub(*b.Oldest).Seconds()
	}
	disk := in.Bytes + DiskOverhead*in.Messages
	own := float64(b.Bytes) + DiskOverhead*float64(b.Messages)
	lasts, whole := math.Inf(1), math.Inf(1)
	for _, bound := range []struct {
		by         string
		used, most float64
		rate       float64
	}{
		{"bytes", float64(b.Bytes), float64(bounds.Bytes), in.Bytes},
		{"messages", float64(b.Messages), float64(bounds.Messages), in.Messages},
		{"age", age, bounds.Age.Seconds(), 1},
		{"disk", own, own + float64(max(0, bounds.FreeBytes)), disk},
	} {
		if bound.most <= 0 {
			continue
		}
		l.Used = max(l.Used, bound.used/bound.most)
		if !known || in.Messages <= 0 || bound.rate <= 0 {
			continue
		}
		if left := max(0, bound.most-bound.used) / bound.rate; left < lasts {
			l.By, lasts = bound.by, left
		}
		whole = min(whole, bound.most/bound.rate)
	}
	if !math.IsInf(lasts, 1) {
		l.LastsSeconds, l.WholeSeconds = &lasts, &whole
	}
	return l
}
