package broker_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/mqtttest"
)

// TestConversations holds the dialogues of the three versions with a broker of their own each, over TCP [MQTT-4.2-1]
// [MQTT3-7.1.1-1].
func TestConversations(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"3.1", "3.1.1", "5.0"} {
		for _, c := range mqtttest.Conversations(t, version) {
			t.Run(version+" "+c.Name, func(t *testing.T) {
				t.Parallel()
				converse(t, c)
			})
		}
	}
}

// converse gives a conversation a broker with limits that can be reached, and a clock that can be set.
func converse(t *testing.T, c mqtttest.Conversation) {
	clock := newClock()
	p := newPlant(t, broker.Options{Now: clock.now, Access: rules{"forbidden"}, Limits: broker.Limits{
		ReceiveMaximum: 4, PacketSize: 70_000, TopicAliases: 3, SessionExpiry: 1_000_000,
	}})
	mqtttest.Play(t, c, mqtttest.Peer{
		Dial: func() (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(context.Background(), "tcp", p.address)
		},
		Do: func(verb, argument string) {
			switch verb {
			case "gone": // the broker knows that a client is not there any more
				p.offline(argument)
			case "restart":
				p.restart()
			case "later": // time passes
				passed, err := time.ParseDuration(argument)
				if err != nil {
					t.Fatal(err)
				}
				clock.add(passed)
			default:
				t.Fatalf("there is nothing to do for %q", verb)
			}
		},
	})
}
