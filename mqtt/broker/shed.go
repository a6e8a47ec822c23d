package broker

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// Shedding says what a full queue gives up before its oldest; the zero value: nothing.
type Shedding struct {
	// Rank is that of a topic; what has a lower one goes first. It is called from any goroutine and must not wait.
	Rank func(topic string) int
	// Ranks are those that Rank gives, lowest first; of the last one the oldest go, as of a queue without ranks.
	Ranks []int
	// ThinOut keeps one message of each topic in such an interval.
	ThinOut time.Duration
}

// pass goes through a queue once, from old to new, and takes what it chooses. What came since is looked at when it comes
// to this pass again, so that nobody looks at a long queue again and again.
type pass struct {
	reason mqtt.Reason
	choose func(topic string, messageID uint64) bool
	// from are the first positions that were not looked at, by lane; Run's.
	from [mqtt.Lanes]uint64
}

// passes are those of a policy, in their order.
func (b *Broker) passes(s Shedding) (list []*pass) {
	if s.ThinOut > 0 {
		t := &thinning{ages: &b.ages.fine, interval: s.ThinOut, kept: map[string]keeper{}}
		list = append(list, &pass{reason: mqtt.ThinnedOut, choose: t.choose})
	}
	for i, rank := range s.Ranks {
		if i == len(s.Ranks)-1 {
			break
		}
		list = append(list, &pass{reason: mqtt.LowPriority, choose: func(topic string, _ uint64) bool { return s.Rank(topic) <= rank }})
	}
	return list
}

// shed gives up some of what is too much, what the policy wants first before the oldest. It reports whether there is
// progress.
func (b *Broker) shed(ctx context.Context, s *session, wanted mqtt.Removal) bool {
	if wanted.Messages <= 0 && wanted.Bytes <= 0 {
		return b.remove(ctx, s, &wanted) // too old, or expired
	}
	s.mu.Lock()
	passes := s.passes
	s.mu.Unlock()
	for _, p := range passes {
		for _, l := range s.bothLanes() {
			step := wanted
			step.Reason, step.Choose, step.From = p.reason, p.choose, p.from[l.id]
			progress := b.removeFrom(ctx, s, l, &step)
			moved := step.From > p.from[l.id]
			p.from[l.id] = max(p.from[l.id], step.From)
			if progress || moved || ctx.Err() != nil {
				return true
			}
			if s.isReading() {
				return false // somebody else looks at it; the order of what goes matters more than a second
			}
		}
	}
	return b.remove(ctx, s, &wanted)
}

// bothLanes are the lanes in the order in which they are shortened.
func (s *session) bothLanes() []*lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(s.lanesLocked())
}

func (s *session) isReading() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lane.reading || s.two != nil && s.two.priority.reading
}

// thinning keeps the first message of each topic in an interval. When a message came is known within a hundredth of its
// age; in between the messages are taken to have come evenly.
type thinning struct {
	ages     *fineMarks
	interval time.Duration

	mu   sync.Mutex // guards what follows
	kept map[string]keeper
}

// keeper is the message of a topic that stays, and its interval.
type keeper struct {
	interval  int64
	messageID uint64
}

// maxThinned bounds the topics that are thinned out; what is beyond stays as it is.
const maxThinned = 10_000

func (t *thinning) choose(topic string, messageID uint64) bool {
	at := t.ages.when(messageID)
	if at.IsZero() {
		return false
	}
	interval := at.UnixNano() / int64(t.interval)
	t.mu.Lock()
	defer t.mu.Unlock()
	k, known := t.kept[topic]
	// A step that failed is done again: its keepers stay what they are.
	if known && k.interval == interval && k.messageID != messageID {
		return true
	}
	if known || len(t.kept) < maxThinned {
		t.kept[topic] = keeper{interval, messageID}
	}
	return false
}

// HoldQueue lets the queue of a session become no longer than this many bytes for now, whatever its limit is, because the
// disk has to keep some room; 0 lets it go.
func (b *Broker) HoldQueue(id string, bytes int64) {
	s := b.lookup(id)
	if s == nil {
		return
	}
	s.mu.Lock()
	s.hold = bytes
	s.mu.Unlock()
}
