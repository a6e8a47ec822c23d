package modbus

import (
	"slices"
	"time"
)

// A serial Modbus frame does not say which request it answers. When a reply comes after its deadline, it looks like the
// reply to the next request of the same unit, function and length, and from then on every value is that of
// the request before: for ever, without an error.
//
// The shield remembers each request that got no reply, for as long as one may still come. Meanwhile no request is sent
// that such a reply could be taken for: a read asks for some more addresses than are needed (the quantity tag), so that
// the byte count tells the replies apart, at the price of two characters. A late reply that is seen is crossed out.
// Writes cannot be tagged; they count only by what is read back afterwards.

// lateWindow is how long after a request its reply may still come.
const lateWindow = 10 * time.Second

// maxPending bounds the memory of one unit and function; with more, the unit is left alone until replies came or expired.
// A timeout of 100 ms and more never gets there.
const maxPending = 100

type shield struct {
	pending []pending
}

type pending struct {
	expectation
	until time.Time
	// copies is how many more requests have the same expectation.
	copies int
}

// add remembers a request that got no reply.
func (s *shield) add(e expectation, now time.Time) { s.addUntil(e, now.Add(lateWindow)) }

// addUntil keeps one entry for requests whose replies look alike, with the longest time.
func (s *shield) addUntil(e expectation, until time.Time) {
	for i := range s.pending {
		if p := &s.pending[i]; p.expectation == e {
			p.copies++
			if p.until.Before(until) {
				p.until = until
			}
			return
		}
	}
	s.pending = append(s.pending, pending{expectation: e, until: until})
}

func (s *shield) expire(now time.Time) {
	s.pending = slices.DeleteFunc(s.pending, func(p pending) bool { return !now.Before(p.until) })
}

// doubt is until when an exception to this request may be one to an earlier request; false when it cannot.
func (s *shield) doubt(e expectation) (time.Time, bool) {
	for _, p := range s.pending {
		if p.unit == e.unit && p.function == e.function {
			return p.until, true
		}
	}
	return time.Time{}, false
}

// clashes reports whether a late reply could be taken for the reply to e.
func (s *shield) clashes(e expectation) bool {
	return slices.ContainsFunc(s.pending, func(p pending) bool { return p.expectation == e })
}

// full reports whether too much is outstanding for unit and function to ask on.
func (s *shield) full(unit, function byte) bool {
	n := 0
	for _, p := range s.pending {
		if p.unit == unit && p.function == function {
			n++
		}
	}
	return n >= maxPending
}

// absorb crosses out late replies in data and returns data without them. An exception is left in when current could have
// caused it.
func (s *shield) absorb(f framing, current expectation, data []byte) []byte {
	for i := 0; i < len(s.pending); {
		p := s.pending[i].expectation
		found := f.scan(p, data, true)
		same := p.unit == current.unit && p.function == current.function
		if found.adu == nil || p == current || same && found.pdu[0]&exceptionBit != 0 {
			i++
			continue
		}
		data = slices.Delete(slices.Clone(data), found.start, found.drop)
		if s.pending[i].copies--; s.pending[i].copies < 0 {
			s.pending = slices.Delete(s.pending, i, i+1)
		}
	}
	return data
}

// tag finds a span around want whose reply is told apart from all late ones. possible says which spans may be asked for.
// False means that there is none now.
func (s *shield) tag(unit, function byte, want Span, step, limit int, possible func(Span) bool) (Span, bool) {
	if s.full(unit, function) {
		return want, false
	}
	fits := func(span Span) bool {
		return span.Start >= 0 && span.End <= addressSpace && span.Len() <= limit && !s.clashes(readExpectation(unit, function, span.Len()))
	}
	if fits(want) {
		return want, true
	}
	for more := step; more <= step*maxPending; more += step {
		for _, wider := range []Span{{want.Start, want.End + more}, {want.Start - more, want.End}} {
			if fits(wider) && possible(wider) {
				return wider, true
			}
		}
	}
	return want, false
}

func readExpectation(unit, function byte, quantity int) expectation {
	if function == readCoils || function == readDiscretes {
		return expectation{unit: unit, function: function, count: (quantity + 7) / 8}
	}
	return expectation{unit: unit, function: function, count: 2 * quantity}
}
