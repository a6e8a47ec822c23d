package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// errOutage is what the bridge of the demo sees while its link is cut.
var errOutage = errors.New("the link to the cloud is cut")

// link is the demo's way to its cloud: a dialer that can be cut for a while, as if somebody pulled the cable.
type link struct {
	dialer net.Dialer

	mu sync.Mutex // guards everything that follows
	// until is when the link comes back; the zero time means that it is whole.
	until time.Time
	conns map[*linkConn]struct{}
}

func newLink() *link {
	return &link{conns: map[*linkConn]struct{}{}}
}

// Dial is the bridge's dial function.
func (l *link) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if l.Outage() != nil {
		return nil, errOutage
	}
	conn, err := l.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	tracked := &linkConn{Conn: conn, link: l}
	l.mu.Lock()
	l.conns[tracked] = struct{}{}
	l.mu.Unlock()
	if l.Outage() != nil {
		return nil, errors.Join(errOutage, tracked.Close())
	}
	return tracked, nil
}

// Cut closes all connections and refuses new ones for a time; 0 mends the link.
func (l *link) Cut(duration time.Duration) {
	l.mu.Lock()
	l.until = time.Time{}
	if duration > 0 {
		l.until = time.Now().Add(duration)
	}
	open := make([]*linkConn, 0, len(l.conns))
	if duration > 0 {
		for conn := range l.conns {
			open = append(open, conn)
		}
	}
	l.mu.Unlock()
	for _, conn := range open {
		// The other end of a cut cable cannot be told anything; the error has no reader.
		_ = conn.Close()
	}
}

// Outage is when the link comes back, nil while it is whole.
func (l *link) Outage() *time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() || !time.Now().Before(l.until) {
		return nil
	}
	until := l.until
	return &until
}

// linkConn tells its link when it is closed.
type linkConn struct {
	net.Conn
	link *link
}

func (c *linkConn) Close() error {
	c.link.mu.Lock()
	delete(c.link.conns, c)
	c.link.mu.Unlock()
	return c.Conn.Close()
}
