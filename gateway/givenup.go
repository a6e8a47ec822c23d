package gateway

import "time"

// GivenUp is a line of the broker's audit: what a session lost for one reason on one topic, in a time without a quiet
// minute. It survives restarts.
type GivenUp struct {
	Session string `json:"session"`
	// Reason is one of mqtt.Reason's names.
	Reason string `json:"reason"`
	// Topic is empty for those beyond the first few topics, and where nobody knows it.
	Topic    string    `json:"topic,omitempty"`
	Messages uint64    `json:"messages"`
	Bytes    uint64    `json:"bytes"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
}

// GivenUpCount is how many messages were given up for a reason since the start, all sessions together.
type GivenUpCount struct {
	Reason   string `json:"reason"`
	Messages uint64 `json:"messages"`
}
