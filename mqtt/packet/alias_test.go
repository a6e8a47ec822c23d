package packet_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// TestAliasesGiveTheTopicBack: whatever is sent in whatever order, the other side finds the topic, and no alias is above
// its maximum [MQTT-3.1.2-26] [MQTT-3.2.2-17] [MQTT-3.3.2-9] [MQTT-3.3.2-10] [MQTT-3.3.2-11] [MQTT-3.3.2-12].
func TestAliasesGiveTheTopicBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Uint16Range(0, 4).Draw(t, "limit")
		sent, received := packet.NewSentAliases(limit), packet.NewReceivedAliases(limit)
		for range rapid.IntRange(0, 30).Draw(t, "messages") {
			topic := fmt.Sprintf("topic/%d", rapid.IntRange(0, 6).Draw(t, "topic"))
			p := &packet.Publish{Topic: topic}
			sent.Shorten(p)
			if p.TopicAlias > limit {
				t.Fatalf("alias %d of %d", p.TopicAlias, limit)
			}
			if rapid.Bool().Draw(t, "too large for the other side") {
				continue // it never hears of the alias
			}
			sent.Sent(p)
			if err := received.Resolve(p); err != nil || p.Topic != topic {
				t.Fatalf("got %q, %v, want %q", p.Topic, err, topic)
			}
		}
	})
}

func TestAliasesSaveBytes(t *testing.T) {
	sent := packet.NewSentAliases(1)
	first, second, other, short := &packet.Publish{Topic: "plant/a"}, &packet.Publish{Topic: "plant/a"},
		&packet.Publish{Topic: "plant/b"}, &packet.Publish{Topic: "a/b"}
	for _, p := range []*packet.Publish{short, first, second, other} {
		sent.Shorten(p)
		sent.Sent(p)
	}
	if first.Topic == "" || first.TopicAlias != 1 || second.Topic != "" || second.TopicAlias != 1 {
		t.Errorf("got %+v and %+v, want the topic once", first, second)
	}
	if other.TopicAlias != 0 || short.TopicAlias != 0 {
		t.Errorf("aliases for %+v or %+v", other, short)
	}
}

func TestAliasesThatMeanNothing(t *testing.T) {
	received := packet.NewReceivedAliases(2)
	if err := received.Resolve(&packet.Publish{Topic: "a", TopicAlias: 3}); !errors.Is(err, mqtt.TopicAliasInvalid) {
		t.Errorf("above the maximum: %v", err)
	}
	if err := received.Resolve(&packet.Publish{TopicAlias: 2}); !errors.Is(err, mqtt.ProtocolError) {
		t.Errorf("without a topic: %v", err)
	}
}
