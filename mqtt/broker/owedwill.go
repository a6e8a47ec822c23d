package broker

import (
	"context"
	"errors"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// owedWill is a will that was due when nothing could be stored. It stays on disk with its session until it is published,
// so a restart does not lose it either.
type owedWill struct {
	session *session
	message *mqtt.Message
}

// owedPause is how long a will waits for room before it is tried again.
const owedPause = 2 * time.Second

// isForNow reports whether a failure may be over later.
func isForNow(err error) bool {
	return errors.Is(err, mqtt.QuotaExceeded) || errors.Is(err, mqtt.ErrUncertain)
}

// oweWill keeps a will for later; false when too many wait already.
func (b *Broker) oweWill(s *session, m *mqtt.Message) bool {
	b.mu.Lock()
	room := len(b.owedWills) < b.limits.Sessions
	if room {
		b.owedWills = append(b.owedWills, owedWill{s, m})
	}
	b.mu.Unlock()
	if room {
		b.alarms.set(b.now().Add(owedPause), s)
	}
	return room
}

// sendOwedWills tries all that wait, each once.
func (b *Broker) sendOwedWills(ctx context.Context) {
	b.mu.Lock()
	owed := b.owedWills
	b.owedWills = nil
	b.mu.Unlock()
	for _, w := range owed {
		b.sendOwedWill(ctx, w)
	}
}

func (b *Broker) sendOwedWill(ctx context.Context, w owedWill) {
	defer b.turns.take(w.session.id)()
	b.placeWill(ctx, w.session, w.message, b.unitAfterWill(w.session))
}

// unitAfterWill is what becomes of the session in the commit of its will: the client may be back by now.
func (b *Broker) unitAfterWill(s *session) *mqtt.Unit {
	unit := &mqtt.Unit{Class: mqtt.Now}
	current := b.lookup(s.id)
	switch {
	case !s.isStored():
	case current == nil, !current.isStored():
		unit.SessionRemove = s.id
	case current == s:
		s.mu.Lock()
		unit.Session = s.stateLocked()
		s.mu.Unlock()
	}
	return unit
}
