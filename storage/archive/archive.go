// Package archive is the file of a backup: it writes one, and reads one that anybody may have made.
//
//	file     = age, encrypted for a passphrase (scrypt), of a tar
//	tar      = manifest.json, then the files that it names, in its order, and nothing else
//	manifest = format, version of the product, name of the gateway, time, and name, size and SHA-256 of each file
//
// # What it guarantees
//
//   - Nothing in the file can be read or changed without the passphrase. A file that was cut off, or in which one bit is
//     another, is refused, and so is what follows the end.
//   - Read knows the names that may be in a backup and how large each may be. Everything else is refused: other names,
//     paths, links, sparse files, names that come twice, another order, sizes that differ from the manifest. It writes
//     into one folder through os.Root, and only what the manifest announced.
//
// # What it does not do
//
// It does not look into the files: whether a database is one is for those who know its tables.
package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// A change that older versions cannot read gets the next number: 2 is a backup with the history. What an older
	// version can read keeps the smaller number.
	format        = 2
	formatHistory = 2
	manifestName  = "manifest.json"
	maxManifest   = 64 << 10
	// workFactor is the logarithm of scrypt's cost: 128 MiB for half a second, OWASP's first recommendation. A file that
	// asks for more is refused: it would take the memory of the plant.
	workFactor = 17
)

// The files that a backup may have. Databases come with nothing beside them: they were closed.
const (
	Config      = "config.db"
	CA          = "tls/ca.pem"
	Certificate = "tls/page.pem"
	Queue       = "queue.db"
	History     = "history.db"
)

// known are these files in the order of the archive, with the most that each may have.
var known = []struct {
	name string
	most int64
}{
	{Config, 1 << 30},
	{CA, 64 << 10},
	{Certificate, 64 << 10},
	{Queue, 1 << 40},
	{History, 1 << 40},
}

// Names are the files that a backup may have, in their order.
func Names() []string {
	names := make([]string, 0, len(known))
	for _, file := range known {
		names = append(names, file.name)
	}
	return names
}

// Manifest says what a backup is and what is in it.
type Manifest struct {
	Format  int       `json:"format"`
	Version string    `json:"version"`
	Gateway string    `json:"gateway"`
	Created time.Time `json:"created"`
	Files   []File    `json:"files"`
}

// File is one file of a backup.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Has reports whether a file is in the backup.
func (m *Manifest) Has(name string) bool {
	return slices.ContainsFunc(m.Files, func(f File) bool { return f.Name == name })
}

// Size is what all files have together, in bytes.
func (m *Manifest) Size() int64 {
	var sum int64
	for _, file := range m.Files {
		sum += file.Size
	}
	return sum
}

func parseManifest(text []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("read %s: %w", manifestName, err)
	}
	return m, m.check()
}

// check accepts known files in their order only, so that a name can neither lead elsewhere nor come twice.
func (m *Manifest) check() error {
	if m.Format < 1 || m.Format > format {
		return fmt.Errorf("the backup has format %d, this version knows formats up to %d: install the version that made it (%q)",
			m.Format, format, m.Version)
	}
	place := 0
	for _, file := range m.Files {
		i := slices.Index(Names(), file.Name)
		if i < place {
			return fmt.Errorf("%q is not a file that can come here in a backup", file.Name)
		}
		if file.Size < 0 || file.Size > known[i].most {
			return fmt.Errorf("%s has %d bytes, at most %d are possible", file.Name, file.Size, known[i].most)
		}
		place = i + 1
	}
	if !m.Has(Config) {
		return errors.New("there is no configuration in it")
	}
	return nil
}
