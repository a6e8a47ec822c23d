package mqtt

import (
	"context"
	"errors"
)

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
type Delivery interface { //nolint:interfacebloat // what a packet says, one fact each
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
	// Historical reports, for a session with a share for live data, that the message is none: it waited for a receiver, or
	// behind what did.
	Historical() bool
	// Received records a PUBREC. PUBREL may leave only in done(nil), when that is on disk.
	Received(done Settle)
	// Settle ends the delivery. nil: the receiver owns it and it is removed. An error: it is given up as refused by the
	// receiver (a PUBACK or PUBREC with a failure), removed and counted; a *Refusal is parked if the session does that. To keep it for a later attempt, do not settle:
	// it comes again at the next attach.
	Settle(err error)
}

// Session is a session of the broker whose client lives in this process: the drivers', a bridge's. It uses the same
// routing and the same queues as a network client, without a socket. It exists, and queues, from the moment it is
// opened, attached or not.
type Session interface { //nolint:interfacebloat // what a client can do; nobody implements half of it
	Publisher
	// Subscribe adds or replaces subscriptions and returns when they are on disk.
	Subscribe(ctx context.Context, subscriptions ...Subscription) error
	// Unsubscribe ends subscriptions and returns when that is on disk. What is queued stays queued.
	Unsubscribe(ctx context.Context, filters ...string) error
	// Subscriptions are those in force, sorted by filter.
	Subscriptions() []Subscription
	// Attach begins to receive, from the oldest unsettled delivery on. At most one link is attached: an earlier one ends.
	Attach() Link
	// Queue counts what is not settled.
	Queue() Queue
	// Fresh reports whether the session was never marked used: its packet identifiers mean nothing to any other side yet,
	// so a bridge has to connect with clean start. MarkUsed records the contrary and returns when it is on disk.
	Fresh() bool
	MarkUsed(ctx context.Context, peer string) error
	// Peer is what MarkUsed was told last: to another one packet identifiers mean nothing either. Empty when nobody said.
	Peer() string
	// ForgetInbound removes all QoS 2 origins of the session: the other side has lost its session.
	ForgetInbound(ctx context.Context) error
}

// Link is one attachment to a Session, for the time that an upstream connection lasts.
type Link interface {
	// Receive waits for the next delivery that was not yet handed out on this link. It ends with ctx, with ErrDetached
	// after Detach, and when another link took over. One goroutine may call it. With its first call the receiver counts as
	// there: what is queued from then on is live.
	Receive(ctx context.Context) (Delivery, error)
	// Detach ends the link. Unsettled deliveries come again on the next one.
	Detach()
}

// ErrUncertain in an outcome says that nobody knows whether the message was kept: a disk failed while it was written. The
// sender must not be told yes or no; it asks again by sending again.
var ErrUncertain = errors.New("nobody knows whether the message was kept")

// Refusal in Delivery.Settle says that the receiver refused the message for good, and that it should be kept for somebody to
// look at, where the session parks such messages; otherwise it is given up.
type Refusal struct{ Reason error }

// Error is the reason.
func (r *Refusal) Error() string { return r.Reason.Error() }

// Unwrap is the reason.
func (r *Refusal) Unwrap() error { return r.Reason }

// ErrDetached ends Link.Receive.
var ErrDetached = errors.New("the link to the session has ended")

// Queue counts the unsettled deliveries of a session.
type Queue struct {
	Messages int64
	Bytes    int64
	// Priority is how many of the messages are in the priority lane: the urgent ones, and with a share for live data these too.
	Priority int64
	// Parked counts what the receiver refused and the session keeps; it is not among Messages.
	Parked, ParkedBytes int64
	// Added counts what came in since the start, Done what its receiver took over.
	Added, Done QueueFlow
	// Dropped counts what a limit gave up since the start.
	Dropped uint64
	// Refused counts what the receiver refused with a reason code.
	Refused uint64
	// GivenUp counts both and the rest by reason.
	GivenUp Losses
}

// QueueFlow counts messages that pass one end of a queue.
type QueueFlow struct{ Messages, Bytes uint64 }

// Join adds what passed elsewhere.
func (f *QueueFlow) Join(other QueueFlow) {
	f.Messages += other.Messages
	f.Bytes += other.Bytes
}

// Add counts one message of this size.
func (f *QueueFlow) Add(size int) {
	f.Messages++
	f.Bytes += uint64(size)
}
