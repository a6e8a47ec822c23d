package history

import "time"

const (
	// slewPerAdvance is how far the wall clock may get ahead of the real pace without being doubted.
	slewPerAdvance = time.Minute
	// doubtFor is how long a jump forward has to last until it is believed.
	doubtFor = 24 * time.Hour
)

// ageClock is the time that ages are counted from. It follows the times of readings back at once, since that keeps
// rows, and forward at the pace of real time only: a wall clock that jumps a day ahead and comes back deletes nothing.
type ageClock struct {
	at    int64 // milliseconds since 1970; 0 before the first reading
	doubt time.Duration
}

// advance tells the time of the newest reading, and how much time has passed since the last call.
func (c *ageClock) advance(newest int64, elapsed time.Duration) {
	if newest == 0 {
		return
	}
	expected := c.at + elapsed.Milliseconds()
	switch {
	case c.at == 0 || newest <= expected+slewPerAdvance.Milliseconds():
		c.at, c.doubt = newest, 0
	case c.doubt+elapsed >= doubtFor:
		c.at, c.doubt = newest, 0
	default:
		c.at, c.doubt = expected, c.doubt+elapsed
	}
}
