package bridge

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// pacer lets as much pass as a cap allows: what was saved up in the last tenth of a second may go at once.
type pacer struct {
	messages, bytes budget
}

func newPacer(p gateway.BridgePace) *pacer {
	return &pacer{messages: budget{rate: float64(p.MessagesPerSecond)}, bytes: budget{rate: float64(p.BytesPerSecond)}}
}

// wait returns when a message of this size may go, or with the error of ctx.
func (p *pacer) wait(ctx context.Context, size int) error {
	now := time.Now()
	if d := max(p.messages.take(now, 1), p.bytes.take(now, float64(size))); d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// budget is what may still pass; one that is overdrawn has to be waited for, so that any size passes at last.
type budget struct {
	// rate is per second; 0 is no limit.
	rate float64
	left float64
	at   time.Time
}

// take takes n and says how long that has to wait.
func (b *budget) take(now time.Time, n float64) time.Duration {
	if b.rate <= 0 {
		return 0
	}
	if !b.at.IsZero() {
		b.left = min(b.left+now.Sub(b.at).Seconds()*b.rate, b.rate/10)
	}
	b.at = now
	b.left -= n
	if b.left >= 0 {
		return 0
	}
	return time.Duration(-b.left / b.rate * float64(time.Second))
}
