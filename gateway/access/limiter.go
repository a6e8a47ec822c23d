package access

import (
	"net/netip"
	"sync"
	"time"
)

const (
	// attemptsPerMinute is how many attempts of one address are evaluated in any minute.
	attemptsPerMinute = 10
	// maxAddresses bounds the memory of the limiter; the address that was quiet longest is forgotten first.
	maxAddresses = 4096
)

// limiter counts attempts by address.
type limiter struct {
	mu       sync.Mutex // guards everything that follows
	attempts map[string][]time.Time
}

func newLimiter() *limiter { return &limiter{attempts: map[string][]time.Time{}} }

// open reports whether an attempt would be evaluated; it does not count.
func (l *limiter) open(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return address == localSocket || len(recentOf(l.attempts[network(address)], time.Now())) < attemptsPerMinute
}

// take counts an attempt; false means that it must not be evaluated. The unix socket has no address to count by, and only
// the owner of the gateway can open it.
func (l *limiter) take(address string) bool {
	if address == localSocket {
		return true
	}
	key, now := network(address), time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	recent := recentOf(l.attempts[key], now)
	if len(recent) >= attemptsPerMinute {
		l.attempts[key] = recent
		return false
	}
	if len(recent) == 0 && len(l.attempts) >= maxAddresses {
		l.forgetLocked(now)
	}
	l.attempts[key] = append(recent, now)
	return true
}

// giveBack takes the last attempt back: it was right.
func (l *limiter) giveBack(address string) {
	key := network(address)
	l.mu.Lock()
	defer l.mu.Unlock()
	if attempts := l.attempts[key]; len(attempts) > 1 {
		l.attempts[key] = attempts[:len(attempts)-1]
	} else {
		delete(l.attempts, key)
	}
}

// recentOf keeps what is younger than a minute.
func recentOf(attempts []time.Time, now time.Time) []time.Time {
	for i, at := range attempts {
		if now.Sub(at) < time.Minute {
			return attempts[i:]
		}
	}
	return nil
}

// forgetLocked makes room: for all that is over, at least for one.
func (l *limiter) forgetLocked(now time.Time) {
	var quiet string
	var last time.Time
	for key, attempts := range l.attempts {
		latest := attempts[len(attempts)-1]
		if now.Sub(latest) >= time.Minute {
			delete(l.attempts, key)
		} else if quiet == "" || latest.Before(last) {
			quiet, last = key, latest
		}
	}
	if len(l.attempts) >= maxAddresses {
		delete(l.attempts, quiet)
	}
}

// network is what counts as one address: of IPv6 the 64 bits that one household or site has.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() || ip.IsLoopback() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
