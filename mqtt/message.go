package mqtt

import "time"

// QoS is the quality of service of a message or a subscription: 0 at most once, 1 at least once, 2 exactly once.
type QoS byte

// The three levels of MQTT 3.1.1 and 5.0, chapter 4.3.
const (
	AtMostOnce  QoS = 0
	AtLeastOnce QoS = 1
	ExactlyOnce QoS = 2
)

// Valid reports whether q is 0, 1 or 2 [MQTT-3.3.1-4].
func (q QoS) Valid() bool { return q <= ExactlyOnce }

// Message is an application message on its way. A message that was handed to Publish is never changed again, by
// nobody: all receivers share it. Copy the struct to change a field.
type Message struct {
	Topic      string
	Payload    []byte
	QoS        QoS
	Retain     bool
	Properties Properties
	// Expires is when the message may be forgotten; zero means never. It comes from the message expiry interval
	// (MQTT 5, 3.3.2.3.3) added to the time of arrival.
	Expires time.Time
	// AfterRestart is for readings of this gateway that are retained: the payload with which the retained copy comes back
	// after a restart, when nobody knows whether it still holds. Such a copy is no part of a commit: it is written when it
	// has changed, at most every 30 s, and at an orderly stop. nil for all other messages.
	AfterRestart []byte
}

// IsRetainedReading reports whether the retained copy of the message is written later, see AfterRestart.
func (m *Message) IsRetainedReading() bool {
	return m.Retain && m.AfterRestart != nil && len(m.Payload) > 0
}

// Size is what a message counts against byte limits: topic, payload and properties, in bytes.
func (m *Message) Size() int {
	return len(m.Topic) + len(m.Payload) + m.Properties.size()
}

// Expired reports whether the message may no longer be delivered at the time now.
func (m *Message) Expired(now time.Time) bool {
	return !m.Expires.IsZero() && !now.Before(m.Expires)
}

// Properties are the MQTT 5 properties of a message that travel from publisher to subscriber unchanged
// (MQTT 5, 3.3.2.3). The zero value means that none is set.
type Properties struct {
	// PayloadFormat is the payload format indicator: nil absent, else 0 unspecified bytes, 1 UTF-8 text.
	PayloadFormat   *byte
	ContentType     string
	ResponseTopic   string
	CorrelationData []byte
	User            []UserProperty
}

// UserProperty is one name-value pair; order and repetition matter and are kept [MQTT-3.3.2-18].
type UserProperty struct {
	Name  string
	Value string
}

// IsZero reports whether no property is set.
func (p *Properties) IsZero() bool {
	return p.PayloadFormat == nil && p.ContentType == "" && p.ResponseTopic == "" &&
		p.CorrelationData == nil && len(p.User) == 0
}

func (p *Properties) size() int {
	n := len(p.ContentType) + len(p.ResponseTopic) + len(p.CorrelationData)
	for _, u := range p.User {
		n += len(u.Name) + len(u.Value)
	}
	return n
}
