package gateway

import "time"

// Connection is one wire: a serial port or a TCP endpoint. Everything behind it is polled one at a time.
type Connection struct {
	// ID is chosen by the user and never changes: letters, digits, - and _.
	ID   string `json:"id"`
	Name string `json:"name"`
	// URL says kind and place: tcp://host:502, rtu:///dev/ttyUSB0?baud=9600&parity=E, line:///dev/ttyUSB1?baud=9600.
	URL string `json:"url"`
	// Timeout is how long one answer may take; zero means 1 s.
	Timeout  Duration `json:"timeout"`
	Disabled bool     `json:"disabled,omitempty"`
}

// Device is one unit on a connection.
type Device struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Connection string `json:"connection"`
	// Unit is the Modbus unit identifier, 1 to 247 on a serial line, 0 to 255 over TCP. Serial lines ignore it.
	Unit int `json:"unit"`
	// ScanClass is the poll interval of points that name none.
	ScanClass string  `json:"scanClass"`
	Points    []Point `json:"points"`
	Disabled  bool    `json:"disabled,omitempty"`
}

// ScanClass is a named poll interval, 10 ms to 24 h.
type ScanClass struct {
	ID       string   `json:"id"`
	Interval Duration `json:"interval"`
}

// DefaultTimeout is how long an answer may take where the connection says nothing.
const DefaultTimeout = Duration(time.Second)
