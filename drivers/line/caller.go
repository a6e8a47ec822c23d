package line

import "net/netip"

// Caller is how a device that dials in is recognised; the zero value is whoever calls and is nobody else's.
type Caller struct {
	// ID is what the device says first.
	ID string
	// From is where it calls from.
	From netip.Prefix
}
