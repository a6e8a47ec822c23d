package line

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	// doorLinger is how long a door stays open for nobody: longer than the pause between two attempts of a connection.
	doorLinger = 2 * time.Minute
	// doorCheck is how often a door looks whether it is still wanted.
	doorCheck = time.Second
	// acceptPause keeps an accept that fails from failing in a circle.
	acceptPause = 100 * time.Millisecond
	// idLimit is how long a device has to say who it is.
	idLimit = 5 * time.Second
	// maxStrangers bounds the calls whose device is not known yet.
	maxStrangers = 32
)

// door is one address at which we listen.
type door struct {
	listener *net.TCPListener

	mu      sync.Mutex // guards everything that follows
	closed  bool
	claims  map[Caller]*claim
	refused int
	// lastRefused is who was refused last, for people.
	lastRefused string
}

// claim is what a connection wants of a door.
type claim struct {
	caller Caller
	// calls has the latest call, which nobody has taken yet.
	calls chan *net.TCPConn
	// latest is the latest call, taken or not.
	latest *net.TCPConn
	// users are those who wait or have a call; without any the claim ends some time after left.
	users int
	left  time.Time
}

func newDoor(listener *net.TCPListener) *door {
	return &door{listener: listener, claims: map[Caller]*claim{}}
}

// claim finds or makes the claim of a caller; false when the door is closed.
func (d *door) claim(caller Caller) (*claim, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, false
	}
	c, known := d.claims[caller]
	if !known {
		c = &claim{caller: caller, calls: make(chan *net.TCPConn, 1)}
		d.claims[caller] = c
	}
	c.users++
	return c, true
}

func (d *door) release(c *claim) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c.users--
	c.left = time.Now()
}

// run accepts until ctx ends or nobody wants the door any more.
func (d *door) run(ctx context.Context) {
	defer context.AfterFunc(ctx, func() { _ = d.listener.Close() })()
	var strangers sync.WaitGroup
	defer strangers.Wait()
	defer d.shut()
	room := make(chan struct{}, maxStrangers)
	for ctx.Err() == nil && d.wanted(time.Now()) {
		_ = d.listener.SetDeadline(time.Now().Add(doorCheck))
		conn, err := d.listener.AcceptTCP()
		if err != nil {
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				rest(ctx, acceptPause)
			}
			continue
		}
		select {
		case room <- struct{}{}:
			strangers.Go(func() {
				defer func() { <-room }()
				d.welcome(ctx, conn)
			})
		default:
			d.refuse(conn, "which was one too many at once")
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// wanted drops the claims of connections that are gone, and closes the door when none is left.
func (d *door) wanted(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for caller, c := range d.claims {
		if c.users <= 0 && now.Sub(c.left) > doorLinger {
			c.drop()
			delete(d.claims, caller)
		}
	}
	d.closed = len(d.claims) == 0
	return !d.closed
}

// shut ends all calls, those in use too.
func (d *door) shut() {
	_ = d.listener.Close()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, c := range d.claims {
		c.drop()
	}
}

func (c *claim) drop() {
	if c.latest != nil {
		_ = c.latest.Close()
		c.latest = nil
	}
	select {
	case <-c.calls:
	default:
	}
}

// welcome finds out whose call it is and hands it over.
func (d *door) welcome(ctx context.Context, conn *net.TCPConn) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	said := d.listen(conn)
	if !stop() {
		return
	}
	d.mu.Lock()
	c := d.match(conn, said, true)
	if c == nil || d.closed || conn.SetReadDeadline(time.Time{}) != nil {
		d.mu.Unlock()
		d.refuse(conn, fmt.Sprintf("that said %q", said))
		return
	}
	c.drop()
	c.latest = conn
	c.calls <- conn
	d.mu.Unlock()
}

func (d *door) refuse(conn *net.TCPConn, how string) {
	d.mu.Lock()
	d.refused++
	d.lastRefused = fmt.Sprintf("from %s %s", placeOf(conn), how)
	d.mu.Unlock()
	_ = conn.Close()
}

// listen reads until it is clear who calls: at once when nobody that may call from there has to say anything.
func (d *door) listen(conn *net.TCPConn) string {
	said := make([]byte, 0, maxCallerID)
	_ = conn.SetReadDeadline(time.Now().Add(idLimit))
	for len(said) < maxCallerID && d.undecided(conn, string(said)) {
		n, err := conn.Read(said[len(said):cap(said)])
		said = said[:len(said)+n]
		if err != nil {
			break
		}
	}
	return string(said)
}

// undecided reports whether what was said can still become the id of somebody, and is none yet.
func (d *door) undecided(conn net.Conn, said string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.match(conn, said, false) != nil {
		return false
	}
	for _, c := range d.claims {
		if c.caller.ID != "" && c.mayCallFrom(conn) && strings.HasPrefix(c.caller.ID, said) {
			return true
		}
	}
	return false
}

// match finds the claim for a call: by the longest id; with all, else by the narrowest network it comes from. The caller
// holds the lock.
func (d *door) match(conn net.Conn, said string, all bool) *claim {
	var best *claim
	for _, c := range d.claims {
		fits := c.mayCallFrom(conn) && strings.HasPrefix(said, c.caller.ID) && (all || c.caller.ID != "")
		if fits && (best == nil || c.caller.narrower(best.caller)) {
			best = c
		}
	}
	return best
}

func (c *claim) mayCallFrom(conn net.Conn) bool {
	return !c.caller.From.IsValid() || c.caller.From.Contains(placeOf(conn))
}

// narrower reports whether c says more about who may call than other.
func (c Caller) narrower(other Caller) bool {
	if len(c.ID) != len(other.ID) {
		return len(c.ID) > len(other.ID)
	}
	return c.From.IsValid() && (!other.From.IsValid() || c.From.Bits() > other.From.Bits())
}
