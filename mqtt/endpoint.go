package mqtt

import "context"

// Settle is called exactly once with the outcome of a hand-over: nil means that the receiver owns it. It comes on
// somebody else's goroutine, may only set state or signal, and never blocks.
type Settle func(error)

// Origin identifies a QoS 2 message by the session that sent it and its packet identifier. It is stored in the same
// commit as the message, so that a repetition is recognised after any crash. The zero value means none.
type Origin struct {
	Session  string
	PacketID uint16
}

// IsZero reports whether there is no QoS 2 origin.
func (o Origin) IsZero() bool { return o == Origin{} }

// Publisher takes messages over.
type Publisher interface {
	// Publish returns when the message has its place in the order; it may wait for the disk, bounded by ctx, and then
	// returns an error without having called settle. After nil, settle is called exactly once. A message whose origin
	// is already known is settled with nil and not delivered again.
	Publish(ctx context.Context, m *Message, from Origin, settle Settle) error
	// Release ends a QoS 2 origin (its PUBREL): done(nil) comes when it is forgotten on disk; only then may PUBCOMP
	// leave.
	Release(from Origin, done Settle)
}

// Delivery is one message for one receiver, who has to settle it.
type Delivery interface {
	// Message is shared by all receivers and must not be changed.
	Message() *Message
	// QoS is the quality of this delivery: the lower of message and subscription.
	QoS() QoS
	// Retain is the retain flag that this receiver gets.
	Retain() bool
	// Subscriptions are the identifiers of the matching subscriptions (MQTT 5, 3.3.2.3.8).
	Subscriptions() []uint32
	// PacketID is 0 at QoS 0. It stays the same until the delivery is settled, also across restarts.
	PacketID() uint16
	// State says what the other side may already have: see DeliveryState.
	State() DeliveryState
	// Received records a PUBREC. PUBREL may leave only in done(nil), when that is on disk.
	Received(done Settle)
	// Settle ends the delivery. nil: the receiver owns it and it is removed. An error: it is given up as refused by the
	// receiver (a PUBACK or PUBREC with a failure), removed and counted. To keep it for a later attempt, do not settle:
	// it comes again at the next attach.
	Settle(err error)
}
