package line

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/tidegate/tidegate/gateway"
)

// Devices behind a mobile network have no address to call, so they call: a door is an address at which we listen for them.
// Several connections can share one; the device says who it is in its first bytes, or is known by where it calls from.
// A device that calls again has lost its former call, whether we noticed or not: the new one replaces it.
//
//	device ─ call ─▶ door ─ who is it ─▶ claim of a connection ─ the latest call ─▶ Open

// Doors are the addresses at which this process listens for devices. It is safe for concurrent use.
type Doors struct {
	running sync.WaitGroup
	ctx     context.Context
	end     context.CancelFunc

	mu   sync.Mutex // guards everything that follows
	open map[string]*door
}

// NewDoors makes doors, all closed. Close ends them.
func NewDoors() *Doors {
	d := &Doors{open: map[string]*door{}}
	d.ctx, d.end = context.WithCancel(context.Background())
	return d
}

// Close ends all calls and waits for that.
func (d *Doors) Close() error {
	d.end()
	d.running.Wait()
	return nil
}

// Open waits until ctx ends for the device of an incoming address, or takes the call that it has made before. The error is
// a gateway.Error of code Unavailable. A door stays open between the attempts to open it, and closes by itself when for
// some time nobody asked for it.
func (d *Doors) Open(ctx context.Context, a Address) (Line, error) {
	door, c, err := d.claim(ctx, a)
	if err != nil {
		return nil, err
	}
	select {
	case conn := <-c.calls:
		w, err := newWire(conn, nil)
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return &answered{wire: w, hangUp: func() { door.release(c) }}, nil
	case <-ctx.Done():
		door.release(c)
		return nil, gateway.Errorf(gateway.Unavailable, "%s: %w", door.missing(a), ctx.Err())
	case <-d.ctx.Done():
		return nil, gateway.Errorf(gateway.Unavailable, "the gateway stops listening at %s", a.Host)
	}
}

// claim opens the door if it is closed, and makes it know the caller.
func (d *Doors) claim(ctx context.Context, a Address) (*door, *claim, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return nil, nil, gateway.Errorf(gateway.Unavailable, "the gateway stops listening at %s", a.Host)
	}
	if here, is := d.open[a.Host]; is {
		if c, is := here.claim(a.Caller); is {
			return here, c, nil
		}
	}
	config := net.ListenConfig{KeepAliveConfig: keepAlive}
	listener, err := config.Listen(ctx, "tcp", a.Host)
	if err != nil {
		return nil, nil, gateway.Errorf(gateway.Unavailable,
			"cannot listen at %s: another program or listener may use the port: %w", a.Host, err)
	}
	opened := newDoor(listener.(*net.TCPListener))
	d.open[a.Host] = opened
	c, _ := opened.claim(a.Caller)
	d.running.Go(func() {
		opened.run(d.ctx)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.open[a.Host] == opened {
			delete(d.open, a.Host)
		}
	})
	return opened, c, nil
}

// answered is a call that a connection uses.
type answered struct {
	*wire
	hangUp func()
}

func (w *answered) Close() error {
	w.hangUp()
	return w.wire.Close()
}

// missing says why nobody is there, with what may help to find out who else was.
func (d *door) missing(a Address) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	who := "no device"
	if a.Caller.ID != "" {
		who = fmt.Sprintf("no device that says %q", a.Caller.ID)
	}
	if a.Caller.From.IsValid() {
		who += " from " + a.Caller.From.String()
	}
	text := fmt.Sprintf("%s has called %s yet", who, a.Host)
	if d.refused > 0 {
		text += fmt.Sprintf("; %d other calls were refused, the last %s", d.refused, d.lastRefused)
	}
	return text
}

// placeOf is where a call comes from, without a port.
func placeOf(conn net.Conn) netip.Addr {
	place, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return place.Addr().Unmap()
}
