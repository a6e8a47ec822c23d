package packet

import "github.com/tidegate/tidegate/mqtt"

// SentAliases are the topic aliases that one side of a connection uses for what it publishes (MQTT 5, 3.3.2.3.4). The
// first topics get one and keep it, so that there is nothing to win by a flood of topics. They end with the connection
// [MQTT-3.3.2-7]. The zero value uses none [MQTT-3.1.2-27] [MQTT-3.2.2-18]. Not safe for concurrent use.
type SentAliases struct {
	max    int
	topics map[string]uint16
}

// worthAlias is the length of a topic, in bytes, above which an alias is shorter: it takes three.
const worthAlias = 3

// NewSentAliases uses at most limit aliases, what the other side takes or less [MQTT-3.1.2-26] [MQTT-3.2.2-17].
func NewSentAliases(limit uint16) SentAliases { return SentAliases{max: int(limit)} }

// Shorten puts an alias into p: in place of the topic when the other side knows it, else beside it.
func (a *SentAliases) Shorten(p *Publish) {
	if a.max == 0 || len(p.Topic) <= worthAlias {
		return
	}
	alias, known := a.topics[p.Topic]
	switch {
	case known:
		p.Topic, p.TopicAlias = "", alias
	case len(a.topics) < a.max:
		p.TopicAlias = uint16(len(a.topics) + 1)
	}
}

// Sent notes that p goes out: from now on the other side knows its alias.
func (a *SentAliases) Sent(p *Publish) {
	if p.TopicAlias == 0 || p.Topic == "" {
		return
	}
	if a.topics == nil {
		a.topics = map[string]uint16{}
	}
	a.topics[p.Topic] = p.TopicAlias
}

// ReceivedAliases are those of the other side. The zero value takes none. Not safe for concurrent use.
type ReceivedAliases struct {
	max    int
	topics map[uint16]string
}

// NewReceivedAliases takes every alias from 1 to limit [MQTT-3.3.2-10] [MQTT-3.3.2-12].
func NewReceivedAliases(limit uint16) ReceivedAliases { return ReceivedAliases{max: int(limit)} }

// Resolve puts the topic in. The error is mqtt.TopicAliasInvalid for an alias above the maximum [MQTT-3.3.2-9]
// [MQTT-3.3.2-11], mqtt.ProtocolError for one that has no topic; both end the connection.
func (a *ReceivedAliases) Resolve(p *Publish) error {
	switch {
	case p.TopicAlias == 0:
		return nil
	case int(p.TopicAlias) > a.max:
		return mqtt.TopicAliasInvalid
	case p.Topic != "":
		if a.topics == nil {
			a.topics = map[uint16]string{}
		}
		a.topics[p.TopicAlias] = p.Topic
		return nil
	}
	topic, known := a.topics[p.TopicAlias]
	if !known {
		return mqtt.ProtocolError
	}
	p.Topic = topic
	return nil
}
