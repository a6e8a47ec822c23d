package mqtttest_test

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWhatOthersGotWrongIsTested holds that the tests of others.md exist.
func TestWhatOthersGotWrongIsTested(t *testing.T) {
	known := map[string]bool{}
	goTest := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	title := regexp.MustCompile(`(?m)^=== ([^\[\n]+)`)
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		form := goTest
		switch {
		case strings.HasSuffix(path, ".txt"):
			form = title
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		for _, found := range form.FindAllStringSubmatch(MustRead(t, path), -1) {
			known[strings.TrimSpace(found[1])] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(MustRead(t, "others.md")) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.HasPrefix(cells[1], "--") || strings.HasPrefix(cells[1], " What ") {
			continue
		}
		rows++
		if test := strings.TrimSpace(cells[2]); !known[test] {
			t.Errorf("there is no test %q", test)
		}
	}
	if rows < 60 {
		t.Errorf("%d rows are left", rows)
	}
}
