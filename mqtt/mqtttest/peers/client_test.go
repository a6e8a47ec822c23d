package peers_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// ourClient is a running connection of our client, with everything that it received.
type ourClient struct {
	*client.Client
	tb  testing.TB
	box inbox
	end func() error
}

// MustClient connects ours to the broker at address.
func MustClient(tb testing.TB, address string, options client.Options) *ourClient {
	tb.Helper()
	c := &ourClient{tb: tb}
	options.URL = "mqtt://" + address
	options.Timeout = patience
	// Mosquitto 2.0.11 pays no attention to a smaller one, and the client insists on it [MQTT-3.3.4-9].
	options.ReceiveMaximum = 1000
	options.Receive = func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
		c.box.add(fmt.Sprintf("%s q%d %s", m.Topic, m.QoS, m.Payload))
		settle(nil)
		return nil
	}
	var err error
	if c.Client, err = client.Connect(tb.Context(), options); err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	c.end = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	tb.Cleanup(func() {
		if err := c.end(); err != nil {
			tb.Errorf("end of the connection: %v", err)
		}
	})
	return c
}

// send publishes and waits until every message is settled.
func (c *ourClient) send(messages ...*mqtt.Message) {
	c.tb.Helper()
	settled := make(chan error, len(messages))
	for _, m := range messages {
		if err := c.Publish(c.tb.Context(), m, func(err error) { settled <- err }); err != nil {
			c.tb.Fatal(err)
		}
	}
	for range messages {
		if err := <-settled; err != nil {
			c.tb.Fatal(err)
		}
	}
}

var clientVersions = []packet.Version{packet.V311, packet.V5}

func TestOurClientAtEveryQoS(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		for _, v := range clientVersions {
			for qos := range mqtt.QoS(3) {
				topic := fmt.Sprintf("ours/%d/%d", v, qos)
				sub := MustClient(t, address, client.Options{Version: int(v), ClientID: "sub" + topic, CleanStart: true})
				codes, err := sub.Subscribe(t.Context(), mqtt.Subscription{Filter: topic, QoS: qos})
				if err != nil || codes[0] != mqtt.ReasonCode(qos) {
					t.Fatalf("%v, %v", codes, err)
				}
				pub := MustClient(t, address, client.Options{Version: int(v), ClientID: "pub" + topic, CleanStart: true})
				var messages []*mqtt.Message
				var want []string
				for _, n := range numbers(300) {
					messages = append(messages, &mqtt.Message{Topic: topic, QoS: qos, Payload: []byte(n)})
					want = append(want, fmt.Sprintf("%s q%d %s", topic, qos, n))
				}
				pub.send(messages...)
				sub.box.expect(t, want...)
			}
		}
	})
}

func TestOurClientResumesItsSession(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		for _, v := range clientVersions {
			id := fmt.Sprintf("resume%d", v)
			options := client.Options{Version: int(v), ClientID: id, SessionExpiry: 60}
			first := MustClient(t, address, options)
			if first.SessionPresent() {
				t.Error("a session before the first connection")
			}
			if _, err := first.Subscribe(t.Context(), mqtt.Subscription{Filter: id + "/#", QoS: 2}); err != nil {
				t.Fatal(err)
			}
			if err := first.end(); err != nil {
				t.Error(err)
			}
			MustPub(t, address, v, "-t", id+"/a", "-q", "1", "-m", "one")
			MustPub(t, address, v, "-t", id+"/a", "-q", "1", "-m", "two")
			second := MustClient(t, address, options)
			if !second.SessionPresent() {
				t.Error("the session is gone")
			}
			second.box.expect(t, id+"/a q1 one", id+"/a q1 two")
		}
	})
}

func TestOurClientCarriesHalfAMegabyte(t *testing.T) {
	onEach(t, func(t *testing.T, address string) {
		c := MustClient(t, address, client.Options{ClientID: "large", CleanStart: true})
		if _, err := c.Subscribe(t.Context(), mqtt.Subscription{Filter: "large", QoS: 1}); err != nil {
			t.Fatal(err)
		}
		payload := strings.Repeat("0123456789abcdef", 1<<15)
		c.send(&mqtt.Message{Topic: "large", QoS: 1, Payload: []byte(payload)})
		c.box.expect(t, "large q1 "+payload)
	})
}

func TestOurClientIsTakenOver(t *testing.T) {
	address := MustMosquitto(t)
	connect := func() (*client.Client, error) {
		return client.Connect(t.Context(), client.Options{URL: "mqtt://" + address, ClientID: "same", CleanStart: true, Timeout: patience})
	}
	first, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- first.Run(t.Context()) }()
	second, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	// Mosquitto 2.0.11 closes without the DISCONNECT that [MQTT-3.1.4-3] wants.
	if err := <-ended; err == nil {
		t.Error("the first connection ended without an error")
	}
}

func TestOurClientIsRefused(t *testing.T) {
	address := MustMosquitto(t, "allow_anonymous false", "max_packet_size 1000")
	for _, v := range clientVersions {
		_, err := client.Connect(t.Context(), client.Options{URL: "mqtt://" + address, ClientID: "x", CleanStart: true, Version: int(v), Timeout: patience})
		if !errors.Is(err, mqtt.NotAuthorized) {
			t.Errorf("%s: %v", v, err)
		}
	}
}
