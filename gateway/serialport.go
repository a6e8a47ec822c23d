package gateway

// SerialPort is a serial port of the machine, or one that a connection uses and that is missing.
type SerialPort struct {
	// Path is the name to use: the one that stays the same when adapters are plugged in another order, if there is one.
	Path string `json:"path"`
	// Device is the kernel's name, like /dev/ttyUSB0; empty for what is no hardware of this machine.
	Device string `json:"device,omitempty"`
	// ByID is the name after the adapter, ByPath the one after the place where it is plugged in.
	ByID   string `json:"byId,omitempty"`
	ByPath string `json:"byPath,omitempty"`
	// Product and Serial are what the adapter says about itself; cheap ones have no serial number.
	Product string `json:"product,omitempty"`
	Serial  string `json:"serial,omitempty"`
	// Twin says that another adapter here says the same about itself: only the place where it is plugged in tells them apart.
	Twin bool `json:"twin,omitempty"`
	// Connection uses it; empty for none.
	Connection string `json:"connection,omitempty"`
	// Present is false when it is not plugged in.
	Present bool `json:"present"`
}
