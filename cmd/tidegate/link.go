package main

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// errOutage is what the bridge of the demo sees while its link is cut.
var errOutage = errors.New("the link to the cloud is cut")

// link is the demo's way to its cloud: a dialer that can be cut for a while, as if somebody pulled the cable.
type link struct {
	dialer net.Dialer
	// file keeps the end of an outage over a restart: a pulled cable stays pulled.
	file string

	mu sync.Mutex // guards everything that follows
	// until is when the link comes back; the zero time means that it is whole.
	until time.Time
	conns map[*linkConn]struct{}
}

func newLink(file string) *link {
	l := &link{file: file, conns: map[*linkConn]struct{}{}}
	// Without the file, or with a damaged one, the link is whole.
	if text, err := os.ReadFile(file); err == nil {
		_ = l.until.UnmarshalText(text)
	}
	return l
}

// Dial is the bridge's dial function.
func (l *link) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if l.Until() != nil {
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
	if l.Until() != nil {
		return nil, errors.Join(errOutage, tracked.Close())
	}
	return tracked, nil
}

// Cut closes all connections and refuses new ones for a time; 0 mends the link.
func (l *link) Cut(duration time.Duration) error {
	l.mu.Lock()
	l.until = time.Time{}
	if duration > 0 {
		l.until = time.Now().Add(duration)
	}
	until := l.until
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
	if duration <= 0 {
		return os.RemoveAll(l.file)
	}
	return os.WriteFile(l.file, []byte(until.Format(time.RFC3339Nano)), 0o600)
}

// maxOutage bounds what may be asked for.
const maxOutage = 24 * time.Hour

// Outage is the demo's button: it cuts or mends the link.
func (l *link) Outage(_ context.Context, duration time.Duration) error {
	if duration < 0 || duration > maxOutage {
		return gateway.FieldErrorf("seconds", "%s is not between 0s and %s", duration, maxOutage)
	}
	return l.Cut(duration)
}

// Until is when the link comes back, nil while it is whole.
func (l *link) Until() *time.Time {
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
