package mqtt

import "time"

// NeverExpires is the session expiry interval of a session that is kept for ever (0xFFFFFFFF, MQTT 5, 3.1.2.11.2).
const NeverExpires = ^uint32(0)

// RetainHandling says which retained messages a new subscription gets (MQTT 5, 3.8.3.1).
type RetainHandling byte

// The three values of retain handling.
const (
	SendRetained      RetainHandling = 0
	SendRetainedIfNew RetainHandling = 1
	NoRetained        RetainHandling = 2
)

// Subscription is what a session asked for.
type Subscription struct {
	Filter            string
	QoS               QoS
	NoLocal           bool
	RetainAsPublished bool
	RetainHandling    RetainHandling
	// Identifier is 0 when the subscriber gave none (MQTT 5, 3.8.2.1.2).
	Identifier uint32
}

// Lane is one order of messages within a session. All sessions have the normal one; a bridge may have a second one, for
// what must not wait behind the rest.
type Lane byte

// The lanes.
const (
	NormalLane Lane = iota
	PriorityLane
	// ParkedLane has what the receiver refused for good: nobody is handed it out.
	ParkedLane
)

// Lanes is how many there are whose messages are handed out.
const Lanes = 2

// LaneSize is the number of packet identifiers of a lane: 1 to 32,000 are the normal one's, 32,001 to 64,000 those of the
// priority lane. The identifier of a delivery follows from its position, so that identifiers need no rows of their own and
// stay the same across restarts.
const LaneSize = 32000

// PacketID is the identifier of the delivery at this position of the lane. Two deliveries of one lane share an
// identifier only when their positions are a multiple of LaneSize apart; nothing is sent while an unfinished delivery
// is that far behind.
func (l Lane) PacketID(position uint64) uint16 {
	return uint16(uint64(l)*LaneSize + position%LaneSize + 1)
}

// DeliveryState is how far the other side is known to have taken a delivery.
type DeliveryState byte

// The states of a delivery. Only Received is written to disk as such.
const (
	// DeliveryNew was never sent, as far as we know.
	DeliveryNew DeliveryState = iota
	// DeliverySent was sent, perhaps: it goes out again with DUP [MQTT-3.3.1-1].
	DeliverySent
	// DeliveryReceived has been taken over at QoS 2 (PUBREC): only PUBREL may be sent [MQTT-4.3.3-6].
	DeliveryReceived
)

// SessionState is a session as it is kept on disk.
type SessionState struct {
	ID string
	// Expiry is the session expiry interval in seconds; NeverExpires is for ever.
	Expiry uint32
	// Disconnected is when the client went away; zero while it is connected.
	Disconnected time.Time
	// Username and Listener are those of the client that was here last, for access rules; see Client.
	Username string
	Listener string
	// Fresh is true until a bridge's session was used upstream for the first time; see Session.Fresh.
	Fresh         bool
	Subscriptions []Subscription
	// Inbound are the identifiers of QoS 2 messages that were taken over and not yet released.
	Inbound []uint16
	Will    *Will
	Lanes   []LaneState
	// Placing is the broker's own note of which topics go to which lane; empty for a session with one lane.
	Placing string
}

// LaneState counts what a lane of a session holds on disk.
type LaneState struct {
	Lane Lane
	// Next is the position that the next delivery gets; positions are never used twice.
	Next     uint64
	Messages int64
	Bytes    int64
	// NextExpiry is when the first of them expires; zero for never.
	NextExpiry time.Time
}

// Will is the message that is published when a client goes away without saying so (MQTT 5, 3.1.2.5).
type Will struct {
	Message Message
	// Delay is the will delay interval in seconds.
	Delay uint32
}
