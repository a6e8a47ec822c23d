package broker

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// Overflow says what happens to a message for a queue that is full.
type Overflow string

// The policies.
const (
	// DropOldest gives up the oldest of the queue that is not in flight.
	DropOldest Overflow = "drop-oldest"
	// Reject refuses the message, for all its receivers, before anything of it is stored.
	Reject Overflow = "reject"
)

// totals count what is unsettled in all durable sessions.
type totals struct{ messages, bytes atomic.Int64 }

func (t *totals) add(messages, bytes int64) {
	t.messages.Add(messages)
	t.bytes.Add(bytes)
}

// errQueueFull is what a publisher hears when a receiver's queue is full and the policy is Reject.
var errQueueFull = fmt.Errorf("the queue of a receiver is full: %w", mqtt.QuotaExceeded)

// refuse decides for all receivers together, before anything is stored. It is called with the order held, so that nobody
// comes in between.
func (b *Broker) refuse(r *route, m *mqtt.Message) error {
	if b.limits.Overflow != Reject {
		return nil
	}
	size := int64(m.Size())
	var messages int64
	for i := range r.targets {
		t := &r.targets[i]
		if !t.stores(m) {
			continue
		}
		messages++
		if t.session.full(size) {
			b.rejected.Add(1)
			return errQueueFull
		}
	}
	if messages > 0 && (b.totals.messages.Load()+messages > b.limits.TotalMessages ||
		b.totals.bytes.Load()+messages*size > b.limits.TotalBytes) {
		b.rejected.Add(1)
		return errQueueFull
	}
	return nil
}

// full reports whether one more message of this size would be too much.
func (s *session) full(size int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	messages, bytes := s.limits()
	queued, queuedBytes := s.queuedLocked()
	return queued+1 > messages || queuedBytes+size > bytes
}

func (s *session) limits() (messages, bytes int64) {
	if !s.durable {
		return s.broker.limits.MemoryMessages, s.broker.limits.MemoryBytes
	}
	messages, bytes = s.broker.limits.QueueMessages, s.broker.limits.QueueBytes
	if s.options.QueueMessages > 0 {
		messages = s.options.QueueMessages
	}
	if s.options.QueueBytes > 0 {
		bytes = s.options.QueueBytes
	}
	if s.hold > 0 {
		bytes = min(bytes, s.hold)
	}
	return messages, bytes
}

// boundLocked keeps the queue within its limits: what is in memory only goes at once, rows go later.
func (s *session) boundLocked() {
	messages, bytes := s.limits()
	queued, queuedBytes := s.queuedLocked()
	b := s.broker
	switch {
	case queued <= messages && queuedBytes <= bytes:
		if s.durable && (b.totals.messages.Load() > b.limits.TotalMessages || b.totals.bytes.Load() > b.limits.TotalBytes) {
			b.wakeTrim()
		}
		return
	case s.durable:
		b.markOverfull(s)
		return
	}
	// A session that is not stored has one lane.
	for s.lane.messages > messages || s.lane.size > bytes {
		reason := mqtt.QueueBytes
		if s.lane.messages > messages {
			reason = mqtt.QueueMessages
		}
		d := s.lane.oldest()
		if d == nil {
			return
		}
		s.lane.finish(d)
		s.lostLocked(reason, d.row.Message)
	}
}

// markOverfull asks Run to shorten a queue on disk.
func (b *Broker) markOverfull(s *session) {
	b.mu.Lock()
	b.overfull[s] = struct{}{}
	b.mu.Unlock()
	b.wakeTrim()
}

func (b *Broker) wakeTrim() {
	select {
	case b.trim <- struct{}{}:
	default:
	}
}

// trimQueues makes one step in each queue that is too long or too old, and one in the longest when all together are.
func (b *Broker) trimQueues(ctx context.Context) {
	b.mu.Lock()
	overfull := b.overfull
	b.overfull = map[*session]struct{}{}
	b.mu.Unlock()
	for s := range overfull {
		b.trimParked(ctx, s)
		if wanted, over := s.excess(); over {
			b.shorten(ctx, s, wanted)
		}
	}
	b.trimTotal(ctx)
}

// shorten makes a step, and asks for the next one at once, or a second later if this one could not do anything.
func (b *Broker) shorten(ctx context.Context, s *session, wanted mqtt.Removal) {
	progress := b.shed(ctx, s, wanted)
	s.wakeLink()
	if ctx.Err() != nil {
		return
	}
	if _, over := s.excess(); !over {
		return
	}
	if progress {
		b.markOverfull(s)
		return
	}
	b.mu.Lock()
	b.overfull[s] = struct{}{}
	b.mu.Unlock()
}

// excess is what has to go of a session's queue: it is too long, too old, or expired.
func (s *session) excess() (wanted mqtt.Removal, over bool) {
	now := s.broker.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return wanted, false
	}
	messages, bytes := s.limits()
	queued, queuedBytes := s.queuedLocked()
	wanted.Messages, wanted.Bytes = max(0, queued-messages), max(0, queuedBytes-bytes)
	switch cut := s.ageCutLocked(now); {
	case wanted.Messages > 0:
		wanted.Reason = mqtt.QueueMessages
	case wanted.Bytes > 0:
		wanted.Reason = mqtt.QueueBytes
		if s.hold > 0 && bytes == s.hold {
			wanted.Reason = mqtt.FreeDisk
		}
	case !s.durable:
		return wanted, false
	case s.anyLocked(func(l *lane) bool { return l.aged < cut }):
		wanted.Reason, wanted.Before = mqtt.QueueAge, cut
	case s.anyLocked(func(l *lane) bool { return !l.expires.IsZero() && !l.expires.After(now) }):
		wanted.Reason, wanted.Expired = mqtt.Expired, now
	default:
		return wanted, false
	}
	return wanted, true
}

// anyLocked reports whether one of the lanes with something in it fits.
func (s *session) anyLocked(fits func(*lane) bool) bool {
	for l := range s.lanesLocked() {
		if l.messages > 0 && fits(l) {
			return true
		}
	}
	return false
}

// ageCutLocked is the identifier below which messages of this session are too old.
func (s *session) ageCutLocked(now time.Time) uint64 {
	cut := s.broker.ages.cut.Load()
	if s.options.QueueAge > 0 {
		cut = max(cut, s.broker.ages.fine.before(now.Add(-s.options.QueueAge)))
	}
	return cut
}

// sweep has every queue looked at whose time has come.
func (b *Broker) sweep() {
	for _, s := range b.all() {
		b.settlePlacing(s)
		if _, over := s.excess(); over {
			b.markOverfull(s)
		}
	}
}

// totalStep is how many messages go from the longest queue before the longest one is looked for again.
const totalStep = 1000

// trimTotal shortens the longest queue when all together are too long.
func (b *Broker) trimTotal(ctx context.Context) {
	messages := b.totals.messages.Load() - b.limits.TotalMessages
	bytes := b.totals.bytes.Load() - b.limits.TotalBytes
	if messages <= 0 && bytes <= 0 {
		return
	}
	wanted := mqtt.Removal{Reason: mqtt.TotalFull, Messages: min(max(messages, 0), totalStep), Bytes: max(bytes, 0)}
	for _, s := range b.longest(messages > 0) {
		if ctx.Err() != nil {
			return
		}
		step := wanted
		if b.remove(ctx, s, &step) {
			s.wakeLink()
			b.wakeTrim()
			return
		}
	}
}

// longest are the durable sessions with a queue, the longest first.
func (b *Broker) longest(byMessages bool) []*session {
	type length struct {
		*session
		n int64
	}
	var lengths []length
	for _, s := range b.all() {
		s.mu.Lock()
		messages, n := s.queuedLocked()
		if byMessages {
			n = messages
		}
		s.mu.Unlock()
		if s.durable && n > 0 {
			lengths = append(lengths, length{s, n})
		}
	}
	slices.SortFunc(lengths, func(x, y length) int { return cmp.Compare(y.n, x.n) })
	sessions := make([]*session, len(lengths))
	for i := range lengths {
		sessions[i] = lengths[i].session
	}
	return sessions
}
