package gateway

import (
	"context"
	"time"
)

// MaxHistory is the largest number of results that one look into the history gives.
const MaxHistory = 2000

// History has the readings of the past, for charts.
type History interface {
	// Past gives what is known of a point between two times. Unknown points have no buckets; Unavailable says that the
	// history cannot be read at present.
	Past(ctx context.Context, past PastQuery) (Past, error)
	// Walk calls each with everything that is kept of a point between two times, oldest first: the readings as far back as
	// they go, and minutes before that; Limit does not count. It ends with the first error. Nobody who writes waits for it.
	Walk(ctx context.Context, past PastQuery, each func(PastSource, Bucket) error) error
}

// PastQuery is one look into the history.
type PastQuery struct {
	Point    PointKey
	From, To time.Time
	// Limit is the largest number of buckets, 2 to MaxHistory.
	Limit int
}

// PastSource is what the buckets of an answer were made from.
type PastSource string

// The sources. Raw has texts too; Minutes go back further, Hours are for long times.
const (
	PastRaw     PastSource = "raw"
	PastMinutes PastSource = "minutes"
	PastHours   PastSource = "hours"
)

// Past is what is known of a point, oldest first.
type Past struct {
	Source  PastSource `json:"source"  enum:"raw,minutes,hours"`
	Buckets []Bucket   `json:"buckets"`
}

// Bucket is a short stretch of time, or a single reading. One with count 0 has no values: from its time to the next
// bucket the value was not known, so no line may be drawn across it.
type Bucket struct {
	// Time is when the first reading of the bucket was on the wire.
	Time time.Time `json:"time"`
	Min  *float64  `json:"min,omitempty"`
	Mean *float64  `json:"mean,omitempty"`
	Max  *float64  `json:"max,omitempty"`
	// Count is the number of readings behind the values.
	Count int64 `json:"count"`
	// Gap: inside the bucket there was a time at which the value was not known.
	Gap bool `json:"gap,omitempty"`
	// Bad is for count 0: the device was asked and gave no value. Without it, nothing was recorded: the gateway did not run,
	// or did not read the point.
	Bad bool `json:"bad,omitempty"`
	// Uncertain: a reading of the bucket had that quality. Minutes and hours do not know it.
	Uncertain bool `json:"uncertain,omitempty"`
	// Text is the last reading of a point that gives texts; it has no numbers.
	Text string `json:"text,omitempty"`
}

// HistoryStatus is how the history is doing.
type HistoryStatus struct {
	// Failure is why nothing is recorded at present; empty in the usual case.
	Failure string `json:"failure,omitempty"`
	// Rows are readings and minutes on disk, about; Bytes is the size of the file, UsedBytes what of it the rows take.
	Rows      int64 `json:"rows"`
	Bytes     int64 `json:"bytes"`
	UsedBytes int64 `json:"usedBytes"`
	// Limits are those in force, the defaults too.
	Limits HistoryLimits `json:"limits"`
	// Oldest is the time of the oldest row; nil when there is none.
	Oldest *time.Time `json:"oldest,omitempty"`
	// Dropped counts readings that could not be written in time; Thinned those that are only in minimum, mean and
	// maximum of their minute, because the point changed faster than IntervalMs. Both since the start.
	Dropped    uint64 `json:"dropped"`
	Thinned    uint64 `json:"thinned"`
	IntervalMs int64  `json:"intervalMs"`
}
