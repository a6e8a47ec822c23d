package modbus

import (
	"cmp"
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// budget keeps those who share a wire to a part of its time: after a request the next one waits until the time since then
// makes up for it.
type budget struct {
	share int // percent
	// turn has the time from which on the next request may go; whoever has taken it holds the turn.
	turn chan time.Time
}

func newBudget(share int) budget {
	b := budget{share: cmp.Or(share, gateway.DefaultShare), turn: make(chan time.Time, 1)}
	b.turn <- time.Time{}
	return b
}

// wait takes the turn, which spent gives back. The error is that of ctx; then there is no turn to give back.
func (b budget) wait(ctx context.Context) error {
	select {
	case next := <-b.turn:
		pause(ctx, time.Until(next))
		if ctx.Err() != nil {
			b.turn <- next
		}
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b budget) spent(took time.Duration) {
	rest := took * time.Duration(100-b.share) / time.Duration(b.share)
	b.turn <- time.Now().Add(rest)
}
