package broker

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// fineMarks tell how old a message is: about a hundredth wrong for what came since the start, and as wrong as the marks on
// disk are coarse for what came before. There are about 1,500 of them after months.
type fineMarks struct {
	mu    sync.Mutex // guards what follows
	marks []mqtt.Mark
	fresh int
}

// thinAfter is how many marks come before they are thinned again.
const thinAfter = 128

func (f *fineMarks) load(marks []mqtt.Mark) {
	f.mu.Lock()
	f.marks = slices.Clone(marks)
	f.mu.Unlock()
}

// add notes which identifier comes next.
func (f *fineMarks) add(m mqtt.Mark) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if last := len(f.marks) - 1; last >= 0 && f.marks[last].MessageID == m.MessageID {
		f.marks[last].At = m.At // nothing came in between: what comes is not older than this
		return
	}
	f.marks = append(f.marks, m)
	if f.fresh++; f.fresh >= thinAfter {
		f.fresh = 0
		f.thinLocked(m.At)
	}
}

// thinLocked keeps the distance between two marks within a hundredth of their age.
func (f *fineMarks) thinLocked(now time.Time) {
	kept := f.marks[:0]
	for i, m := range f.marks {
		last := len(kept) - 1
		if last >= 0 && i+1 < len(f.marks) && f.marks[i+1].At.Sub(kept[last].At) <= now.Sub(m.At)/100 {
			continue
		}
		kept = append(kept, m)
	}
	f.marks = kept
}

// at is when the message came, or a little earlier; zero when nothing is known.
func (f *fineMarks) at(messageID uint64) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := sort.Search(len(f.marks), func(i int) bool { return f.marks[i].MessageID > messageID })
	if len(f.marks) == 0 {
		return time.Time{}
	}
	return f.marks[max(0, i-1)].At
}

// before is the identifier below which messages came before a time; 0 when nothing is known of that time.
func (f *fineMarks) before(t time.Time) uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := sort.Search(len(f.marks), func(i int) bool { return f.marks[i].At.After(t) })
	if i == 0 {
		return 0
	}
	return f.marks[i-1].MessageID
}

// when is about when the message came: between two marks messages are taken to have come evenly. Zero when nothing is
// known.
func (f *fineMarks) when(messageID uint64) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := sort.Search(len(f.marks), func(i int) bool { return f.marks[i].MessageID > messageID })
	if i == 0 || i == len(f.marks) {
		if len(f.marks) == 0 {
			return time.Time{}
		}
		return f.marks[max(0, i-1)].At
	}
	first, next := f.marks[i-1], f.marks[i]
	share := float64(messageID-first.MessageID) / float64(next.MessageID-first.MessageID)
	return first.At.Add(time.Duration(share * float64(next.At.Sub(first.At))))
}

// Queue counts what is unsettled for a session; false when there is none of that name.
func (b *Broker) Queue(id string) (mqtt.Queue, bool) {
	s := b.lookup(id)
	if s == nil {
		return mqtt.Queue{}, false
	}
	return s.queue(), true
}

// OldestQueued says for how long the oldest unsettled message of a session has been waiting: a hundredth too much perhaps,
// and up to an hour for what came before the last start. found is false when nothing waits. It may read a row of each lane
// from disk.
func (b *Broker) OldestQueued(ctx context.Context, id string) (age time.Duration, found bool) {
	s := b.lookup(id)
	if s == nil {
		return 0, false
	}
	message, known, unread := s.oldestMessage()
	for range mqtt.Lanes {
		if unread == nil || !s.read(ctx, unread, 1, 1) {
			break
		}
		message, known, unread = s.oldestMessage()
	}
	if !known {
		return 0, false
	}
	at := b.ages.fine.at(message)
	if at.IsZero() {
		return 0, true
	}
	return max(0, b.now().Sub(at)), true
}

// oldestMessage is the identifier of the oldest unsettled message that is in memory. unread is a lane of which the oldest
// is on disk only; nil for none.
func (s *session) oldestMessage() (id uint64, known bool, unread *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.lanesLocked() {
		oldest, here := l.oldestMessage()
		switch {
		case here && (!known || oldest < id):
			id, known = oldest, true
		case !here && l.wantsRead(s.keepLocked()):
			unread = l
		}
	}
	return id, known, unread
}

func (l *lane) oldestMessage() (id uint64, known bool) {
	switch {
	case len(l.window) > 0:
		return l.window[0].row.MessageID, true
	case len(l.tail) > 0 && l.cursor >= l.border():
		return l.tail[0].row.MessageID, true
	}
	return 0, false
}

// Purge gives up everything that a session has queued up to now, but for what is in flight. left is what is still
// unsettled afterwards: in flight, or newer. It waits for the disk, in steps between which others get their turn.
func (b *Broker) Purge(ctx context.Context, id string) (removed, left int64, err error) {
	s := b.lookup(id)
	if s == nil {
		return 0, 0, nil
	}
	b.order.Lock()
	before := b.nextMessageID
	b.order.Unlock()
	s.mu.Lock()
	gone := s.losses[mqtt.Purged]
	s.mu.Unlock()
	for {
		wanted := mqtt.Removal{Reason: mqtt.Purged, Before: before}
		progress := b.remove(ctx, s, &wanted)
		busy := s.isReading()
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		if busy {
			pause(ctx, readingPause)
		} else if !progress {
			break
		}
	}
	s.wakeLink()
	s.mu.Lock()
	defer s.mu.Unlock()
	left, _ = s.queuedLocked()
	return int64(s.losses[mqtt.Purged] - gone), left, nil
}

// readingPause is how long a purge waits for who reads the same queue.
const readingPause = 5 * time.Millisecond
