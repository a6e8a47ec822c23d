package gateway

import "time"

// Config is everything that the user decides, but for users and secrets of people: one value, replaced as a whole and
// never edited in place. It is compared by value to see what changed.
type Config struct {
	// Revision counts applied changes. An edit names the revision that it was made from.
	Revision int64 `json:"revision"`
	// Name is the {gateway} of topics; the host name until it is set.
	Name string `json:"name"`
	// TimeZone is that of the site, a name of the IANA data base such as Europe/Berlin; empty: that of the machine.
	TimeZone    string       `json:"timeZone,omitempty"`
	ScanClasses []ScanClass  `json:"scanClasses"`
	Connections []Connection `json:"connections"`
	Devices     []Device     `json:"devices"`
	// Profiles are copies of the versions that devices refer to, and the profiles that people have uploaded.
	Profiles []Profile `json:"profiles,omitempty"`
	Bridges  []Bridge  `json:"bridges"`
	// Listeners are the ways in for MQTT clients beside those of the start-up file.
	Listeners []Listener `json:"listeners"`
	// LocalLogin is about the listeners of the start-up file.
	LocalLogin LocalLogin `json:"localLogin,omitzero"`
	// History is how much of the past is kept.
	History HistoryLimits `json:"history,omitzero"`
}

// DefaultScanClasses are there from the first start.
func DefaultScanClasses() []ScanClass {
	return []ScanClass{
		{ID: "fast", Interval: Duration(200 * time.Millisecond)},
		{ID: "normal", Interval: Duration(time.Second)},
		{ID: "slow", Interval: Duration(10 * time.Second)},
	}
}

// Connection finds a connection by its ID.
func (c *Config) Connection(id string) (Connection, bool) {
	return find(c.Connections, func(x Connection) bool { return x.ID == id })
}

// Device finds a device by its ID.
func (c *Config) Device(id string) (Device, bool) {
	return find(c.Devices, func(x Device) bool { return x.ID == id })
}

// Bridge finds a bridge by its ID.
func (c *Config) Bridge(id string) (Bridge, bool) {
	return find(c.Bridges, func(x Bridge) bool { return x.ID == id })
}

// Listener finds a listener by its ID.
func (c *Config) Listener(id string) (Listener, bool) {
	return find(c.Listeners, func(x Listener) bool { return x.ID == id })
}

// Interval is the poll interval of a point of a device.
func (c *Config) Interval(device Device, point Point) time.Duration {
	return time.Duration(c.ScanClassOf(device, point).Interval)
}

// ScanClassOf is the scan class of a point: its own, or the device's.
func (c *Config) ScanClassOf(device Device, point Point) ScanClass {
	id := device.ScanClass
	if point.ScanClass != "" {
		id = point.ScanClass
	}
	class, _ := find(c.ScanClasses, func(x ScanClass) bool { return x.ID == id })
	return class
}

func find[T any](list []T, is func(T) bool) (T, bool) {
	for _, item := range list {
		if is(item) {
			return item, true
		}
	}
	var none T
	return none, false
}
