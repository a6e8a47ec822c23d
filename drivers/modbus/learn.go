package modbus

import (
	"slices"
	"time"
)

// learned is what the driver found out about one table of one unit. Holes and cuts outlive the wire; see gateway.Memory.
type learned struct {
	// since is when the first hole or cut was found; the zero time while there is none.
	since time.Time
	// changes counts the changes of holes and cuts.
	changes uint64
	// holes are addresses that no merged request may touch; cuts are addresses that none may cross.
	holes []Span
	cuts  []int
	// limit is the most addresses that the device gave in one request.
	limit int
	// refused are points that the device does not have; they are asked for again now and then.
	refused map[Span]refusal
	// silent are merged requests that were not answered last time; see silence.go.
	silent map[Span]bool
}

type refusal struct {
	reason string
	until  time.Time
}

const (
	// askAgain is how long a refused point is left alone.
	askAgain = 10 * time.Second
	// mostLearned bounds what is kept; a device with more holes is read point by point.
	mostLearned = 512
	// forgetAfter is when everything is tried again: devices get new firmware.
	forgetAfter = 24 * time.Hour
)

func newLearned(t Table) *learned {
	l := &learned{limit: maxRegisters, refused: map[Span]refusal{}, silent: map[Span]bool{}}
	if t.Bits() {
		l.limit = maxBits
	}
	return l
}

// allowed reports whether a merged request for the span makes sense; see Plan.
func (l *learned) allowed(s Span) bool {
	if len(l.holes)+len(l.cuts) > mostLearned {
		return false
	}
	for _, hole := range l.holes {
		if hole.Start < s.End && s.Start < hole.End {
			return false
		}
	}
	return !slices.ContainsFunc(l.cuts, func(cut int) bool { return s.Start < cut && cut < s.End })
}

func (l *learned) addHoles(holes []Span) {
	for _, hole := range holes {
		if len(l.holes) <= mostLearned && !slices.Contains(l.holes, hole) {
			l.holes = append(l.holes, hole)
			l.changed()
		}
	}
}

func (l *learned) addCut(at int) {
	if len(l.cuts) <= mostLearned && !slices.Contains(l.cuts, at) {
		l.cuts = append(l.cuts, at)
		l.changed()
	}
}

func (l *learned) changed() {
	l.changes++
	if l.since.IsZero() {
		l.since = time.Now()
	}
}

// outdated reports whether it is time to try everything again.
func (l *learned) outdated(now time.Time) bool {
	return !l.since.IsZero() && now.Sub(l.since) >= forgetAfter
}

// refuse remembers that the device does not have an item, and is not asked for it until then.
func (l *learned) refuse(s Span, reason string, until time.Time) {
	l.addHoles([]Span{s})
	if len(l.refused) > mostLearned {
		clear(l.refused)
	}
	l.refused[s] = refusal{reason, until}
}

// stillRefused is why an item is not asked for now.
func (l *learned) stillRefused(s Span, now time.Time) (string, bool) {
	r, known := l.refused[s]
	return r.reason, known && now.Before(r.until)
}

// accept forgets a refusal: the device has the item now.
func (l *learned) accept(s Span) {
	if _, known := l.refused[s]; !known {
		return
	}
	delete(l.refused, s)
	l.holes = slices.DeleteFunc(l.holes, func(hole Span) bool { return hole == s })
	l.changed()
}
