package bridge

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"
)

// Circles finds messages that go round: what one bridge sent, any one brought back, and is sent again. All bridges of a
// gateway share it. It looks at payloads, since topics may change on the way; short ones say too little. Its memory is
// bounded, to some 200 KB.
type Circles struct {
	seed maphash.Seed
	// expected: a bridge brings something in, so that something can go round. Where none does, nobody looks.
	expected atomic.Bool

	mu      sync.Mutex // guards everything that follows
	young   map[uint64]stage
	old     map[uint64]stage
	changed time.Time
}

// stage is how far a payload is on its way round.
type stage byte

const (
	wentOut stage = iota + 1
	cameBack
)

const (
	// leastPayload is the shortest payload that is looked at, in bytes: readings with a time or a number are longer.
	leastPayload = 16
	// mostPayloads is how many are remembered, for memoryTime at least while there are fewer.
	mostPayloads = 4096
	memoryTime   = 30 * time.Second
)

// NewCircles makes one that has seen nothing.
func NewCircles() *Circles {
	return &Circles{seed: maphash.MakeSeed(), young: map[uint64]stage{}, changed: time.Now()}
}

// out is told what is sent; again is true when it has made a full circle.
func (c *Circles) out(payload []byte) (again bool) {
	if len(payload) < leastPayload || !c.expected.Load() {
		return false
	}
	key := maphash.Bytes(c.seed, payload)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgetLocked()
	again = c.stageLocked(key) == cameBack
	c.young[key] = wentOut
	return again
}

// in is told what comes.
func (c *Circles) in(payload []byte) {
	if len(payload) < leastPayload {
		return
	}
	key := maphash.Bytes(c.seed, payload)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stageLocked(key) == wentOut {
		c.young[key] = cameBack
	}
}

func (c *Circles) stageLocked(key uint64) stage {
	if s := c.young[key]; s != 0 {
		return s
	}
	return c.old[key]
}

func (c *Circles) forgetLocked() {
	if now := time.Now(); now.Sub(c.changed) >= memoryTime || len(c.young) >= mostPayloads {
		c.old, c.young, c.changed = c.young, map[uint64]stage{}, now
	}
}
