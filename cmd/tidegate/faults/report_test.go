package faults_test

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// report counts what the clients saw. All but acked and repeated have to be 0.
type report struct {
	mu sync.Mutex // guards everything that follows
	// acked messages of publishers. repeated is QoS 1, where it is allowed.
	acked, repeated int
	// lost messages were acknowledged and never came. duplicated is QoS 2. reordered came after a later one.
	lost, duplicated, reordered int
	// stale retained messages are older than an acknowledged one.
	stale int
	// sessions that were gone; subscriptions that were gone, or back after they had ended.
	sessions, subscriptions int
	// refused: an answer that no client should get.
	refused int
	first   string
}

// add counts something that must not be, and keeps a sentence on the first.
func (r *report) add(counter *int, n int, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*counter += n
	if r.first == "" {
		r.first = fmt.Sprintf(format, args...)
	}
}

// count is for what is allowed.
func (r *report) count(counter *int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*counter++
}

// broken is how much of what was promised was not kept.
func (r *report) broken() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost + r.duplicated + r.reordered + r.stale + r.sessions + r.subscriptions + r.refused
}

// print writes the figures of so many rounds.
func (r *report) print(t *testing.T, what string, rounds int, seed uint64, took time.Duration) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	t.Logf("%d %s: %d messages acknowledged, %d lost, %d duplicated at QoS 2, %d reordered (%d repeated at QoS 1), "+
		"%d stale retained, %d sessions and %d subscriptions lost, %d refused; %.2f s a round, seed %d",
		rounds, what, r.acked, r.lost, r.duplicated, r.reordered, r.repeated, r.stale, r.sessions, r.subscriptions, r.refused,
		took.Seconds()/float64(max(rounds, 1)), seed)
	if r.first != "" {
		t.Logf("first: %s", r.first)
	}
}
