package value

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/tidegate/tidegate/gateway"
)

// textForm is one way to write a text in bytes, in both directions.
type textForm struct {
	read func(data []byte) gateway.Value
	// write gives at most the length of the layout; the rest is filled up.
	write func(text string) ([]byte, error)
}

// text is the form of a string. data comes with the byte that fills up the last register, and goes without.
func (l Layout) text() textForm {
	whole := func(read func([]byte) string) func([]byte) gateway.Value {
		return func(data []byte) gateway.Value { return gateway.TextValue(read(data[:l.Length])) }
	}
	switch l.Decoding.Encoding { // every other encoding belongs to other types
	case gateway.Latin1:
		return textForm{func(data []byte) gateway.Value { return gateway.TextValue(latin1(trim(data[:l.Length]))) }, toLatin1}
	case gateway.LowBytes:
		return l.everyOther(1)
	case gateway.HighBytes:
		return l.everyOther(0)
	case gateway.Hex:
		return textForm{whole(hex.EncodeToString), hex.DecodeString}
	case gateway.Base64:
		return textForm{whole(base64.StdEncoding.EncodeToString), base64.StdEncoding.DecodeString}
	case gateway.IP:
		return textForm{whole(readIP), writeIP}
	case gateway.MAC:
		return textForm{
			whole(func(data []byte) string { return net.HardwareAddr(data).String() }),
			func(text string) ([]byte, error) { return net.ParseMAC(text) },
		}
	}
	return textForm{func(data []byte) gateway.Value { return textValue(data[:l.Length]) }, func(text string) ([]byte, error) {
		return []byte(text), nil
	}}
}

// everyOther has one character in each register: in its first byte, or in its second one.
func (l Layout) everyOther(at int) textForm {
	return textForm{
		read: func(data []byte) gateway.Value {
			characters := make([]byte, l.Length)
			for i := range characters {
				characters[i] = data[2*i+at]
			}
			return textValue(characters)
		},
		write: func(text string) ([]byte, error) {
			data := make([]byte, 2*len(text))
			for i := range len(text) {
				data[2*i+at] = text[i]
			}
			return data, nil
		},
	}
}

// textValue ends at the first NUL and drops the blanks that devices fill up with. What is no UTF-8 is read as Latin-1.
func textValue(data []byte) gateway.Value {
	data = trim(data)
	if utf8.Valid(data) {
		return gateway.TextValue(string(data))
	}
	return gateway.TextValue(latin1(data))
}

func trim(data []byte) []byte {
	if end := bytes.IndexByte(data, 0); end >= 0 {
		data = data[:end]
	}
	return bytes.TrimRight(data, " ")
}

func latin1(data []byte) string {
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return string(runes)
}

func toLatin1(text string) ([]byte, error) {
	data := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xFF {
			return nil, gateway.Errorf(gateway.Invalid, "%q is not a character of Latin-1", r)
		}
		data = append(data, byte(r))
	}
	return data, nil
}

func readIP(data []byte) string {
	address, _ := netip.AddrFromSlice(data) // 4 or 16 bytes; see gateway.Decoding
	return address.String()
}

func writeIP(text string) ([]byte, error) {
	address, err := netip.ParseAddr(text)
	return address.AsSlice(), err
}

func (l Layout) encodeText(v gateway.Value) ([]byte, error) {
	text, isText := v.Text()
	switch {
	case !isText:
		return nil, gateway.Errorf(gateway.Invalid, "%s is not a text", v)
	case strings.ContainsRune(text, 0):
		return nil, gateway.Errorf(gateway.Invalid, "a text has no NUL characters")
	}
	written, err := l.text().write(text)
	room := l.Length
	if e := l.Decoding.Encoding; e == gateway.LowBytes || e == gateway.HighBytes { // one character in each register
		room = l.Size()
	}
	switch {
	case gateway.CodeOf(err) == gateway.Invalid:
		return nil, err
	case err != nil:
		return nil, gateway.Errorf(gateway.Invalid, "%q is not a text of form %s", text, l.Decoding.Encoding)
	case len(written) > room:
		return nil, gateway.Errorf(gateway.Invalid, "the text has %d bytes, there is room for %d", len(written), room)
	case len(written) != room && l.exact():
		return nil, gateway.Errorf(gateway.Invalid, "%d bytes are needed, not %d", room, len(written))
	}
	return append(written, l.filling(len(written))...), nil
}

// filling is what comes behind a text that was written with so many bytes: NUL, or the blanks that some devices want. Where only
// one byte of each register has a character, the other stays 0; so does the byte that fills up the last register.
func (l Layout) filling(written int) []byte {
	rest := make([]byte, l.Size()-written)
	if !l.Decoding.Blanks {
		return rest
	}
	first, step, end := 0, 1, l.Length-written
	switch l.Decoding.Encoding { // the other encodings use each byte
	case gateway.LowBytes:
		first, step, end = 1, 2, len(rest)
	case gateway.HighBytes:
		step, end = 2, len(rest)
	}
	for i := first; i < end; i += step {
		rest[i] = ' '
	}
	return rest
}

// exact reports whether a text says all bytes, so that nothing can be filled up.
func (l Layout) exact() bool {
	switch l.Decoding.Encoding { // the other encodings can be shorter
	case gateway.Hex, gateway.Base64, gateway.IP, gateway.MAC:
		return true
	}
	return false
}
