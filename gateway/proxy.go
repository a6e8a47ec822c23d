package gateway

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// ConnectionProxy lets other Modbus masters use a wire between our polls. They call it over Modbus TCP.
type ConnectionProxy struct {
	// Address is where it listens, host:port; empty means that there is none. :1502 is all addresses of the machine.
	Address string `json:"address,omitempty"`
	// Writable lets others write too.
	Writable bool `json:"writable,omitempty"`
	// Units are those that others may reach: 1-10,17. Empty means all.
	Units string `json:"units,omitempty"`
	// From is the network that may call: 10.0.0.0/24. Empty means all.
	From string `json:"from,omitempty"`
	// Share is how much of the wire's time others may take, 1 to 90 percent; zero means 20.
	Share int `json:"share,omitempty"`
}

// DefaultShare is how much of a wire others may take where nothing is said, in percent.
const DefaultShare = 20

// ProxyStatus is what others do with a wire.
type ProxyStatus struct {
	// Reason says why nobody can call; empty when it listens.
	Reason string `json:"reason,omitempty"`
	// Clients are connected now; Answered, Refused and Failed count requests since the start: given a reply of a device, not
	// allowed, and not done because the device or the wire did not answer or the share was used up.
	Clients  int    `json:"clients"`
	Answered uint64 `json:"answered"`
	Refused  uint64 `json:"refused"`
	Failed   uint64 `json:"failed"`
}

// UnitSet tells which unit numbers are in a list such as 1-10,17; all for an empty one.
func (p ConnectionProxy) UnitSet() (set [256]bool, err error) {
	if p.Units == "" {
		for i := range set {
			set[i] = true
		}
		return set, nil
	}
	for part := range strings.SplitSeq(p.Units, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			last = first
		}
		low, err1 := strconv.ParseUint(first, 10, 8)
		high, err2 := strconv.ParseUint(last, 10, 8)
		if err1 != nil || err2 != nil || high < low {
			return set, FieldErrorf("units", "%q is not a list of units: use 1-10,17", p.Units)
		}
		for unit := low; unit <= high; unit++ {
			set[unit] = true
		}
	}
	return set, nil
}

// FromPrefix is the network that may call.
func (p ConnectionProxy) FromPrefix() (netip.Prefix, error) {
	if p.From == "" {
		return netip.Prefix{}, nil
	}
	prefix, err := netip.ParsePrefix(p.From)
	if err != nil {
		return prefix, FieldErrorf("from", "%q is not a network: use 10.0.0.0/24", p.From)
	}
	return prefix.Masked(), nil
}

func (p ConnectionProxy) validate() error {
	if p == (ConnectionProxy{}) {
		return nil
	}
	host, port, err := net.SplitHostPort(p.Address)
	number, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || number == 0 {
		return FieldErrorf("address", "%q is not an address to listen at: use :1502 or 192.168.0.5:1502", p.Address)
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" {
		return FieldErrorf("address", "%q is not an address of this machine: use :%s for all of them", host, port)
	}
	if p.Share < 0 || p.Share > 90 {
		return FieldErrorf("share", "%d is not between 1 and 90 percent", p.Share)
	}
	if _, err := p.UnitSet(); err != nil {
		return err
	}
	_, err = p.FromPrefix()
	return err
}
