// Package profiles has the templates of devices that come with the program, as data: one file in data/ for each device, in
// the format that README.md describes, and the blocks of the SunSpec Information Model in sunspec.yaml. No profile is here
// whose registers were not read in the source that it names.
//
// The package only reads; whether vectors and addresses are right is judged where the drivers are, see drivers.Profiles.
package profiles

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"sync"

	"github.com/tidegate/tidegate/gateway"
)

//go:embed data/*.yaml
var files embed.FS

var all = sync.OnceValues(load)

func load() ([]gateway.Profile, error) {
	entries, err := files.ReadDir("data")
	if err != nil {
		return nil, fmt.Errorf("list the profiles: %w", err)
	}
	var list []gateway.Profile
	for _, entry := range entries {
		text, err := files.ReadFile("data/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read a profile: %w", err)
		}
		p, err := gateway.ReadProfile(string(text))
		if err != nil {
			return nil, fmt.Errorf("read the profile %s: %w", entry.Name(), err)
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b gateway.Profile) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// All gives the profiles sorted by name; the list is the caller's, what is in it is not. It panics when an embedded file is
// broken, which a test sees.
func All() []gateway.Profile {
	list, err := all()
	if err != nil {
		panic(err)
	}
	return slices.Clone(list)
}
