package mqtt

import (
	"sync/atomic"
	"time"
)

// Class is how soon a unit must be on disk.
type Class byte

// The two classes of work. A group of units starts at once when one is Now; Soon units ride with the next group or
// start one after the linger time.
const (
	Now Class = iota
	Soon
)

// Unit is one all-or-nothing change of what is stored for sessions. The broker makes it, the store commits units in
// the order in which it was given them. Fields that are empty change nothing. A unit is not changed after hand-over.
type Unit struct {
	Class Class

	// Message with its deliveries. MessageID comes from the broker, grows, and is unique in the life of the database.
	MessageID  uint64
	Message    *Message
	Deliveries []*Queued
	// Received and Finished change deliveries that were handed over before: PUBREC came, or they are over.
	Received []*Queued
	Finished []*Queued

	// InboundAdd and InboundRemove are QoS 2 origins taken over and released.
	InboundAdd    Origin
	InboundRemove Origin
	// InboundClear is a session whose origins are all forgotten.
	InboundClear string

	// Retained copies to replace; a message with an empty payload removes the copy of its topic [MQTT-3.3.1-6].
	Retained []*Message

	// Session is created, or updated in all but its lists (a session without Will loses its stored one); SessionReset empties
	// it first (subscriptions, deliveries, inbound identifiers). SessionRemove deletes it with all it has.
	Session       *SessionState
	SessionReset  bool
	SessionRemove string
	// Groups are queues of shared subscriptions that begin with this unit: sessions like any other for the store.
	Groups []*SessionState

	// Parked says why the one delivery of the unit is in the parked lane.
	Parked *ParkedNote

	// GivenUp goes into the audit together with the removal, by Finished or SessionRemove.
	GivenUp []GivenUp

	// Mark is remembered, and those before ForgetMarks are forgotten.
	Mark        *Mark
	ForgetMarks time.Time

	// Subscribe and Unsubscribe change the subscriptions of SubscriptionsOf.
	SubscriptionsOf string
	Subscribe       []Subscription
	Unsubscribe     []string
}

// ParkedNote is why and when a delivery was parked; At is wall time.
type ParkedNote struct {
	At     time.Time
	Reason string
}

// Parked is a delivery that its receiver refused for good.
type Parked struct {
	*Queued
	ParkedNote
}

// Queued is a delivery of a session with expiry as it is written: one small row that refers to the message.
type Queued struct {
	Session   string
	Lane      Lane
	Position  uint64
	MessageID uint64
	// Message is set while it is in memory; a unit that only finishes or receives a delivery does not need it.
	Message *Message
	QoS     QoS
	Retain  bool
	// Subscriptions are the identifiers of the matching subscriptions.
	Subscriptions []uint32
	State         DeliveryState
	// Size is Message.Size at the time of writing, for counters.
	Size int

	written atomic.Int32
}

const (
	writePending int32 = iota
	writeClaimed
	writeElided
)

// ClaimWrite is called by the store when it builds a group: true means that the row must be written; false means that
// the delivery was acknowledged before and needs no row (write elision). Repeated calls give the same answer.
func (q *Queued) ClaimWrite() bool {
	q.written.CompareAndSwap(writePending, writeClaimed)
	return q.written.Load() == writeClaimed
}

// Elide is called by the broker when a delivery is acknowledged: true means that no row was or will be written, so
// nothing has to be removed. A delivery at QoS 2 is never elided.
func (q *Queued) Elide() bool {
	if q.QoS == ExactlyOnce {
		return false
	}
	return q.written.CompareAndSwap(writePending, writeElided)
}

// MarkWritten is for deliveries that were read back from disk.
func (q *Queued) MarkWritten() { q.written.Store(writeClaimed) }

// Snapshot is what the broker needs to start: everything but the queued messages, which stay on disk.
type Snapshot struct {
	Sessions []SessionState
	Retained []*Message
	// Marks are the marks that were not forgotten, oldest first.
	Marks []Mark
	// NextMessageID is larger than every identifier in the database.
	NextMessageID uint64
	// Generation changes when the database is new or was restored: then packet identifiers of earlier generations
	// mean nothing, and bridges start clean once.
	Generation string
	// Taken is the wall time at which the snapshot was read.
	Taken time.Time
}
