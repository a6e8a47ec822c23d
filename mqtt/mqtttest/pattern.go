package mqtttest

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// element is a byte of a pattern, or something in the place of bytes.
type element struct {
	kind  elementKind
	value byte
	name  string
}

type elementKind byte

const (
	exactly elementKind = iota
	anyByte
	anyBytes
	// firstHalf and secondHalf are the bytes of a variable.
	firstHalf
	secondHalf
)

// pattern is what is sent or expected. See Conversation for how it is written.
type pattern []element

func literal(b []byte) pattern {
	p := make(pattern, len(b))
	for i := range b {
		p[i].value = b[i]
	}
	return p
}

// compile reads a pattern up to the end of the text.
func compile(text string) (pattern, error) {
	p, rest, err := compileGroup(text, 0)
	if err == nil && rest != "" {
		err = fmt.Errorf("%q closes nothing", rest)
	}
	return p, err
}

var closing = map[byte]byte{'(': ')', '<': '>'}

// compileGroup reads up to the character that closes the group; 0 is the end of the text.
func compileGroup(text string, end byte) (p pattern, rest string, err error) {
	for {
		text = strings.TrimLeft(text, " ")
		switch {
		case text == "" && end == 0:
			return p, "", nil
		case text == "":
			return nil, "", fmt.Errorf("%q is missing", end)
		case text[0] == end:
			return p, text[1:], nil
		}
		var part pattern
		if closer, opens := closing[text[0]]; opens {
			group, after, err := compileGroup(text[1:], closer)
			if err != nil {
				return nil, "", err
			}
			part, text = append(length(group, text[0]), group...), after
		} else if part, text, err = compileWord(text); err != nil {
			return nil, "", err
		}
		p = append(p, part...)
	}
}

// length is what stands before a group: any, when the group has any number of bytes.
func length(group pattern, opener byte) pattern {
	open := false
	for _, e := range group {
		open = open || e.kind == anyBytes
	}
	n := len(group)
	switch {
	case open && opener == '<':
		return pattern{{kind: anyByte}, {kind: anyByte}}
	case open:
		return pattern{{kind: anyByte}}
	case opener == '<':
		return literal([]byte{byte(n >> 8), byte(n)})
	}
	var varint []byte
	for ; n >= 0x80; n >>= 7 {
		varint = append(varint, byte(n)|0x80)
	}
	return literal(append(varint, byte(n)))
}

func compileWord(text string) (pattern, string, error) {
	if text[0] == '\'' {
		quoted, rest, closed := strings.Cut(text[1:], "'")
		if !closed {
			return nil, "", fmt.Errorf("%s has no end", text)
		}
		return literal([]byte(quoted)), rest, nil
	}
	end := strings.IndexAny(text, " '()<>")
	if end < 0 {
		end = len(text)
	}
	word, rest := text[:end], text[end:]
	name, isVariable := strings.CutPrefix(word, "$")
	digits, times, repeats := strings.Cut(word, "x")
	switch {
	case word == "*":
		return pattern{{kind: anyBytes}}, rest, nil
	case word == "..":
		return pattern{{kind: anyByte}}, rest, nil
	case isVariable:
		return pattern{{kind: firstHalf, name: name}, {kind: secondHalf, name: name}}, rest, nil
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return nil, "", fmt.Errorf("%q: %w", word, err)
	}
	if repeats {
		n, err := strconv.Atoi(times)
		if err != nil {
			return nil, "", fmt.Errorf("%q: %w", word, err)
		}
		b = []byte(strings.Repeat(string(b), n))
	}
	return literal(b), rest, nil
}

// bytes are what is sent, with the values of its variables.
func (p pattern) bytes(values map[string][2]byte) ([]byte, error) {
	b := make([]byte, len(p))
	for i, e := range p {
		value, known := values[e.name]
		switch {
		case e.kind == anyByte || e.kind == anyBytes:
			return nil, fmt.Errorf("what is sent must be certain")
		case e.kind == exactly:
			b[i] = e.value
		case !known:
			return nil, fmt.Errorf("$%s is not known yet", e.name)
		case e.kind == firstHalf:
			b[i] = value[0]
		default:
			b[i] = value[1]
		}
	}
	return b, nil
}

// match reports whether b is what is expected, and learns the variables that it has.
func (p pattern) match(b []byte, values map[string][2]byte) bool {
	for len(p) > 0 {
		switch e := p[0]; {
		case e.kind == anyBytes:
			for skip := range len(b) + 1 {
				if p[1:].match(b[skip:], values) {
					return true
				}
			}
			return false
		case len(b) == 0:
			return false
		case e.kind == firstHalf:
			if len(b) < 2 {
				return false
			}
			value, known := values[e.name]
			if !known {
				value = [2]byte(b[:2])
				values[e.name] = value
			}
			if value != [2]byte(b[:2]) {
				return false
			}
			p, b = p[2:], b[2:]
			continue
		case e.kind == exactly && e.value != b[0]:
			return false
		}
		p, b = p[1:], b[1:]
	}
	return len(b) == 0
}
