package serial_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/drivers/serial"
)

func split(s *serial.Splitter, parts ...string) []string {
	var lines []string
	for _, part := range parts {
		s.Push([]byte(part), func(line []byte) { lines = append(lines, string(line)) })
	}
	return lines
}

func TestSplitterFindsLines(t *testing.T) {
	for name, c := range map[string]struct{ parts, want []string }{
		"CR LF":              {[]string{"a\r\nb\r\n"}, []string{"a", "b"}},
		"CR":                 {[]string{"a\rb\r"}, []string{"a", "b"}},
		"LF":                 {[]string{"a\nb\n"}, []string{"a", "b"}},
		"cut anywhere":       {[]string{"12", "3.4", "\r", "\n5", "\r\n"}, []string{"123.4", "5"}},
		"empty lines":        {[]string{"\r\n\r\n a \r\n\n"}, []string{"a"}},
		"not ended":          {[]string{"a\nb"}, []string{"a"}},
		"control characters": {[]string{"\x02a\x03\r\n\x00\x00b\n"}, []string{"a", "b"}},
		"umlaut cut in two":  {[]string{"\xc3", "\xa4\n"}, []string{"ä"}},
	} {
		var s serial.Splitter
		s.Begin()
		if got := split(&s, c.parts...); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Half a number is a wrong number: what began before we listened is dropped.
func TestSplitterDropsALineWithoutBeginning(t *testing.T) {
	var s serial.Splitter
	if got := split(&s, "3.4\r\n", "123.4\r\n"); !slices.Equal(got, []string{"123.4"}) || s.Dropped() != 1 {
		t.Errorf("%q, dropped %d", got, s.Dropped())
	}
}

func TestSplitterIsBounded(t *testing.T) {
	var s serial.Splitter
	s.Begin()
	flood := strings.Repeat("x", 1000)
	for range 1000 {
		if got := split(&s, flood); got != nil {
			t.Fatalf("%d bytes became a line", len(got[0]))
		}
	}
	if got := split(&s, "tail\r\n", "1\r\n"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("after a flood: %q", got)
	}
}

func FuzzSplitter(f *testing.F) {
	f.Add([]byte("S S   100.00 g\r\n"), 3)
	f.Add([]byte("\r\r\n\x00\xff"), 1)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		var whole, parts serial.Splitter
		cut = min(max(cut, 0), len(data))
		one := split(&whole, string(data))
		two := split(&parts, string(data[:cut]), string(data[cut:]))
		if !slices.Equal(one, two) {
			t.Fatalf("cut at %d: %q, whole: %q", cut, two, one)
		}
		for _, line := range one {
			if len(line) > serial.MaxLine || len(line) == 0 || bytes.ContainsAny([]byte(line), "\r\n") {
				t.Fatalf("%q is not a line", line)
			}
		}
	})
}
