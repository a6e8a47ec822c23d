package gateway

import (
	"fmt"
	"slices"
)

// Profile finds a version of a profile in the configuration, which has all that its devices refer to.
func (c *Config) Profile(ref ProfileRef) (Profile, bool) {
	return find(c.Profiles, func(p Profile) bool { return p.Ref() == ref })
}

// Compact is the configuration as it is stored and exported: devices with a profile have their differences in place of
// their points. Expanded undoes it.
func (c Config) Compact() Config {
	c.Devices = slices.Clone(c.Devices)
	for i := range c.Devices {
		device := &c.Devices[i]
		if profile, known := c.Profile(device.Profile); known {
			device.Differences, device.Points = profile.Differences(device.Points), []Point{}
		}
	}
	return c
}

// Expanded gives the devices with a profile all their points. Points beside differences, and a profile that is not there,
// are Invalid.
func (c Config) Expanded() (Config, error) {
	c.Devices = slices.Clone(c.Devices)
	for i := range c.Devices {
		device, at := &c.Devices[i], fmt.Sprintf("devices[%d]", i)
		profile, known := c.Profile(device.Profile)
		switch {
		case device.Profile == (ProfileRef{}):
			if len(device.Differences) == 0 {
				device.Differences = nil
			}
			continue
		case !known:
			return c, noProfile(at, device.Profile)
		case len(device.Points) > 0:
			return c, FieldErrorf(at+".points", "a device with a profile has its points from there: list what differs in differences")
		}
		points, err := profile.With(device.Differences)
		if err != nil {
			return c, InField(at, err)
		}
		device.Points, device.Differences = points, nil
	}
	return c, nil
}

func noProfile(at string, ref ProfileRef) error {
	return FieldErrorf(at+".profile", "there is no profile %q of version %d in the configuration", ref.ID, ref.Version)
}

// WithProfile brings a version of a profile in, and every device that refers to another version of it over to this one.
// Devices keep their differences.
func (c Config) WithProfile(p Profile) (Config, error) {
	next := c.KeepProfile(p)
	next.Devices = slices.Clone(c.Devices)
	for i, device := range next.Devices {
		former, known := c.Profile(device.Profile)
		if device.Profile.ID != p.ID || device.Profile == p.Ref() || !known {
			continue
		}
		points, err := p.With(former.Differences(device.Points))
		if err != nil {
			return c, InField(fmt.Sprintf("devices[%d]", i), err)
		}
		device.Points, device.Profile = c.knownClasses(points), p.Ref()
		if device.Quirks == former.Quirks {
			device.Quirks = p.Quirks
		}
		next.Devices[i] = device
	}
	return next, nil
}

// KeepProfile gives the configuration a copy of a version, unless it has it.
func (c Config) KeepProfile(p Profile) Config {
	if _, known := c.Profile(p.Ref()); !known {
		c.Profiles = append(slices.Clone(c.Profiles), p)
	}
	return c
}

// FromProfile makes a device one of a profile, without differences but for scan classes that the gateway does not have.
func (c *Config) FromProfile(device Device, p Profile) Device {
	device.Profile, device.Quirks = p.Ref(), p.Quirks
	device.Points = c.knownClasses(slices.Clone(p.Points))
	return device
}

func (c *Config) knownClasses(points []Point) []Point {
	for i := range points {
		if !c.hasScanClass(points[i].ScanClass) {
			points[i].ScanClass = ""
		}
	}
	return points
}

// WithoutIdleProfiles leaves out copies that no device refers to: those of the built-in profiles, and versions that are not
// the newest.
func (c Config) WithoutIdleProfiles(builtIn []Profile) Config {
	c.Profiles = slices.DeleteFunc(slices.Clone(c.Profiles), func(p Profile) bool {
		used := slices.ContainsFunc(c.Devices, func(d Device) bool { return d.Profile == p.Ref() })
		_, ships := find(builtIn, func(b Profile) bool { return b.ID == p.ID })
		newer := slices.ContainsFunc(c.Profiles, func(x Profile) bool { return x.ID == p.ID && x.Version > p.Version })
		return !used && (ships || newer)
	})
	if len(c.Profiles) == 0 {
		c.Profiles = nil
	}
	return c
}

func (c *Config) validateProfiles() error {
	seen := map[ProfileRef]bool{}
	for i, p := range c.Profiles {
		at := fmt.Sprintf("profiles[%d]", i)
		if err := p.Validate(); err != nil {
			return InField(at, err)
		}
		if seen[p.Ref()] {
			return FieldErrorf(at+".version", "version %d of %q is there twice", p.Version, p.ID)
		}
		seen[p.Ref()] = true
	}
	for i, device := range c.Devices {
		at := fmt.Sprintf("devices[%d]", i)
		if device.Profile != (ProfileRef{}) && !seen[device.Profile] {
			return noProfile(at, device.Profile)
		}
		if len(device.Differences) > 0 {
			return FieldErrorf(at+".differences", "a device in force has all its points: leave differences out")
		}
	}
	return nil
}
