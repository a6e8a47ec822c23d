package gateway

import "time"

// Connection is one wire: a serial port or a TCP endpoint. Everything behind it is polled one at a time.
type Connection struct {
	// ID is chosen by the user and never changes: letters, digits, - and _.
	ID   string `json:"id"`
	Name string `json:"name"`
	// URL says kind and place: tcp://host:502, rtu:///dev/ttyUSB0?baud=9600&parity=E, line:///dev/ttyUSB1?baud=9600; with
	// telegram=p1, dialogue=iec62056-21, dialogue=sdi-12 or request=SI%0D%0A for lines that are not lines of text alone.
	URL string `json:"url"`
	// TLS is for addresses that begin with tls://.
	TLS ConnectionTLS `json:"tls,omitzero"`
	// Proxy shares the wire with other masters.
	Proxy ConnectionProxy `json:"proxy,omitzero"`
	// Timeout is how long one answer may take; zero means 1 s.
	Timeout Duration `json:"timeout"`
	// StaleAfter is after how many of its intervals without a fresh reading a point is no longer known, 2 to 1000; zero
	// means 3 where devices are asked and 10 where they speak by themselves.
	StaleAfter int              `json:"staleAfter,omitempty"`
	Quirks     ConnectionQuirks `json:"quirks,omitzero"`
	Disabled   bool             `json:"disabled,omitempty"`
}

// ConnectionTLS says who is trusted on a connection, and who we are. All texts are PEM.
type ConnectionTLS struct {
	// CA has the authorities that may vouch for the device; empty means those that the system trusts.
	CA string `json:"ca,omitempty"`
	// Certificate is the gateway's own, with its chain behind it, and Key belongs to it. Modbus/TCP Security asks for one;
	// the role that the device gives us is written in it.
	Certificate string `json:"certificate,omitempty"`
	Key         Secret `json:"key,omitempty"`
	// ServerName is expected in the device's certificate; empty means the host of the URL.
	ServerName string `json:"serverName,omitempty"`
}

// Device is one unit on a connection.
type Device struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Connection string `json:"connection"`
	// Unit is the Modbus unit identifier, 1 to 247 on a serial line, 0 to 255 over TCP; the address of an SDI-12
	// sensor, 0 to 61. Other serial lines ignore it.
	Unit int `json:"unit"`
	// ScanClass is the poll interval of points that name none.
	ScanClass string       `json:"scanClass"`
	Points    []Point      `json:"points"`
	Quirks    DeviceQuirks `json:"quirks,omitzero"`
	Disabled  bool         `json:"disabled,omitempty"`
	// Profile is where the points come from, one of Config.Profiles; zero for none.
	Profile ProfileRef `json:"profile,omitzero"`
	// Differences stand in place of Points where a device with a profile is stored or exported; see Config.Compact. In
	// force there are none.
	Differences []PointDifference `json:"differences,omitempty"`
}

// ScanClass is a named poll interval, 10 ms to 24 h.
type ScanClass struct {
	ID       string   `json:"id"`
	Interval Duration `json:"interval"`
}

// DefaultTimeout is how long an answer may take where the connection says nothing.
const DefaultTimeout = Duration(time.Second)

// ReadPoints are the points that are read from the device: all but the computed ones.
func (d Device) ReadPoints() []Point {
	points := make([]Point, 0, len(d.Points))
	for _, p := range d.Points {
		if p.Expression == "" {
			points = append(points, p)
		}
	}
	return points
}
