package broker

import (
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// holdTime is how long a message may wait for its receivers before it is given to the store. Who waits for the
// acknowledgement waits that much longer, once, when a receiver that was quick no longer is.
const holdTime = 20 * time.Millisecond

// maxHeld bounds the messages that are held.
const maxHeld = 4096

// heldStore is a Store that holds back messages whose receivers are here and quick. Most are acknowledged by all of them
// within milliseconds, and need no unit, no group and no sync (write elision; DESIGN.md, section 5). Everything else keeps
// its order: what depends on rows has those that are held go first.
type heldStore struct {
	Store

	mu sync.Mutex // guards what follows; the store is called under it, for the order
	// waiting are placed, oldest first; those that are over are dropped when they come to the front.
	waiting []*placement
	timer   *time.Timer
}

// hold keeps a message back until its receivers have it, its time is over, or somebody depends on its rows.
func (h *heldStore) hold(p *placement) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dropOver()
	h.waiting = append(h.waiting, p)
	switch {
	case len(h.waiting) >= maxHeld:
		h.giveLocked(func(*placement) bool { return true })
	case h.timer == nil:
		h.timer = time.AfterFunc(holdTime, h.giveDue)
	}
}

// dropOver forgets those at the front that nobody waits for any more.
func (h *heldStore) dropOver() {
	n := 0
	for n < len(h.waiting) && h.waiting[n].isOver() {
		h.waiting[n] = nil
		n++
	}
	h.waiting = h.waiting[n:]
}

// giveDue gives the store what has waited long enough; a little early what would be due soon, so that it shares a group.
func (h *heldStore) giveDue() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	h.giveLocked(func(p *placement) bool { return now.Sub(p.since) >= holdTime/2 })
	h.timer = nil
	if len(h.waiting) > 0 {
		h.timer = time.AfterFunc(holdTime-now.Sub(h.waiting[0].since), h.giveDue)
	}
}

// give gives the store all that is held.
func (h *heldStore) give() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.giveLocked(func(*placement) bool { return true })
}

// giveLocked gives the store the oldest, as long as they are due.
func (h *heldStore) giveLocked(due func(*placement) bool) {
	for len(h.waiting) > 0 && (h.waiting[0].isOver() || due(h.waiting[0])) {
		p := h.waiting[0]
		h.waiting[0] = nil
		h.waiting = h.waiting[1:]
		if !p.isOver() {
			h.Store.Commit(p.unit(), p.settled)
		}
	}
}

// Commit puts a unit behind everything that is held, unless it only ends deliveries: theirs have rows already.
func (h *heldStore) Commit(unit *mqtt.Unit, done mqtt.Settle) {
	if onlyEnds(unit) {
		h.Store.Commit(unit, done)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.giveLocked(func(*placement) bool { return true })
	h.Store.Commit(unit, done)
}

// onlyEnds reports whether a unit has deliveries that are over, and nothing else but the audit of it.
func onlyEnds(u *mqtt.Unit) bool {
	return len(u.Finished) > 0 && u.Message == nil && u.Session == nil && u.SessionRemove == "" && len(u.Groups) == 0 &&
		u.SubscriptionsOf == "" && len(u.Retained) == 0 && u.InboundAdd.IsZero() && u.InboundRemove.IsZero() &&
		u.InboundClear == "" && len(u.Received) == 0
}

// Remove comes behind what is held, too.
func (h *heldStore) Remove(removal mqtt.Removal, done func(mqtt.Removed, error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.giveLocked(func(*placement) bool { return true })
	h.Store.Remove(removal, done)
}
