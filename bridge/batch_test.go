package bridge_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// TestMessagesOfATopicTravelTogether in order, with the rest of them after the delay, and each is settled once.
func TestMessagesOfATopicTravelTogether(t *testing.T) {
	for _, format := range []gateway.BatchFormat{gateway.BatchJSON, gateway.BatchLines} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			other, p := newPlant(t), newPlant(t)
			address := other.serve()
			far := listen(t, address, "line/#")
			config := outOf(address)
			config.Routes[0].QoS = 1
			config.Routes[0].Batch = gateway.RouteBatch{Messages: 50, Delay: gateway.Duration(100 * time.Millisecond), Format: format}
			network := &cutter{left: 20, low: 60, high: 2000} // batches are sent again too
			b, _ := p.run(config, bridge.Options{Dial: network.dial})
			const count = 975
			for i := 1; i <= count; i++ {
				for _, topic := range []string{"line/a", "line/b"} {
					m := &mqtt.Message{Topic: topic, QoS: 1, Payload: fmt.Append(nil, i)}
					if i%10 == 0 {
						m.Payload = fmt.Appendf(nil, "no %q JSON", fmt.Sprint(i))
					}
					if err := p.machine.Publish(t.Context(), m, mqtt.Origin{}, nil); err != nil {
						t.Fatal(err)
					}
				}
			}
			eventually(t, "nothing waits", func() bool { return p.empty() && b.Status().Forwarded == 2*count })
			eventually(t, "all arrive", func() bool {
				return highest(t, far.messages(), "line/a") == count && highest(t, far.messages(), "line/b") == count
			})
			if n := len(far.messages()); n > 2*count/5 {
				t.Errorf("%d messages of them", n)
			}
		})
	}
}

// highest checks that the elements of a topic are in order without a gap, but for what was sent again, and gives the last.
func highest(t *testing.T, messages []*mqtt.Message, topic string) (last int) {
	t.Helper()
	for _, m := range messages {
		if m.Topic != topic {
			continue
		}
		for i, element := range elements(t, m) {
			n := 0
			if _, err := fmt.Sscanf(strings.TrimPrefix(element, "no \""), "%d", &n); err != nil {
				t.Fatalf("element %q: %v", element, err)
			}
			if n > last+1 || i > 0 && n != last+1 && n > last {
				t.Fatalf("%d after %d", n, last)
			}
			last = max(last, n)
		}
	}
	return last
}

func elements(t *testing.T, m *mqtt.Message) (texts []string) {
	t.Helper()
	if m.Properties.ContentType == "application/x-ndjson" {
		return strings.Split(strings.TrimSuffix(string(m.Payload), "\n"), "\n")
	}
	var list []any
	if err := json.Unmarshal(m.Payload, &list); err != nil || m.Properties.ContentType != "application/json" {
		t.Fatalf("%s: %s: %v", m.Properties.ContentType, m.Payload, err)
	}
	for _, element := range list {
		texts = append(texts, fmt.Sprint(element))
	}
	return texts
}
