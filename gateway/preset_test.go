package gateway_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

func TestEveryRuleOfAPresetHasASource(t *testing.T) {
	list := gateway.BridgePresets()
	if len(list) != 9 {
		t.Errorf("%d presets", len(list))
	}
	for _, p := range list {
		for _, r := range p.Rules {
			if r.Source == "" {
				t.Errorf("%s: rule %s has no source", p.ID, r.Rule)
			}
		}
		if p.Name == "" || p.Fields.URL == "" {
			t.Errorf("%s: no name or no address", p.ID)
		}
	}
}

// presetBridge is valid for a preset.
func presetBridge(preset string) gateway.Bridge {
	b := gateway.Bridge{
		ID: "cloud", Preset: preset, URL: "mqtts://cloud.example:8883", ClientID: "edge-1", Username: "u", Password: "p",
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "gw/#", QoS: 1}, {Direction: gateway.In, Filter: "cmd/+"}},
	}
	switch preset {
	case "aws-iot-core":
		b.TLS.Certificate, b.TLS.Key = "checked elsewhere", gateway.Redacted
	case "azure-iot-hub":
		b.Username = "cloud.example/edge-1/?api-version=2021-04-12"
		b.Routes[0].Topic, b.Routes[1].Filter = "devices/edge-1/messages/events/{#}", "devices/edge-1/messages/devicebound/#"
	case "thingsboard":
		b.Routes[0].Topic, b.Routes[1].Filter = "v1/gateway/telemetry", "v1/gateway/rpc"
	}
	return b
}

func validatePreset(b gateway.Bridge) error {
	c := gateway.Config{Name: "gw", ScanClasses: gateway.DefaultScanClasses(), Bridges: []gateway.Bridge{b}}
	return c.Validate()
}

func TestPresetsAcceptWhatTheirCloudsDo(t *testing.T) {
	for _, p := range gateway.BridgePresets() {
		if err := validatePreset(presetBridge(p.ID)); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
}

func TestPresetsNameTheFieldAndAWayOut(t *testing.T) {
	deep := func(b *gateway.Bridge) { b.Routes[0].Prefix = "1/2/3/4/5/6/7/8/" }
	for _, tt := range []struct {
		preset, field string
		change        func(*gateway.Bridge)
	}{
		{"none-such", "preset", func(*gateway.Bridge) {}},
		{"aws-iot-core", "url", func(b *gateway.Bridge) { b.URL = "wss://cloud.example/mqtt" }},
		{"aws-iot-core", "tls.alpn", func(b *gateway.Bridge) { b.URL = "mqtts://cloud.example:443"; b.TLS.ALPN = "mqtt" }},
		{"aws-iot-core", "tls.certificate", func(b *gateway.Bridge) { b.TLS = gateway.BridgeTLS{} }},
		{"aws-iot-core", "routes[0].qos", func(b *gateway.Bridge) { b.Routes[0].QoS = 2 }},
		{"aws-iot-core", "routes[1].qos", func(b *gateway.Bridge) { b.Routes[1].QoS = 2 }},
		{"aws-iot-core", "routes[0].prefix", deep},
		{"aws-iot-core", "routes[0].filter", func(b *gateway.Bridge) { b.Routes[0].Filter = strings.Repeat("+/", 9) + "#" }},
		{"aws-iot-core", "routes[0].topic", func(b *gateway.Bridge) { b.Routes[0].Topic = strings.Repeat("x", 257) }},
		{"aws-iot-core", "clientId", func(b *gateway.Bridge) { b.ClientID = strings.Repeat("x", 129) }},
		{"aws-iot-core", "keepAlive", func(b *gateway.Bridge) { b.KeepAlive = gateway.Duration(1201 * time.Second) }},
		{"aws-iot-core", "window", func(b *gateway.Bridge) { b.Window = 101 }},
		{"aws-iot-core", "pace.messagesPerSecond", func(b *gateway.Bridge) { b.Pace.MessagesPerSecond = 101 }},
		{"aws-iot-core", "pace.bytesPerSecond", func(b *gateway.Bridge) { b.Pace.BytesPerSecond = 524_289 }},
		{"aws-iot-core", "routes[51].filter", func(b *gateway.Bridge) {
			for range 50 {
				b.Routes = append(b.Routes, gateway.Route{Direction: gateway.In, Filter: "x"})
			}
		}},
		{"azure-iot-hub", "version", func(b *gateway.Bridge) { b.Version = 5 }},
		{"azure-iot-hub", "clientId", func(b *gateway.Bridge) { b.ClientID, b.Username = "", "" }},
		{"azure-iot-hub", "username", func(b *gateway.Bridge) { b.Username = "edge-1" }},
		{"azure-iot-hub", "password", func(b *gateway.Bridge) { b.Password = "" }},
		{"azure-iot-hub", "routes[0].topic", func(b *gateway.Bridge) { b.Routes[0].Topic = "" }},
		{"azure-iot-hub", "routes[1].filter", func(b *gateway.Bridge) { b.Routes[1].Filter = "cmd/+" }},
		{"azure-event-grid", "routes[1].filter", func(b *gateway.Bridge) { b.Routes[1].Filter = "$share/g/cmd/+" }},
		{"azure-event-grid", "keepAlive", func(b *gateway.Bridge) { b.KeepAlive = gateway.Duration(1161 * time.Second) }},
		{"emqx-cloud", "url", func(b *gateway.Bridge) { b.URL = "mqtt://cloud.example" }},
		{"emqx-cloud", "routes[1].filter", func(b *gateway.Bridge) { b.Routes[1].Filter = "1/2/3/4/5/6/7/8/9/10/#" }},
		{"hivemq-cloud", "password", func(b *gateway.Bridge) { b.Password = "" }},
		{"token-broker", "username", func(b *gateway.Bridge) { b.Username = "" }},
		{"nats", "version", func(b *gateway.Bridge) { b.Version = 5 }},
		{"nats", "routes[0].prefix", func(b *gateway.Bridge) { b.Routes[0].Prefix = "my site/" }},
	} {
		t.Run(tt.preset+" "+tt.field, func(t *testing.T) {
			b := presetBridge(tt.preset)
			tt.change(&b)
			e, is := errors.AsType[*gateway.Error](validatePreset(b))
			if !is || e.Code != gateway.Invalid || e.Field != "bridges[0]."+tt.field || !strings.Contains(e.Message, ":") {
				t.Errorf("error %v, want a way out at %s", e, tt.field)
			}
		})
	}
}

func TestRatesAreComparedWithTheQuota(t *testing.T) {
	b := presetBridge("emqx-cloud")
	for _, tt := range []struct {
		rate gateway.Rate
		pace gateway.BridgePace
		want string
	}{
		{gateway.Rate{Messages: 9}, gateway.BridgePace{}, ""},
		{gateway.Rate{Messages: 12}, gateway.BridgePace{}, "pace.messagesPerSecond"},
		{gateway.Rate{Messages: 5}, gateway.BridgePace{MessagesPerSecond: 4}, "pace.messagesPerSecond"},
		{gateway.Rate{Bytes: 500}, gateway.BridgePace{BytesPerSecond: 400}, "pace.bytesPerSecond"},
	} {
		b.Pace = tt.pace
		field := ""
		for _, w := range b.RateWarnings(tt.rate) {
			field += w.Field
		}
		if field != tt.want {
			t.Errorf("%+v with %+v: warnings about %q, want %q", tt.rate, tt.pace, field, tt.want)
		}
	}
}

func TestRefusalsSayWhatIsTooMuch(t *testing.T) {
	aws := gateway.PresetOf(&gateway.Bridge{Preset: "aws-iot-core"})
	for text, m := range map[string]mqtt.Message{
		"":                            {Topic: "a/b/c/d/e/f/g/h", Payload: make([]byte, 131_072)},
		"131072 bytes of payload":     {Topic: "a", Payload: make([]byte, 131_073)},
		"7 slashes in a topic, not 8": {Topic: "a/b/c/d/e/f/g/h/i"},
		"256 bytes in a topic":        {Topic: strings.Repeat("a", 257)},
	} {
		err := aws.Refuses(&m)
		if (err == nil) != (text == "") || err != nil && !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestWhatIsOffMayLackItsCertificate: it is requested from a key that the bridge keeps.
func TestWhatIsOffMayLackItsCertificate(t *testing.T) {
	for _, preset := range []string{"aws-iot-core", "azure-iot-hub"} {
		b := presetBridge(preset)
		b.TLS, b.Password, b.Token = gateway.BridgeTLS{}, "", gateway.BridgeToken{}
		if err := validatePreset(b); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%s runs without a certificate: %v", preset, err)
		}
		b.Disabled = true
		if err := validatePreset(b); err != nil {
			t.Errorf("%s is off: %v", preset, err)
		}
	}
}
