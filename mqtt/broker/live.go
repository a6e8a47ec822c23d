package broker

import (
	"context"

	"github.com/tidegate/tidegate/mqtt"
)

// liveStream is what a session with a share for live data has: what comes while its receiver is there goes to the priority
// lane, everything else to the normal one. Each lane keeps its order; what is new overtakes what is old, on purpose.
type liveStream struct {
	// share is how many of a hundred messages are live ones while both wait; 0 is none. It is that of the options.
	share int
	// used: the priority lane may have live messages. It is stored.
	used bool
	// ended are the positions at which the two became one again: the normal lane waits there until the priority lane has sent
	// what was live. Stored too.
	ended [mqtt.Lanes]uint64
	// since is the position from which on the priority lane has what came while the present receiver was there.
	since uint64
}

// begin notes that the receiver is there.
func (s *session) beginReceivingLocked(l *link) {
	if l.receiving {
		return
	}
	l.receiving = true
	if s.two != nil {
		s.two.live.since = s.two.priority.next
	}
}

// isLiveLocked reports whether what comes now is live. When more comes than the share takes, the rest is backlog: what is live
// has to be current, so it is no more than fits into memory.
func (s *session) isLiveLocked() bool {
	return s.two.live.share > 0 && s.link != nil && s.link.receiving && !s.two.priority.spilled
}

// isHistoricalLocked reports whether a delivery that is handed out now had to wait for the receiver, or behind what had to.
func (s *session) isHistoricalLocked(d *delivery) bool {
	return s.two.live.share > 0 && (d.row.Lane == mqtt.NormalLane || d.row.Position < s.two.live.since)
}

// sharesLocked are how many messages of either lane are sent in turn while both wait.
func (s *session) sharesLocked() (priority, normal int) {
	if share := s.two.live.share; share > 0 {
		return share, 100 - share
	}
	return mostFavours, 1
}

// setLive begins or ends a share for live data, or changes it; it returns when that is on disk.
func (b *Broker) setLive(ctx context.Context, s *session, share int) error {
	b.order.Lock() // nothing gets its place meanwhile
	s.mu.Lock()
	if !s.durable || s.two == nil && share == 0 {
		s.mu.Unlock()
		b.order.Unlock()
		return nil
	}
	if s.two == nil {
		s.two = newTwo(b.nextMessageID)
		s.two.placing.setRules(b.parseRules(""))
	}
	done := make(chan error, 1)
	if unit := s.changeLiveLocked(share); unit != nil {
		s.mu.Unlock()
		b.store.Commit(unit, func(err error) {
			s.liveChanged(share, err)
			done <- err
		})
	} else {
		s.mu.Unlock()
		done <- nil
	}
	b.order.Unlock()
	s.wakeLink()
	return wait(ctx, done, "set the share for live data")
}

// changeLiveLocked changes the share; unit has what must be on disk, nil for nothing. A share begins when it is: after a crash
// a lane with live messages is known as such. It ends at once, behind what was live.
func (s *session) changeLiveLocked(share int) (unit *mqtt.Unit) {
	live := &s.two.live
	if live.used == (share > 0) {
		live.share = share
		return nil
	}
	live.used, live.ended = share > 0, [mqtt.Lanes]uint64{}
	if share == 0 {
		live.share, live.ended = 0, [mqtt.Lanes]uint64{s.lane.next, s.two.priority.next}
	}
	return &mqtt.Unit{Class: mqtt.Now, Session: s.stateLocked()}
}

// liveChanged is told whether a change is on disk.
func (s *session) liveChanged(share int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.two == nil:
	case err == nil:
		s.two.live.share = share
	case share > 0:
		s.two.live.used = false
	default:
		s.two.placing.unsaved = true
	}
}
