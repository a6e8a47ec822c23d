package broker

import "github.com/tidegate/tidegate/mqtt"

// origin is a QoS 2 message of a session from PUBLISH to PUBCOMP.
type origin struct {
	stage originStage
	// waiting are those who have to hear of the end of the stage.
	waiting []mqtt.Settle
}

type originStage byte

const (
	originTaking    originStage = iota // on its way to the disk
	originHeld                         // PUBREC may leave
	originReleasing                    // PUBREL came, its removal is on its way to the disk
)

func (s *session) putOriginLocked(id uint16, o *origin) {
	if s.inbound == nil {
		s.inbound = map[uint16]*origin{}
	}
	s.inbound[id] = o
}

// repeated notes that a QoS 2 message arrived. true: it is known already and must not be delivered again
// [MQTT-4.3.3-10]; settle comes when the first one is on disk.
func (s *session) repeated(id uint16, settle mqtt.Settle) bool {
	s.mu.Lock()
	o, known := s.inbound[id]
	if !known {
		s.putOriginLocked(id, &origin{})
		s.mu.Unlock()
		return false
	}
	wait := o.stage == originTaking
	if wait {
		o.waiting = append(o.waiting, settle)
	}
	s.mu.Unlock()
	if !wait {
		settle(nil)
	}
	return true
}

// settleOrigin ends the taking over of a message: it is held, or was never there. Nothing happens for id 0.
func (s *session) settleOrigin(id uint16, err error) {
	if id == 0 {
		return
	}
	s.mu.Lock()
	o := s.inbound[id]
	if o == nil { // forgotten meanwhile
		s.mu.Unlock()
		return
	}
	waiting := o.waiting
	o.waiting = nil
	if err != nil {
		delete(s.inbound, id)
	} else if o.stage == originTaking {
		o.stage = originHeld
	}
	s.mu.Unlock()
	for _, settle := range waiting {
		settle(err)
	}
}

// release forgets a message after its PUBREL; done comes when that is on disk. false: the identifier is not known.
func (s *session) release(id uint16, done mqtt.Settle) bool {
	s.mu.Lock()
	o, known := s.inbound[id]
	switch {
	case !known:
		s.mu.Unlock()
		return false
	case !s.durable:
		delete(s.inbound, id)
		s.mu.Unlock()
		done(nil)
		return true
	case o.stage == originReleasing:
		o.waiting = append(o.waiting, done)
		s.mu.Unlock()
		return true
	}
	o.stage = originReleasing
	s.mu.Unlock()
	unit := &mqtt.Unit{Class: mqtt.Now, InboundRemove: mqtt.Origin{Session: s.id, PacketID: id}}
	s.broker.store.Commit(unit, func(err error) { s.released(id, o, err, done) })
	return true
}

// released ends an origin, unless it could not be removed from disk: then the identifier must stay known.
func (s *session) released(id uint16, o *origin, err error, done mqtt.Settle) {
	s.mu.Lock()
	waiting := o.waiting
	o.waiting = nil
	if err != nil {
		o.stage = originHeld
	} else if s.inbound[id] == o {
		delete(s.inbound, id)
	}
	s.mu.Unlock()
	done(err)
	for _, settle := range waiting {
		settle(err)
	}
}
