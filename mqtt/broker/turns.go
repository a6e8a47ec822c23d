package broker

import "sync"

// turns lets one goroutine at a time work on a client identifier: connecting, taking over, ending.
type turns struct {
	mu   sync.Mutex // guards what follows
	busy map[string]*turn
}

type turn struct {
	mu      sync.Mutex
	holders int
}

// take waits for the turn of an identifier and returns what ends it.
func (t *turns) take(id string) (end func()) {
	t.mu.Lock()
	if t.busy == nil {
		t.busy = map[string]*turn{}
	}
	mine := t.busy[id]
	if mine == nil {
		mine = &turn{}
		t.busy[id] = mine
	}
	mine.holders++
	t.mu.Unlock()
	mine.mu.Lock()
	return func() {
		mine.mu.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.holders--; mine.holders == 0 {
			delete(t.busy, id)
		}
	}
}
