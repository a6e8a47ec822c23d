package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// errDone is the end of a connection that is not wanted any more.
var errDone = errors.New("the bridge is done for now")

// errReturn is the end of a connection to the backup, since the first broker is there again.
var errReturn = errors.New("the first broker is there again")

const (
	// look is how often it is looked whether the bridge should be connected.
	look               = time.Second
	defaultIdleAfter   = 30 * time.Second
	defaultReturnAfter = 10 * time.Minute
)

// awaitStart waits until the settings want a connection; Flush wants one too, until nothing waits any more.
func (b *Bridge) awaitStart(ctx context.Context, backoff *gateway.Backoff) {
	for ctx.Err() == nil {
		wanted, reason := b.wanted(time.Now())
		if wanted {
			return
		}
		if err := b.SubscribeLocally(ctx); err != nil {
			b.down(err)
			b.pause(ctx, backoff.Next())
			continue
		}
		b.status.set(gateway.StateIdle, reason)
		if b.pause(ctx, look) {
			b.forced = true
		}
	}
}

// wanted reports whether the settings want a connection now, or why not.
func (b *Bridge) wanted(now time.Time) (wanted bool, reason string) {
	switch {
	case b.forced:
	case b.config.Link.Start == gateway.StartOnDemand:
		return b.session.Queue().Messages > 0, "connects when there is something to send"
	case b.config.Link.Start == gateway.StartSchedule:
		open, change := b.config.Link.Open(b.atSite(now))
		return open, "connects at " + change.Format("Mon 15:04") + ", as its schedule says"
	}
	return true, ""
}

// atSite is a time in the zone of the schedule.
func (b *Bridge) atSite(now time.Time) time.Time {
	if b.options.Zone == nil {
		return now.Local()
	}
	return now.In(b.options.Zone())
}

// supervise ends a connection that is not wanted any more.
func (u *upstream) supervise(ctx context.Context) error {
	b := u.bridge
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	connected, busy := time.Now(), time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			if b.session.Queue().Messages > 0 || u.client.Unfinished() > 0 {
				busy = now
			}
			if u.isOver(now, busy) {
				return errDone
			}
			if b.chosen > 0 && now.Sub(connected) >= cmp.Or(time.Duration(b.config.Link.ReturnAfter), defaultReturnAfter) {
				connected = now
				if b.firstIsBack(ctx) {
					return errReturn
				}
			}
		}
	}
}

// isOver: it was connected on demand, or out of hours, and nothing waits any more.
func (u *upstream) isOver(now, busy time.Time) bool {
	link := &u.bridge.config.Link
	idle := now.Sub(busy) >= cmp.Or(time.Duration(link.IdleAfter), defaultIdleAfter)
	switch link.Start {
	case gateway.StartOnDemand:
		return idle
	case gateway.StartSchedule:
		open, _ := link.Open(u.bridge.atSite(now))
		return !open && (idle || !u.bridge.forced)
	default:
		return false
	}
}

// firstIsBack reports whether the first broker takes connections.
func (b *Bridge) firstIsBack(ctx context.Context) bool {
	dial, err := b.dialer()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(b.options.Timeout, defaultTimeout))
	defer cancel()
	address, err := hostPort(b.config.URL)
	if err != nil {
		return false
	}
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close() // it was only asked
	return true
}

// idleReason is for the log.
func idleReason(err error) string { return fmt.Sprintf("disconnected: %v", err) }
