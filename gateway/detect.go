package gateway

// LineSearch is what to try on a serial line of which nobody knows the settings; zero values are the usual ones.
type LineSearch struct {
	// Bauds are tried in their order; empty means 9600, 19200, 115200, 38400, 57600, 4800, 2400, 1200.
	Bauds []int `json:"bauds,omitempty"`
	// Formats are data bits, parity and stop bits: 8N1, 8E1, 8O1. Empty means these, for Modbus ASCII 7E1, 7O1, 8N1.
	Formats []string `json:"formats,omitempty"`
	// From and To are the units that are asked with each setting; zero means 1 to 3.
	From int `json:"from,omitempty"`
	To   int `json:"to,omitempty"`
	// Timeout is how long each may take to answer, 50 ms to 1 s; zero means 200 ms.
	Timeout Duration `json:"timeout,omitempty"`
}

// FoundLine is a unit that answered, with the address of its line.
type FoundLine struct {
	// URL has the settings with which it answered.
	URL  string `json:"url"`
	Unit int    `json:"unit"`
	// Answer is what it said to the harmless question, for people.
	Answer string `json:"answer"`
}
