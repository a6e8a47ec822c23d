package inflight

import (
	"fmt"
	"sync"

	"github.com/tidegate/tidegate/mqtt"
)

// Action is what has to be sent for a delivery that was added.
type Action byte

// The actions. A repetition has DUP set [MQTT-3.3.1-1]; once there was a PUBREC only PUBREL is repeated [MQTT-4.3.3-6].
const (
	SendPublish Action = iota
	SendPublishDup
	SendPubrel
)

// stage is what a delivery waits for.
type stage byte

const (
	awaitPuback stage = iota
	awaitPubrec
	recording // PUBREC came and is on its way to the disk
	awaitPubcomp
)

type sent struct {
	delivery mqtt.Delivery
	stage    stage
}

// Outbound is what was sent to the other side at QoS 1 and 2 and is not finished there.
type Outbound struct {
	wake func()

	mu     sync.Mutex // guards everything that follows
	window int
	open   map[uint16]sent
}

// NewOutbound makes an empty one. window is how many deliveries may be unfinished: the other side's receive maximum or
// less. wake, which may be nil, is called after the full window got room again, on any goroutine; it must not block.
func NewOutbound(window int, wake func()) *Outbound {
	if wake == nil {
		wake = func() {}
	}
	return &Outbound{wake: wake, window: window, open: map[uint16]sent{}}
}

// SetWindow changes the bound, as CONNACK says. What is open already stays.
func (o *Outbound) SetWindow(window int) {
	o.mu.Lock()
	woken := o.roomLocked() <= 0 && window > len(o.open)
	o.window = window
	o.mu.Unlock()
	if woken {
		o.wake()
	}
}

// Room is how many deliveries may be added now; 0 or less is none [MQTT-3.3.4-7] [MQTT-3.3.4-9].
func (o *Outbound) Room() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.roomLocked()
}

func (o *Outbound) roomLocked() int { return o.window - len(o.open) }

// Len is how many deliveries are unfinished.
func (o *Outbound) Len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.open)
}

// Add takes a delivery at QoS 1 or 2 and says what to send for it. The caller has looked for Room before and adds from
// one goroutine. It panics when the packet identifier is 0 or in use: identifiers come from positions, which rules that
// out.
func (o *Outbound) Add(d mqtt.Delivery) Action {
	action, next := plan(d)
	id := d.PacketID()
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, used := o.open[id]; used || id == 0 {
		panic(fmt.Sprintf("packet identifier %d is not free", id))
	}
	o.open[id] = sent{delivery: d, stage: next}
	return action
}

func plan(d mqtt.Delivery) (Action, stage) {
	next := awaitPubrec
	if d.QoS() < mqtt.ExactlyOnce {
		next = awaitPuback
	}
	switch d.State() {
	case mqtt.DeliveryReceived:
		return SendPubrel, awaitPubcomp
	case mqtt.DeliverySent:
		return SendPublishDup, next
	default:
		return SendPublish, next
	}
}

// Puback ends a delivery at QoS 1: a failure is the other side's refusal and goes to Settle. The error is
// mqtt.PacketIdentifierNotFound for an unknown identifier, which may be ignored, or mqtt.ProtocolError when the delivery
// is at QoS 2, which ends the connection.
func (o *Outbound) Puback(id uint16, code mqtt.ReasonCode) error {
	return o.finish(id, awaitPuback, code)
}

// Pubrec tells that the other side took a delivery at QoS 2 over, or refused it, which ends it [MQTT-4.4.0-2]. Otherwise
// release is called once that is recorded: with nil to send PUBREL, on the committer's goroutine, so it may only signal;
// with an error when it could not be recorded, which should end the connection so that the next one repeats it. A
// repeated PUBREC repeats the PUBREL. The error is mqtt.PacketIdentifierNotFound for an unknown identifier: answer PUBREL
// with this code, and at 3.1.1, which has none, PUBREL all the same; or mqtt.ProtocolError at QoS 1.
func (o *Outbound) Pubrec(id uint16, code mqtt.ReasonCode, release func(id uint16, err error)) error {
	if code.Failed() {
		return o.refused(id, code)
	}
	o.mu.Lock()
	s, known := o.open[id]
	if known && s.stage == awaitPubrec {
		o.open[id] = sent{delivery: s.delivery, stage: recording}
	}
	o.mu.Unlock()
	switch {
	case !known:
		return mqtt.PacketIdentifierNotFound
	case s.stage == awaitPuback:
		return mqtt.ProtocolError
	case s.stage == awaitPubrec:
		s.delivery.Received(func(err error) { o.recorded(id, err, release) })
	case s.stage == awaitPubcomp:
		release(id, nil)
	}
	return nil
}

// refused ends a delivery at QoS 2 whose PUBREC has a failure; of an unknown one nothing is left to say.
func (o *Outbound) refused(id uint16, code mqtt.ReasonCode) error {
	if err := o.finish(id, awaitPubrec, code); err != nil && err != mqtt.PacketIdentifierNotFound { //nolint:errorlint // our own constant
		return err
	}
	return nil
}

func (o *Outbound) recorded(id uint16, err error, release func(id uint16, err error)) {
	next := awaitPubcomp
	if err != nil {
		next = awaitPubrec
	}
	o.mu.Lock()
	if s, known := o.open[id]; known && s.stage == recording {
		o.open[id] = sent{delivery: s.delivery, stage: next}
	}
	o.mu.Unlock()
	release(id, err)
}

// Pubcomp ends a delivery at QoS 2, whatever its code: PacketIdentifierNotFound says that the other side forgot a
// message that it had taken over. The errors are those of Puback.
func (o *Outbound) Pubcomp(id uint16, _ mqtt.ReasonCode) error {
	return o.finish(id, awaitPubcomp, mqtt.Success)
}

// finish ends a delivery that waits for this packet.
func (o *Outbound) finish(id uint16, want stage, code mqtt.ReasonCode) error {
	o.mu.Lock()
	s, known := o.open[id]
	if !known || s.stage != want {
		o.mu.Unlock()
		if !known {
			return mqtt.PacketIdentifierNotFound
		}
		return mqtt.ProtocolError
	}
	full := o.roomLocked() <= 0
	delete(o.open, id)
	woken := full && o.roomLocked() > 0
	o.mu.Unlock()
	if code.Failed() {
		s.delivery.Settle(code)
	} else {
		s.delivery.Settle(nil)
	}
	if woken {
		o.wake()
	}
	return nil
}
