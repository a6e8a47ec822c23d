package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// cloudy is a bridge with a preset to its strict cloud, valid before it is saved.
func cloudy(tb testing.TB, preset string) gateway.Bridge {
	tb.Helper()
	own := makeIdentity("edge-1", cloudCA, farDates)
	b := gateway.Bridge{
		ID: "cloud", Preset: preset, URL: "mqtts://cloud.example:8883", ClientID: "edge-1",
		TLS: gateway.BridgeTLS{CA: cloudCA.certificate},
		Routes: []gateway.Route{
			{Direction: gateway.Out, Filter: "line/#", QoS: 1},
			{Direction: gateway.In, Filter: "orders/a"},
			{Direction: gateway.In, Filter: "orders/b"},
		},
	}
	switch preset {
	case "aws-iot-core":
		b.URL = "mqtts://cloud.example:443"
		b.TLS.Certificate, b.TLS.Key = own.certificate, gateway.Secret(own.key)
		for i := range 10 { // more than one SUBSCRIBE takes
			b.Routes = append(b.Routes, gateway.Route{Direction: gateway.In, Filter: fmt.Sprintf("more/%d", i)})
		}
	case "azure-iot-hub":
		b.Password = "a token"
		b.Routes[0].Topic = "devices/edge-1/messages/events/{#}"
		b.Routes = append(b.Routes[:1], gateway.Route{Direction: gateway.In, Filter: "devices/edge-1/messages/devicebound/#"})
	case "thingsboard":
		b.Username = "token"
		b.Routes[0].Topic = "v1/gateway/telemetry"
		b.Routes = append(b.Routes[:1], gateway.Route{Direction: gateway.In, Filter: "v1/gateway/rpc"})
	case "token-broker":
		b.Username = "token"
	default:
		b.Username, b.Password = "edge", "secret"
	}
	return b
}

// TestPresetsKeepWithinTheirClouds sends all that the rules forbid, much faster than the quotas, at the cloud that
// enforces them: what can go arrives, what cannot is given up alone, and no connection ends.
func TestPresetsKeepWithinTheirClouds(t *testing.T) {
	for _, preset := range gateway.BridgePresets() {
		t.Run(preset.ID, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, p := newStrictCloud(t, preset.ID), newPlant(t)
				config := cloudy(t, preset.ID)
				if err := alone(config); err != nil {
					t.Fatalf("it cannot be saved: %v", err)
				}
				b, stop := p.run(config, bridge.Options{Dial: cloud.dial})
				eventually(t, "the bridge is up: "+b.Status().Reason, isUp(b))
				good, bad := forbidden(p, &preset)
				eventually(t, "nothing waits", func() bool { time.Sleep(time.Minute); return p.empty() })
				stop()
				if broken := cloud.violations(); len(broken) > 0 {
					t.Errorf("rules were broken: %v", broken)
				}
				if got := len(cloud.messages()); got != good || len(cloud.connects) > 2 {
					t.Errorf("%d messages arrived of %d, over %d connections", got, good, len(cloud.connects))
				}
				if s := b.Status(); s.Refused != uint64(bad) || s.Forwarded != uint64(good) {
					t.Errorf("forwarded %d, refused %d, want %d and %d", s.Forwarded, s.Refused, good, bad)
				}
			})
		})
	}
}

func alone(b gateway.Bridge) error {
	c := gateway.Config{Name: "edge", ScanClasses: gateway.DefaultScanClasses(), Bridges: []gateway.Bridge{b}}
	return c.Validate()
}

// forbidden publishes what the rules of a preset do not allow, between enough of what they do.
func forbidden(p *plant, preset *gateway.BridgePreset) (good, bad int) {
	n := max(20, 2*preset.Limit("messagesPerSecond"))
	p.publish("line/a", 2, 1, n)
	send := func(m *mqtt.Message) {
		settled := make(chan error, 1)
		if err := p.machine.Publish(p.tb.Context(), m, mqtt.Origin{}, func(err error) { settled <- err }); err != nil {
			p.tb.Fatal(err)
		}
		if err := <-settled; err != nil {
			p.tb.Fatal(err)
		}
	}
	for _, limit := range []string{"maxPayloadBytes", "maxPacketBytes"} {
		if size := preset.Limit(limit); size > 0 {
			send(&mqtt.Message{Topic: "line/big", QoS: 1, Payload: make([]byte, size+1)})
			send(&mqtt.Message{Topic: "line/big", QoS: 1, Payload: make([]byte, size-100)})
			good, bad = good+1, bad+1
		}
	}
	if preset.Has("maxTopicSlashes") {
		send(&mqtt.Message{Topic: "line" + strings.Repeat("/x", 8), QoS: 1})
		send(&mqtt.Message{Topic: "line/" + strings.Repeat("y", 252), QoS: 1})
		bad += 2
	}
	if preset.Has("forbiddenInTopics") {
		send(&mqtt.Message{Topic: "line/with space", QoS: 1})
		bad++
	}
	send(&mqtt.Message{Topic: "line/kept", QoS: 1, Retain: true, Payload: []byte("kept")})
	p.publish("line/b", 2, 1, n)
	return good + 2*n + 1, bad
}

// TestWithoutItsPresetTheCloudCloses is the other half: the strict cloud is strict.
func TestWithoutItsPresetTheCloudCloses(t *testing.T) {
	send := func(m mqtt.Message) func(*plant) {
		return func(p *plant) {
			_ = p.machine.Publish(p.tb.Context(), &m, mqtt.Origin{}, func(error) {})
		}
	}
	for _, tt := range []struct {
		preset, broken string
		change         func(*gateway.Bridge)
		publish        func(*plant)
	}{
		{"aws-iot-core", "maxQoS", func(b *gateway.Bridge) { noInward(b); b.Routes[0].QoS = 2 }, func(p *plant) { p.publish("line/a", 2, 1, 1) }},
		{"aws-iot-core", "alpnOn443", func(b *gateway.Bridge) { b.TLS.ALPN = "" }, nil},
		{"aws-iot-core", "certificate", func(b *gateway.Bridge) { b.TLS.Certificate, b.TLS.Key = "", "" }, nil},
		{"aws-iot-core", "maxSubscriptionsPerRequest", nil, nil},
		{"aws-iot-core", "messagesPerSecond", noInward, func(p *plant) { p.publish("line/a", 1, 1, 200) }},
		{"aws-iot-core", "bytesPerSecond", noInward, func(p *plant) {
			for range 6 {
				send(mqtt.Message{Topic: "line/a", QoS: 1, Payload: make([]byte, 100_000)})(p)
			}
		}},
		{"aws-iot-core", "maxTopicSlashes", noInward, send(mqtt.Message{Topic: "line/1/2/3/4/5/6/7/8", QoS: 1})},
		{"aws-iot-core", "maxPayloadBytes", noInward, send(mqtt.Message{Topic: "line/a", QoS: 1, Payload: make([]byte, 131_073)})},
		{"azure-iot-hub", "version", nil, nil},
		{"azure-iot-hub", "username", func(b *gateway.Bridge) { b.Version, b.Username = 4, "edge-1" }, nil},
		{"azure-iot-hub", "topicsOut", func(b *gateway.Bridge) {
			*b = b.WithPreset()
			b.Routes[0].Topic = "devices/other/messages/events/{#}"
		}, send(mqtt.Message{Topic: "line/a", QoS: 1})},
		{"azure-event-grid", "noRetain", nil, send(mqtt.Message{Topic: "line/a", QoS: 1, Retain: true})},
		{"azure-event-grid", "maxKeepAliveSeconds", func(b *gateway.Bridge) { b.KeepAlive = gateway.Duration(time.Hour) }, nil},
		{"azure-event-grid", "clientId", func(b *gateway.Bridge) { b.ClientID = "" }, nil},
		{"hivemq-cloud", "login", func(b *gateway.Bridge) { b.Username, b.Password = "", "" }, nil},
		{"emqx-cloud", "messagesPerSecond", nil, func(p *plant) { p.publish("line/a", 1, 1, 30) }},
		{"thingsboard", "maxQoS", func(b *gateway.Bridge) { b.Routes[0].QoS = 2 }, func(p *plant) { p.publish("line/a", 2, 1, 1) }},
		{"token-broker", "login", func(b *gateway.Bridge) { b.Username = "" }, nil},
		{"nats", "forbiddenInTopics", func(b *gateway.Bridge) { b.Version = 4 }, send(mqtt.Message{Topic: "line/a b", QoS: 1})},
	} {
		t.Run(tt.preset+" "+tt.broken, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, p := newStrictCloud(t, tt.preset), newPlant(t)
				config := cloudy(t, tt.preset)
				if tt.preset == "aws-iot-core" {
					config.TLS.ALPN = "x-amzn-mqtt-ca"
				}
				if tt.change != nil {
					tt.change(&config)
				}
				config.Preset = ""
				_, stop := p.runSlowly(config, bridge.Options{Dial: cloud.dial})
				if tt.publish != nil {
					tt.publish(p)
				}
				eventually(t, "the rule is broken", func() bool { return slices.Contains(cloud.violations(), tt.broken) })
				stop()
			})
		})
	}
}

func noInward(b *gateway.Bridge) { b.Routes = b.Routes[:1] }
