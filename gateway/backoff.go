package gateway

import (
	"math/rand/v2"
	"time"
)

// Backoff paces retries: each wait is random between half of and the full step, and the step doubles up to Max.
// The zero value is not usable; it is not safe for concurrent use.
type Backoff struct {
	Min time.Duration
	Max time.Duration

	step time.Duration
}

// Next is how long to wait before the next attempt.
func (b *Backoff) Next() time.Duration {
	b.step = min(max(2*b.step, b.Min), b.Max)
	return b.step/2 + rand.N(b.step/2+1)
}

// Reset is called after a success.
func (b *Backoff) Reset() { b.step = 0 }
