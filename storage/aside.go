package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// asideMark is between the name of a file that was set aside and the time at which that was, in UTC.
const (
	asideMark = ".damaged-"
	asideTime = "20060102-150405.000"
)

// Aside is a database that was set aside.
type Aside struct {
	Path string
	At   time.Time
}

// SetAside lists the files of the database at path that were set aside and are still there, newest first.
func SetAside(path string) ([]Aside, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var aside []Aside
	for _, entry := range entries {
		stamp, isAside := strings.CutPrefix(entry.Name(), filepath.Base(path)+asideMark)
		if at, err := time.Parse(asideTime, stamp); isAside && err == nil {
			aside = append(aside, Aside{Path: filepath.Join(filepath.Dir(path), entry.Name()), At: at})
		}
	}
	slices.SortFunc(aside, func(a, b Aside) int { return b.At.Compare(a.At) })
	return aside, err
}
