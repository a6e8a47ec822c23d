package broker

import (
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// ages knows how old messages are: identifiers grow with time, so that a mark now and then is enough, and no row needs a
// time of its own. A message may stay a hundredth longer than the limit.
type ages struct {
	// marks are Run's, oldest first.
	marks []mqtt.Mark
	// fine are for telling how old a message is.
	fine fineMarks
	// cut is the identifier below which messages are too old.
	cut atomic.Uint64
}

// coarsestMark bounds how wrong the age of a message may be that came before the start.
const coarsestMark = time.Hour

// loadMarks takes over the marks of earlier runs. The next identifier must not be smaller than any of them.
func (b *Broker) loadMarks(marks []mqtt.Mark) {
	b.ages.marks = marks
	b.ages.fine.load(marks)
	if last := len(marks) - 1; last >= 0 {
		b.nextMessageID = max(b.nextMessageID, marks[last].MessageID)
	}
}

// markAge makes a mark when it is time, and finds out which messages are too old; sweep does the rest.
func (b *Broker) markAge() {
	limit := b.limits.QueueAge
	if limit <= 0 {
		return
	}
	now := b.now()
	b.makeMark(now, max(min(limit/100, coarsestMark), time.Second))
	a := &b.ages
	old := 0
	for old < len(a.marks) && now.Sub(a.marks[old].At) >= limit {
		old++
	}
	if old == 0 {
		return
	}
	// The newest of the old ones is the limit; those before it say nothing more.
	forget := a.marks[:old-1]
	a.marks = a.marks[old-1:]
	if len(forget) > 0 {
		b.commitSoon(&mqtt.Unit{Class: mqtt.Soon, ForgetMarks: a.marks[0].At})
	}
	if cut := a.marks[0].MessageID; cut > a.cut.Load() {
		a.cut.Store(cut)
	}
}

// makeMark notes the next identifier, if messages came since the last mark.
func (b *Broker) makeMark(now time.Time, interval time.Duration) {
	b.order.Lock()
	next := b.nextMessageID
	b.order.Unlock()
	b.ages.fine.add(mqtt.Mark{At: now, MessageID: next})
	if last := len(b.ages.marks) - 1; last >= 0 {
		if m := b.ages.marks[last]; m.MessageID == next || now.Sub(m.At) < interval {
			return
		}
	}
	mark := mqtt.Mark{At: now, MessageID: next}
	b.ages.marks = append(b.ages.marks, mark)
	b.commitSoon(&mqtt.Unit{Class: mqtt.Soon, Mark: &mark})
}
