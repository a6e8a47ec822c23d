package gateway

import (
	"context"
	"time"
)

// How many bytes of a payload are shown: of a message that is looked at, and of one that passes by.
const (
	MaxShownPayload  = 64 << 10
	MaxPassedPayload = 4 << 10
)

// Messages shows what the broker retains and passes on, and publishes.
type Messages interface {
	// Levels gives a page of the levels of retained topics below a prefix. It does not wait.
	Levels(q LevelQuery) LevelPage
	// Retained is the message that is retained of a topic; NotFound when there is none.
	Retained(topic string) (BrokerMessage, error)
	// Follow watches the messages that match a filter, from now on; the caller closes the watch. Invalid: the filter does
	// not do; Unavailable: too many watch already.
	Follow(ctx context.Context, filter string) (MessageWatch, error)
	// Publish returns when the message is on disk where somebody needs it there. With Retain and without a payload it
	// removes what is retained of the topic. Invalid: the topic does not do.
	Publish(ctx context.Context, m BrokerMessage) error
}

// MessageWatch follows messages. It makes nobody wait: of what comes faster than it is taken the newest are kept, and the
// others counted.
type MessageWatch interface {
	// Next waits for messages and gives them in their order, at most 20. It ends with ctx.
	Next(ctx context.Context) (PassedMessages, error)
	Close()
}

// PassedMessages came since the last ones.
type PassedMessages struct {
	Messages []BrokerMessage `json:"messages"`
	// Dropped came too fast and are not shown.
	Dropped uint64 `json:"dropped"`
}

// BrokerMessage is a message as people look at it.
type BrokerMessage struct {
	Topic string `json:"topic"`
	// Payload is its beginning where Size is more.
	Payload []byte `json:"payload"`
	Size    int    `json:"size"`
	QoS     int    `json:"qos"`
	Retain  bool   `json:"retain"`
	// ContentType and User are properties of MQTT 5 that its publisher gave it.
	ContentType string         `json:"contentType,omitempty"`
	User        []UserProperty `json:"userProperties,omitempty"`
	// Time is when it passed by; zero for what is retained.
	Time time.Time `json:"time,omitzero"`
}

// UserProperty is a name-value pair of MQTT 5.
type UserProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// LevelQuery chooses levels of the tree of retained topics.
type LevelQuery struct {
	// Prefix is the beginning of a topic up to and with a slash: "plant/hall/"; empty for the first levels.
	Prefix string
	// Search is a part of the name of the level, in any case; empty chooses all.
	Search string
	// Offset and Limit choose from those found.
	Offset, Limit int
}

// LevelPage is a part of the levels that were found, sorted by name.
type LevelPage struct {
	Total  int          `json:"total"`
	Levels []TopicLevel `json:"levels"`
}

// TopicLevel is one level of a topic.
type TopicLevel struct {
	Name string `json:"name"`
	// Below counts the levels directly below.
	Below int `json:"below"`
	// Retained: there is a message of the topic that ends here, of Size bytes. Preview is the beginning of a short text.
	Retained bool   `json:"retained"`
	Size     int    `json:"size"`
	Preview  string `json:"preview,omitempty"`
}
