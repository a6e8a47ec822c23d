package broker

import (
	"errors"

	"github.com/tidegate/tidegate/mqtt"
)

// onItsWay is a topic with retained messages that are being stored.
type onItsWay struct {
	// stored is what the disk has, newest is the last of those on their way; nil for none.
	stored, newest *mqtt.Message
	count          int
}

// begin retains a message, or the removal of one, that is about to be stored; end has to be told what became of it.
func (r *retained) begin(m *mqtt.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.stored[m.Topic]
	if w == nil {
		if r.stored == nil {
			r.stored = map[string]*onItsWay{}
		}
		w = &onItsWay{stored: r.root.get(m.Topic)}
		r.stored[m.Topic] = w
	}
	w.count++
	w.newest = orNone(m)
	r.putLocked(m)
}

// end takes back what was refused, once nothing newer of its topic is on its way: what is retained is then what the disk
// has. Where nobody knows what the disk has, the newer one stays: its publisher has no answer and sends it again.
func (r *retained) end(m *mqtt.Message, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.stored[m.Topic]
	w.count--
	if err == nil || errors.Is(err, mqtt.ErrUncertain) {
		w.stored = orNone(m)
	}
	if w.count > 0 {
		return
	}
	delete(r.stored, m.Topic)
	switch {
	case w.stored == w.newest, r.root.get(m.Topic) != w.newest:
	case w.stored == nil:
		r.removeLocked(m.Topic)
	default:
		r.putLocked(w.stored)
	}
}

// orNone is nil for a message that removes the retained one of its topic [MQTT-3.3.1-6].
func orNone(m *mqtt.Message) *mqtt.Message {
	if len(m.Payload) == 0 {
		return nil
	}
	return m
}
