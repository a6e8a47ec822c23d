package serial

import "bytes"

// MaxLine is the longest line in bytes; a longer one is dropped as a whole.
const MaxLine = 4096

// Splitter cuts a stream of bytes into lines. It holds at most MaxLine bytes. The zero value waits for the end of the
// first line, which may have begun before anybody listened: half a number is a wrong number.
type Splitter struct {
	line []byte
	// whole says that line has its beginning.
	whole bool
	// dropped counts lines that were given up.
	dropped uint64
}

// Begin says that nothing is on its way: the next byte is the first one of a line.
func (s *Splitter) Begin() {
	s.line = s.line[:0]
	s.whole = true
}

// Dropped is how many lines were too long or without a beginning.
func (s *Splitter) Dropped() uint64 { return s.dropped }

// Push takes bytes and calls line for each line that they complete, without its end and without blanks and control
// characters around it. Empty lines are not passed on. The bytes are valid during the call only.
func (s *Splitter) Push(data []byte, line func([]byte)) {
	for len(data) > 0 {
		end := bytes.IndexAny(data, "\r\n")
		if end < 0 {
			s.extend(data)
			return
		}
		s.extend(data[:end])
		s.finish(line)
		data = data[end+1:]
	}
}

func (s *Splitter) extend(part []byte) {
	if !s.whole {
		return
	}
	if len(s.line)+len(part) > MaxLine {
		s.line, s.whole = s.line[:0], false
		return
	}
	s.line = append(s.line, part...)
}

func (s *Splitter) finish(line func([]byte)) {
	whole := s.whole
	s.whole = true
	text := bytes.TrimFunc(s.line, func(r rune) bool { return r <= ' ' || r == 0x7F })
	s.line = s.line[:0]
	switch {
	case !whole:
		s.dropped++
	case len(text) > 0:
		line(text)
	}
}
