package gateway

import (
	"slices"
	"strconv"
	"strings"
)

// Enum gives texts for numbers: "0=off; 1=on; *=unknown", where * is every other number. "bit0=ready; bit3=fault; *=none" has
// a text for each bit: the value is all those that are set, with a comma between them, and * stands for no known one.
// What has no text stays a number, written as text.
type Enum string

const (
	enumOther   = "*"
	enumFlag    = "bit"
	flagsJoined = ", "
)

// texts goes over the entries.
func (e Enum) texts(yield func(key, text string) bool) {
	for entry := range strings.SplitSeq(string(e), ";") {
		key, text, _ := strings.Cut(entry, "=")
		if !yield(strings.TrimSpace(key), strings.TrimSpace(text)) {
			return
		}
	}
}

func (e Enum) flags() bool {
	for key := range e.texts {
		if strings.HasPrefix(key, enumFlag) {
			return true
		}
	}
	return false
}

// Text is the text of a number; everything else stays as it is.
func (e Enum) Text(v Value) Value {
	whole, isWhole := v.Whole()
	if e == "" || !isWhole {
		return v
	}
	number, other, set := strconv.FormatInt(whole, 10), v.String(), []string(nil)
	for key, text := range e.texts {
		bit, isFlag := strings.CutPrefix(key, enumFlag)
		n, err := strconv.ParseUint(bit, 10, 6)
		switch {
		case key == number:
			return TextValue(text)
		case key == enumOther:
			other = text
		case isFlag && err == nil && whole>>n&1 == 1:
			set = append(set, text)
		}
	}
	if len(set) > 0 {
		return TextValue(strings.Join(set, flagsJoined))
	}
	return TextValue(other)
}

// Number is the inverse of Text. Numbers are taken as they are; an unknown text is Invalid.
func (e Enum) Number(v Value) (Value, error) {
	text, isText := v.Text()
	if e == "" || !isText {
		return v, nil
	}
	if !e.flags() {
		return e.one(text)
	}
	sum := uint64(0)
	for part := range strings.SplitSeq(text, ",") {
		flag, err := e.one(strings.TrimSpace(part))
		if err != nil {
			return Value{}, err
		}
		bits, _ := flag.Whole()
		sum |= uint64(bits)
	}
	return UintValue(sum), nil
}

func (e Enum) one(wanted string) (Value, error) {
	var known []string
	for key, text := range e.texts {
		bit, isFlag := strings.CutPrefix(key, enumFlag)
		n, err := strconv.ParseInt(bit, 10, 64)
		switch {
		case text == wanted && isFlag && err == nil:
			return UintValue(1 << n), nil
		case text == wanted && err == nil:
			return IntValue(n), nil
		case text == wanted && e.flags(): // the text for no bit at all
			return IntValue(0), nil
		}
		known = append(known, text)
	}
	if n, err := strconv.ParseInt(wanted, 10, 64); err == nil {
		return IntValue(n), nil
	}
	return Value{}, Errorf(Invalid, "%q is none of the texts: %s", wanted, strings.Join(known, flagsJoined))
}

func validateEnum(field string, p *Point) error {
	if p.Enum == "" {
		return nil
	}
	if !p.Type.Whole() && p.Type != Bool || p.Scale != 0 || p.Offset != 0 || p.Decoding.ScaleFrom != "" || p.Decimals != nil {
		return FieldErrorf(field, "only whole numbers and bools without scale have texts")
	}
	flags, keys := p.Enum.flags(), []string(nil)
	for key, text := range p.Enum.texts {
		bit, isFlag := strings.CutPrefix(key, enumFlag)
		_, err := strconv.ParseInt(key, 10, 64)
		if isFlag {
			_, err = strconv.ParseUint(bit, 10, 6)
		}
		switch {
		case text == "" || key != enumOther && (err != nil || isFlag != flags) || flags && strings.Contains(text, ","):
			return FieldErrorf(field, "%q is no list of texts: use 0=off; 1=on; *=other, or bit0=ready; bit1=fault", p.Enum)
		case slices.Contains(keys, key):
			return FieldErrorf(field, "%s is there twice", key)
		}
		keys = append(keys, key)
	}
	return nil
}
