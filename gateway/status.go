package gateway

import "time"

// State of a connection or a bridge. There is no state that only a restart mends.
type State string

// The states. Each but Up carries a reason.
const (
	// StateStarting has not succeeded or failed yet.
	StateStarting State = "starting"
	StateUp       State = "up"
	// StateDegraded works in part: some devices of a connection do not answer.
	StateDegraded State = "degraded"
	// StateDown failed and is being retried.
	StateDown     State = "down"
	StateDisabled State = "disabled"
	// StateConnecting is a bridge that is being connected for the first time, or after a time without a wish to.
	StateConnecting State = "connecting"
	// StateStalled was connected, but the other broker acknowledged nothing any more; it is being connected again.
	StateStalled State = "stalled"
	// StateIdle is a bridge that is not connected because its settings say so: nothing to send, or not its time.
	StateIdle State = "idle"
	// StatePaused is a bridge that somebody stopped for now: it goes on queueing.
	StatePaused State = "paused"
)

// ConnectionStatus is how a wire is doing.
type ConnectionStatus struct {
	ID     string    `json:"id"`
	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
	// Polls, Failed and Dropped count since the start: polls done, polls without an answer, durable copies of readings
	// given up because the disk was slow.
	Polls   uint64 `json:"polls"`
	Failed  uint64 `json:"failed"`
	Dropped uint64 `json:"dropped"`
	// Damaged counts answers and telegrams since the start that came and could not be used: a wrong checksum, half a frame,
	// noise. It grows where a line is disturbed, also while each value comes with the second attempt.
	Damaged uint64 `json:"damaged"`
	// Load is the part of the wire's time that the polls take, as measured; above 1 the intervals cannot be kept.
	Load    float64        `json:"load"`
	Devices []DeviceStatus `json:"devices"`
	// Proxy is nil when the wire is not shared.
	Proxy *ProxyStatus `json:"proxy,omitempty"`
	// Wire is in the metrics only.
	Wire WireStatus `json:"-"`
}

// WireStatus counts since the start of the connection what it did on its wire.
type WireStatus struct {
	// Polling is how long polls took together, Busy how long the wire was used, also by writes and tests.
	Polling, Busy time.Duration
	// Silent polls had no answer in time, Refused ones had one without any value, Partial ones lacked some; Lost counts how
	// often the wire could not be opened or was gone.
	Silent, Refused, Partial, Lost uint64
}

// DeviceStatus is how a device is doing.
type DeviceStatus struct {
	ID     string    `json:"id"`
	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
	// LastMs is how long the last poll took, in milliseconds.
	LastMs float64 `json:"lastMs"`
	// TurnaroundMs is how long the device takes to answer as a rule, and TimeoutMs how long it has, both without the time on
	// the wire and in milliseconds; missing where the driver does not measure it.
	TurnaroundMs float64 `json:"turnaroundMs,omitempty"`
	TimeoutMs    float64 `json:"timeoutMs,omitempty"`
}

// BridgeStatus is how a bridge and its backlog are doing.
type BridgeStatus struct {
	ID     string    `json:"id"`
	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
	// Backlog is what waits for the other broker's acknowledgement.
	Backlog Backlog `json:"backlog"`
	// Forwarded counts messages acknowledged by the other broker since the start; Received those brought from there.
	Forwarded uint64 `json:"forwarded"`
	Received  uint64 `json:"received"`
	// Historical is how many of those forwarded were sent late, as historical, by a bridge with a share for live data.
	Historical uint64 `json:"historical"`
	// PossiblyTwice counts messages sent again because the other broker forgot its session.
	PossiblyTwice uint64 `json:"possiblyTwice"`
	// TakenOver counts messages that it had taken over (PUBREC) before it forgot its session: they are not sent again.
	TakenOver uint64 `json:"takenOver"`
	// Circles counts messages that were sent, came back and were sent again: routes of several bridges go round.
	Circles uint64 `json:"circles"`
	// CertificateEnds is the end of the gateway's own certificate for this bridge; nil without one.
	CertificateEnds *time.Time `json:"certificateEnds,omitempty"`
	// TokenEnds is the end of the token of the present connection; it is renewed before. nil without one.
	TokenEnds *time.Time `json:"tokenEnds,omitempty"`
	// Refused counts messages that the other broker refused with a reason code; those that are still there are parked.
	Refused uint64 `json:"refused"`
	// Server is the address that it is connected to, or tried last.
	Server string `json:"server,omitempty"`
	// Attempts counts attempts to connect since the last success.
	Attempts int `json:"attempts,omitempty"`
	// NextAttempt is when it is tried again; nil while connected.
	NextAttempt *time.Time `json:"nextAttempt,omitempty"`
	// EchoMs is how long the last echo probe took, in milliseconds; nil without one.
	EchoMs *float64 `json:"echoMs,omitempty"`
	// Connects counts connections that were made since the start; it is in the metrics only.
	Connects uint64 `json:"-"`
}

// QueueStatus is the size of a session's queue.
type QueueStatus struct {
	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
	// Dropped counts what a limit gave up since the start.
	Dropped uint64 `json:"dropped"`
}

// BrokerStatus counts what the broker did since the start.
type BrokerStatus struct {
	Clients       int    `json:"clients"`
	Sessions      int    `json:"sessions"`
	Subscriptions int    `json:"subscriptions"`
	Retained      int    `json:"retained"`
	Received      uint64 `json:"received"`
	Sent          uint64 `json:"sent"`
	Dropped       uint64 `json:"dropped"`
	// Rejected counts messages that were refused because a queue was full; their publishers know.
	Rejected uint64 `json:"rejected"`
	// GivenUp counts losses by reason; reasons without any are left out.
	GivenUp []GivenUpCount `json:"givenUp"`
	// Queued is what waits on disk for all sessions together.
	Queued int64 `json:"queued"`
}

// SessionStatus is one session of the broker, for the page.
type SessionStatus struct {
	ID        string `json:"id"`
	Connected bool   `json:"connected"`
	Address   string `json:"address,omitempty"`
	Username  string `json:"username,omitempty"`
	// Listener is the ID of the one that the client came through; empty for the gateway's own.
	Listener string `json:"listener,omitempty"`
	// Protocol is "3.1", "3.1.1", "5.0", or "internal" for the gateway's own.
	Protocol string    `json:"protocol"`
	Since    time.Time `json:"since"`
	Expiry   uint32    `json:"expiry"`
	// Subscriptions are the first 20 filters; SubscriptionCount is how many there are.
	Subscriptions     []string    `json:"subscriptions"`
	SubscriptionCount int         `json:"subscriptionCount"`
	Queue             QueueStatus `json:"queue"`
	Inflight          int         `json:"inflight"`
	Received          uint64      `json:"received"`
	Sent              uint64      `json:"sent"`
}

// StorageStatus is how the disk below the queue is doing.
type StorageStatus struct {
	// State is up; degraded when the disk is full, so that new messages are refused; or down when nothing can be written.
	// It mends by itself.
	State State `json:"state"`
	// Reason says what to do.
	Reason string    `json:"reason,omitempty"`
	Since  time.Time `json:"since"`
	// Durability is what a commit survives: full (power loss), normal (kill), memory (nothing).
	Durability string `json:"durability"`
	// FreeBytes of the file system; new messages leave FloorBytes of them.
	FreeBytes  int64 `json:"freeBytes"`
	FloorBytes int64 `json:"floorBytes"`
	// Damaged counts stored messages that were dropped since the start because they did not match their checksum.
	Damaged uint64 `json:"damaged"`
}

// Status is the whole gateway at one time.
type Status struct {
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	// TimeZone is that of the site: the one of the configuration, or that of the machine as long as none is chosen.
	TimeZone    string             `json:"timeZone"`
	Demo        bool               `json:"demo"`
	Storage     StorageStatus      `json:"storage"`
	Broker      BrokerStatus       `json:"broker"`
	Connections []ConnectionStatus `json:"connections"`
	Bridges     []BridgeStatus     `json:"bridges"`
	// Listeners are those of the configuration.
	Listeners []ListenerStatus `json:"listeners"`
	// Alarms are the problems of the gateway itself, the newest first.
	Alarms  []Alarm       `json:"alarms"`
	History HistoryStatus `json:"history"`
	// Readings counts readings taken from the wires since the start.
	Readings uint64 `json:"readings"`
	// Outage is when the demo's cut link comes back; nil when it is not cut.
	Outage *time.Time `json:"outage,omitempty"`
}
