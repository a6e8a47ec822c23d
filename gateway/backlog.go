package gateway

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// Backlog is what waits for the other broker's acknowledgement, and how that goes on.
type Backlog struct {
	Messages int64 `json:"messages"`
	// Bytes are topics, payloads and properties.
	Bytes int64 `json:"bytes"`
	// Urgent is how many of the messages are sent first: those of routes of priority 5 and more.
	Urgent int64 `json:"urgent"`
	// Live is how many of the messages are live data, to which a share belongs; urgent ones are among them. The others are sent
	// as historical. Nil without a share.
	Live *int64 `json:"live,omitempty"`
	// Parked counts what the other broker refused for good and is kept for somebody to look at; it is not among Messages.
	Parked int64 `json:"parked"`
	// Oldest is when the oldest of them came, perhaps a hundredth of its age earlier; nil when nothing waits or nobody
	// knows.
	Oldest *time.Time `json:"oldest,omitempty"`
	// In is what is queued, Out what the other broker acknowledged: means of the last half minute.
	In  Rate `json:"in"`
	Out Rate `json:"out"`
	// DrainSeconds is how long it takes at these rates until nothing waits; nil when it does not become less.
	DrainSeconds *float64 `json:"drainSeconds,omitempty"`
	// Limit is how long an outage may last.
	Limit BacklogLimit `json:"limit"`
	// Dropped counts what a limit gave up since the start.
	Dropped uint64 `json:"dropped"`
	// GivenUp counts all losses since the start by reason; reasons without any are left out.
	GivenUp []GivenUpCount `json:"givenUp"`
}

// BacklogLimit is which bound of a backlog is the nearest one, and when it is reached.
type BacklogLimit struct {
	// By is the nearest bound: bytes, messages, age or disk; empty while nobody knows how much comes in.
	By string `json:"by,omitempty" enum:"bytes,messages,age,disk"`
	// Used is how much of the fullest bound is used: 0 to 1, above when it just gives something up.
	Used float64 `json:"used"`
	// LastsSeconds is when the nearest bound is reached if the other broker takes nothing from now on, WholeSeconds how
	// long an outage may last that begins with nothing waiting. Both are for the rate of the last hour; nil when nothing
	// comes in.
	LastsSeconds *float64 `json:"lastsSeconds,omitempty"`
	WholeSeconds *float64 `json:"wholeSeconds,omitempty"`
	// MaxBytes and MaxMessages are the bounds in force.
	MaxBytes    int64 `json:"maxBytes"`
	MaxMessages int64 `json:"maxMessages"`
	// MaxAgeSeconds is how long a message waits at most.
	MaxAgeSeconds float64 `json:"maxAgeSeconds"`
	// Held: the disk has less free than it shall have, so the backlog does not grow.
	Held bool `json:"held,omitempty"`
}

// Rate is a flow of messages, per second.
type Rate struct {
	Messages float64 `json:"messages"`
	Bytes    float64 `json:"bytes"`
}

// BacklogSample is the backlog at the end of an interval, and what happened in it.
type BacklogSample struct {
	At       time.Time `json:"at"`
	Messages int64     `json:"messages"`
	Bytes    int64     `json:"bytes"`
	// In and Out are means over the interval, per second.
	In  Rate `json:"in"`
	Out Rate `json:"out"`
	// GivenUp counts losses of the interval.
	GivenUp uint64 `json:"givenUp"`
	// Up: the bridge was connected at the end of the interval.
	Up bool `json:"up"`
}

// BacklogCourse is how a backlog became what it is.
type BacklogCourse struct {
	Backlog Backlog `json:"backlog"`
	// IntervalSeconds is the distance of two samples.
	IntervalSeconds float64 `json:"intervalSeconds"`
	// Samples are oldest first, at most 800. They begin with the start of the gateway at the earliest.
	Samples []BacklogSample `json:"samples"`
}

// Purged is what became of a purge.
type Purged struct {
	// Removed messages are lost for the other broker.
	Removed int64 `json:"removed"`
	// Left still wait: they were in flight, or came meanwhile.
	Left int64 `json:"left"`
}

// Export is a backlog on its way out, as JSON lines.
type Export interface {
	// Name proposes the name of a file.
	Name() string
	// Write writes what is on disk, oldest first (of a backlog the urgent and live ones, then the others), a line for each
	// message, in memory that does not depend on its length. What is acknowledged or queued meanwhile may be missing.
	Write(w io.Writer) error
	Close() error
}

// ExportedMessage is one line of an export.
type ExportedMessage struct {
	// Position orders the messages of the bridge: first all that are urgent, then the others.
	Position uint64 `json:"position"`
	// Urgent messages are sent first: those of urgent routes, and live data that has a share.
	Urgent bool   `json:"urgent,omitempty"`
	Topic  string `json:"topic"`
	QoS    int    `json:"qos"`
	Retain bool   `json:"retain,omitempty"`
	// Payload is text where it is UTF-8; else PayloadBase64 has it.
	Payload       *string `json:"payload,omitempty"`
	PayloadBase64 []byte  `json:"payloadBase64,omitempty"`
	// Expires is when the message may be forgotten; nil for never.
	Expires    *time.Time           `json:"expires,omitempty"`
	Properties *ExportedProperties  `json:"properties,omitempty"`
	User       []ExportedUserString `json:"userProperties,omitempty"`
	// InFlight: the other broker has it perhaps.
	InFlight bool `json:"inFlight,omitempty"`
	// Damaged: nothing but the position is known any more.
	Damaged bool `json:"damaged,omitempty"`
}

// ExportedProperties are those of MQTT 5.
type ExportedProperties struct {
	PayloadFormat   *int   `json:"payloadFormat,omitempty"`
	ContentType     string `json:"contentType,omitempty"`
	ResponseTopic   string `json:"responseTopic,omitempty"`
	CorrelationData []byte `json:"correlationData,omitempty"`
}

// ExportedUserString is a user property.
type ExportedUserString struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Backlogs is what may be done with what bridges have queued. A bridge that is not there is NotFound.
type Backlogs interface {
	// Course is the backlog with its samples since a time; the zero time means since it last was empty, an hour at least.
	Course(id string, since time.Time) (BacklogCourse, error)
	// SetPaused stops or resumes a bridge, as a new revision of the configuration.
	SetPaused(ctx context.Context, id string, paused bool, author string) error
	// SetPace caps it, as a new revision of the configuration.
	SetPace(ctx context.Context, id string, pace BridgePace, author string) error
	// Flush has a bridge try now what it waits for. A paused or disabled one is Conflict.
	Flush(id string) error
	// Purge throws away what waits, but for what is in flight. name must be the name or id of the bridge, else Invalid.
	Purge(ctx context.Context, id, name, author string) (Purged, error)
	// Export opens the backlog for reading; the caller closes it.
	Export(ctx context.Context, id string) (Export, error)
}

// The bounds of what a bridge parks; beyond them the oldest is given up.
const (
	ParkedMessages = 1000
	ParkedBytes    = 16 << 20
)

// ParkedMessage is one that the other broker refused for good, or that breaks a rule of its kind of cloud.
type ParkedMessage struct {
	// Position names the message and orders it among the others.
	Position uint64 `json:"position"`
	// At is when it was refused.
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	Topic  string    `json:"topic"`
	QoS    int       `json:"qos"`
	// Bytes are topic, payload and properties.
	Bytes int `json:"bytes"`
	// Payload is text where it is UTF-8; else PayloadBase64 has it.
	Payload       *string `json:"payload,omitempty"`
	PayloadBase64 []byte  `json:"payloadBase64,omitempty"`
}

// ParkedOrder names parked messages.
type ParkedOrder struct {
	// Positions of the messages; nil are all.
	Positions []uint64 `json:"positions,omitempty" doc:"Positions of the messages; left out: all of them"`
}

// ParkedDone is what became of an order.
type ParkedDone struct {
	Messages int64 `json:"messages"`
}

// Parking is what may be done with messages that the other broker refused. A bridge that is not there is NotFound.
type Parking interface {
	// Parked are the oldest at positions from this one on, at most 100.
	Parked(ctx context.Context, id string, from uint64) ([]ParkedMessage, error)
	// ExportParked opens all of them for reading, a ParkedMessage in a line; the caller closes it.
	ExportParked(ctx context.Context, id string) (Export, error)
	// SendParked queues them again, behind what waits.
	SendParked(ctx context.Context, id string, order ParkedOrder, author string) (ParkedDone, error)
	// DiscardParked throws them away.
	DiscardParked(ctx context.Context, id string, order ParkedOrder, author string) (ParkedDone, error)
}

// BridgeState is what is published about a bridge, retained.
type BridgeState struct {
	State  State  `json:"state"`
	Reason string `json:"reason"`
	Since  string `json:"since"`
}

// BridgeStateTopic is where the state of a bridge is published, retained. No wildcard of a route takes it along.
func BridgeStateTopic(bridgeID string) string { return "$SYS/tidegate/bridges/" + bridgeID + "/state" }

// Published is the part of the status that is published.
func (s *BridgeStatus) Published() BridgeState {
	return BridgeState{s.State, s.Reason, s.Since.UTC().Format(timeLayout)}
}

// Message is the retained message about the state, at QoS 0: it is for who looks now. After a restart it says that the
// bridge is starting until somebody knows better.
func (s BridgeState) Message(bridgeID string) *mqtt.Message {
	restarted := s
	restarted.State, restarted.Reason = StateStarting, "the gateway was restarted"
	return &mqtt.Message{
		Topic: BridgeStateTopic(bridgeID), Payload: s.text(), Retain: true, AfterRestart: restarted.text(),
	}
}

func (s BridgeState) text() []byte {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // three texts
	}
	return data
}
