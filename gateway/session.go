package gateway

// SessionSort is what sessions are sorted by.
type SessionSort string

// The orders; the client identifier decides where they are the same.
const (
	SortSessionsByID       SessionSort = "id"
	SortSessionsByQueue    SessionSort = "queue"
	SortSessionsBySince    SessionSort = "since"
	SortSessionsByReceived SessionSort = "received"
	SortSessionsBySent     SessionSort = "sent"
)

// SessionQuery chooses sessions of the broker.
type SessionQuery struct {
	// Search is a part of the client identifier, the user name or the address, in any case; empty chooses all.
	Search     string
	Sort       SessionSort
	Descending bool
	// Offset and Limit choose from those found.
	Offset, Limit int
}

// SessionPage is a part of the sessions that were found.
type SessionPage struct {
	// Total is how many were found.
	Total    int             `json:"total"`
	Sessions []SessionStatus `json:"sessions"`
}

// SessionDetail is one session with all that is known of it.
type SessionDetail struct {
	Session SessionStatus `json:"session"`
	// Subscriptions are the first 1,000 by filter.
	Subscriptions []SubscriptionStatus `json:"subscriptions"`
	// Will: there is one that is published when the client is lost.
	Will bool `json:"will"`
	// Listener took the connection.
	Listener string        `json:"listener,omitempty"`
	Limits   SessionLimits `json:"limits"`
	// GivenUp counts what it lost since the start by reason; reasons without any are left out.
	GivenUp []GivenUpCount `json:"givenUp"`
}

// SessionLimits bound what is sent to a client and what waits for it.
type SessionLimits struct {
	// ReceiveMaximum is how many messages are on their way at most, PacketSize how large a packet may be in bytes; 0 while
	// the client is away, and for no limit.
	ReceiveMaximum int `json:"receiveMaximum"`
	PacketSize     int `json:"packetSize"`
	// QueueMessages and QueueBytes bound the queue.
	QueueMessages int64 `json:"queueMessages"`
	QueueBytes    int64 `json:"queueBytes"`
}

// SubscriptionStatus is one subscription.
type SubscriptionStatus struct {
	Filter            string `json:"filter"`
	QoS               int    `json:"qos"`
	NoLocal           bool   `json:"noLocal"`
	RetainAsPublished bool   `json:"retainAsPublished"`
	// RetainHandling is when retained messages are sent: 0 always, 1 if the subscription is new, 2 never.
	RetainHandling int `json:"retainHandling"`
	// Identifier is 0 when the client gave none.
	Identifier uint32 `json:"identifier"`
}
