package broker

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxVisitors bounds the addresses that are remembered. When so many are busy at once, new ones share one allowance.
const maxVisitors = 4096

// doorway decides who may open a connection, before anything is read from it: not too many at a time, and not too fast.
type doorway struct {
	most  int // connections at a time
	speed rate.Limit
	burst int

	mu       sync.Mutex // guards what follows
	open     int
	opened   uint64 // since the start
	all      *rate.Limiter
	visitors map[netip.Addr]*rate.Limiter
	// swept is when it was last looked for visitors to forget.
	swept time.Time
}

func newDoorway(l Limits) *doorway {
	return &doorway{
		most: l.Clients + l.Strangers, speed: rate.Limit(l.ConnectRate), burst: max(l.Clients, l.ConnectRate),
		all:      rate.NewLimiter(rate.Limit(l.TotalConnectRate), max(l.Clients, l.TotalConnectRate)),
		visitors: map[netip.Addr]*rate.Limiter{},
	}
}

// enter counts a connection in, or names the limit that is in its way. The address comes first, so that one that is too
// fast does not use up what all have together.
func (d *doorway) enter(nc net.Conn) (Limit, bool) {
	visitor, hasAddress := visitorOf(nc)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.open >= d.most:
		return LimitStrangers, false
	case hasAddress && !d.allowanceLocked(visitor).Allow():
		return LimitConnectRate, false
	case !d.all.Allow():
		return LimitTotalConnectRate, false
	}
	d.open++
	d.opened++
	return 0, true
}

func (d *doorway) leave() {
	d.mu.Lock()
	d.open--
	d.mu.Unlock()
}

// count gives the connections that are open, and how many were since the start.
func (d *doorway) count() (open int, opened uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open, d.opened
}

func (d *doorway) allowanceLocked(visitor netip.Addr) *rate.Limiter {
	if known := d.visitors[visitor]; known != nil {
		return known
	}
	if len(d.visitors) >= maxVisitors {
		d.forgetLocked()
	}
	if len(d.visitors) >= maxVisitors {
		visitor = netip.Addr{} // all others
		if known := d.visitors[visitor]; known != nil {
			return known
		}
	}
	allowance := rate.NewLimiter(d.speed, d.burst)
	d.visitors[visitor] = allowance
	return allowance
}

// forgetLocked drops those who have their whole allowance again: nothing is known of them that matters.
func (d *doorway) forgetLocked() {
	if time.Since(d.swept) < time.Second {
		return // it costs a look at all of them
	}
	d.swept = time.Now()
	for visitor, allowance := range d.visitors {
		if allowance.Tokens() >= float64(d.burst) {
			delete(d.visitors, visitor)
		}
	}
}

// visitorOf is what counts as one address: of IPv6 the 64 bits that one site has. A unix socket has none; who may open
// it, the file system decides.
func visitorOf(nc net.Conn) (netip.Addr, bool) {
	from, err := netip.ParseAddrPort(nc.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}, false
	}
	ip := from.Addr().Unmap().WithZone("")
	if ip.Is4() || ip.IsLoopback() {
		return ip, true
	}
	site, err := ip.Prefix(64)
	return site.Masked().Addr(), err == nil
}
