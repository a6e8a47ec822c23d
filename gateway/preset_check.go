package gateway

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/mqtt"
)

// presetCheck looks at one rule; what it finds names the field below the bridge and a way out.
type presetCheck func(p *BridgePreset, r PresetRule, b *Bridge) error

// presetChecks has every rule that a preset may have. Those with nil are kept while the bridge sends, see Refuses.
var presetChecks = map[string]presetCheck{
	"schemes":                    checkScheme,
	"alpnOn443":                  checkALPN,
	"certificate":                checkCertificate,
	"version":                    checkVersion,
	"clientId":                   checkClientID,
	"username":                   checkUsername,
	"login":                      checkLogin,
	"maxClientIdBytes":           checkClientIDSize,
	"maxKeepAliveSeconds":        checkKeepAlive,
	"maxWindow":                  checkWindow,
	"messagesPerSecond":          checkMessageRate,
	"bytesPerSecond":             checkByteRate,
	"maxQoS":                     checkQoS,
	"topicsOut":                  checkTopics(Out),
	"topicsIn":                   checkTopics(In),
	"maxTopicSlashes":            checkExamples,
	"maxTopicBytes":              checkExamples,
	"forbiddenInTopics":          checkExamples,
	"maxSubscriptions":           checkSubscriptions,
	"maxFilterLevels":            checkFilterLevels,
	"noSharedSubscriptions":      checkShared,
	"noRetain":                   nil,
	"maxPayloadBytes":            nil,
	"maxPacketBytes":             nil,
	"maxSubscriptionsPerRequest": nil,
}

// validatePreset checks the bridge against the rules of its preset.
func (b *Bridge) validatePreset(field string) error {
	if b.Preset == "" {
		return nil
	}
	p := PresetOf(b)
	if p.ID == "" {
		return FieldErrorf(field+".preset", "there is no preset %q: choose one of the list, or none", b.Preset)
	}
	for _, r := range p.Rules {
		check, known := presetChecks[r.Rule]
		if !known {
			return fmt.Errorf("preset %s has an unknown rule %q", p.ID, r.Rule)
		}
		if check == nil {
			continue
		}
		if err := check(&p, r, b); err != nil {
			return InField(field, err)
		}
	}
	return nil
}

func checkScheme(p *BridgePreset, r PresetRule, b *Bridge) error {
	if slices.Contains(r.Values, scheme(b.URL)) {
		return nil
	}
	return FieldErrorf("url", "%s takes only %s://: change the beginning of the address, and its port", p.Name, strings.Join(r.Values, ":// and "))
}

func checkALPN(p *BridgePreset, r PresetRule, b *Bridge) error {
	if b.TLS.ALPN == "" || !b.isMQTTOn443() || slices.Contains(r.Values, b.TLS.ALPN) {
		return nil
	}
	return FieldErrorf("tls.alpn", "%s knows MQTT on port 443 by %q: enter that, or nothing", p.Name, r.Values[0])
}

func checkCertificate(p *BridgePreset, _ PresetRule, b *Bridge) error {
	if scheme(b.URL) != "mqtts" || b.TLS.Certificate != "" || b.isUnfinished() {
		return nil
	}
	return FieldErrorf("tls.certificate", "%s knows its devices by a certificate: upload the one that it made for this gateway, with its key", p.Name)
}

func checkVersion(p *BridgePreset, r PresetRule, b *Bridge) error {
	if b.Version == 0 || b.Version == r.Value {
		return nil
	}
	return FieldErrorf("version", "%s speaks version %d of the protocol only: choose that, or leave it open", p.Name, r.Value)
}

func checkClientID(p *BridgePreset, _ PresetRule, b *Bridge) error {
	if b.ClientID != "" {
		return nil
	}
	return FieldErrorf("clientId", "%s wants its own name of this gateway as client id: enter the name of the device or client there", p.Name)
}

func checkUsername(p *BridgePreset, r PresetRule, b *Bridge) error {
	if want := b.place(r.Values[0]); b.Username != "" && b.Username != want {
		return FieldErrorf("username", "%s wants %s: enter that, or nothing, then it is filled in", p.Name, want)
	}
	return nil
}

// loginWays are how a bridge may prove who it is.
var loginWays = map[string]struct {
	has   func(*Bridge) bool
	words string
}{
	"username":    {func(b *Bridge) bool { return b.Username != "" }, "a token as user name"},
	"password":    {func(b *Bridge) bool { return b.Password != "" || b.Token.Kind != "" }, "a password or token"},
	"certificate": {func(b *Bridge) bool { return b.TLS.Certificate != "" }, "a certificate with its key"},
}

var loginFields = map[string]string{"username": "username", "password": "password", "certificate": "tls.certificate"}

// isUnfinished: it is switched off, and its certificate may be requested meanwhile.
func (b *Bridge) isUnfinished() bool { return b.Disabled && b.TLS.Certificate == "" }

func checkLogin(p *BridgePreset, r PresetRule, b *Bridge) error {
	if slices.Contains(r.Values, "certificate") && b.isUnfinished() {
		return nil
	}
	var words []string
	for _, way := range r.Values {
		if loginWays[way].has(b) {
			return nil
		}
		words = append(words, loginWays[way].words)
	}
	return FieldErrorf(loginFields[r.Values[len(r.Values)-1]], "%s lets nobody in without %s: enter that", p.Name, strings.Join(words, ", or "))
}

func checkClientIDSize(p *BridgePreset, r PresetRule, b *Bridge) error {
	if len(b.ClientID) <= r.Value {
		return nil
	}
	return FieldErrorf("clientId", "it has %d bytes and %s takes %d: choose a shorter one", len(b.ClientID), p.Name, r.Value)
}

func checkKeepAlive(p *BridgePreset, r PresetRule, b *Bridge) error {
	if limit := time.Duration(r.Value) * time.Second; time.Duration(b.KeepAlive) > limit {
		return FieldErrorf("keepAlive", "%s takes at most %s: choose that or less", p.Name, limit)
	}
	return nil
}

func checkWindow(p *BridgePreset, r PresetRule, b *Bridge) error {
	return checkMost("window", p, r, b.Window, "unacknowledged messages")
}

func checkMessageRate(p *BridgePreset, r PresetRule, b *Bridge) error {
	return checkMost("pace.messagesPerSecond", p, r, b.Pace.MessagesPerSecond, "messages per second")
}

func checkByteRate(p *BridgePreset, r PresetRule, b *Bridge) error {
	return checkMost("pace.bytesPerSecond", p, r, b.Pace.BytesPerSecond, "bytes per second")
}

func checkMost(field string, p *BridgePreset, r PresetRule, value int, what string) error {
	if value <= r.Value {
		return nil
	}
	return FieldErrorf(field, "%s takes %d %s: choose that or less, or 0", p.Name, r.Value, what)
}

func checkQoS(p *BridgePreset, r PresetRule, b *Bridge) error {
	for i, route := range b.Routes {
		if route.QoS > r.Value {
			return FieldErrorf(routeField(i, "qos"), "%s takes at most QoS %d: choose that", p.Name, r.Value)
		}
	}
	return nil
}

func routeField(i int, name string) string { return "routes[" + strconv.Itoa(i) + "]." + name }

func checkTopics(direction Direction) presetCheck {
	return func(p *BridgePreset, r PresetRule, b *Bridge) error {
		filters := make([]string, len(r.Values))
		for i, text := range r.Values {
			filters[i] = b.place(text)
		}
		for i, route := range b.Routes {
			topic, field := route.example(), "topic"
			if direction == In {
				_, topic = mqtt.SplitShare(route.Filter)
				field = "filter"
			}
			fits := func(filter string) bool { return mqtt.Match(filter, topic) }
			if route.Direction == direction && !slices.ContainsFunc(filters, fits) {
				return FieldErrorf(routeField(i, field), "%s has only the topics %s: choose one of them for this route",
					p.Name, strings.Join(filters, ", "))
			}
		}
		return nil
	}
}

// example is the shortest topic on the other side that a route out can make.
func (r *Route) example() string {
	_, filter := mqtt.SplitShare(r.Filter)
	rest, open := strings.CutSuffix(filter, "#")
	topic := strings.ReplaceAll(strings.TrimSuffix(rest, "/"), "+", "x")
	if open && topic == "" {
		topic = "x"
	}
	if r.Topic == "" {
		return r.Prefix + topic
	}
	text := strings.NewReplacer("{topic}", topic, "/{#}", "", "{#}", "").Replace(r.Topic)
	for i := range strings.Count(filter, "+") {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i+1)+"}", "x")
	}
	return text
}

// checkExamples finds routes that could not send anything at all; longer topics are refused when they come.
func checkExamples(p *BridgePreset, r PresetRule, b *Bridge) error {
	one := BridgePreset{Name: p.Name, Rules: []PresetRule{r}}
	for i, route := range b.Routes {
		if route.Direction != Out {
			continue
		}
		field := "filter"
		if route.Topic != "" {
			field = "topic"
		} else if route.Prefix != "" {
			field = "prefix"
		}
		if err := one.Refuses(&mqtt.Message{Topic: route.example()}); err != nil {
			return FieldErrorf(routeField(i, field), "%w: make the topic on the other side another one by a template such as site/{#}", err)
		}
	}
	return nil
}

func checkSubscriptions(p *BridgePreset, r PresetRule, b *Bridge) error {
	n := 0
	for i, route := range b.Routes {
		if route.Direction != In {
			continue
		}
		if n++; n > r.Value {
			return FieldErrorf(routeField(i, "filter"), "%s takes %d subscriptions: bring several topics by one filter with wildcards", p.Name, r.Value)
		}
	}
	return nil
}

func checkFilterLevels(p *BridgePreset, r PresetRule, b *Bridge) error {
	for i, route := range b.Routes {
		_, filter := mqtt.SplitShare(route.Filter)
		if route.Direction == In && strings.Count(filter, "/")+1 > r.Value {
			return FieldErrorf(routeField(i, "filter"), "%s takes filters of %d levels: end it earlier with #", p.Name, r.Value)
		}
	}
	return nil
}

func checkShared(p *BridgePreset, _ PresetRule, b *Bridge) error {
	for i, route := range b.Routes {
		if group, _ := mqtt.SplitShare(route.Filter); group != "" {
			return FieldErrorf(routeField(i, "filter"), "%s has no shared subscriptions: leave $share/%s/ out", p.Name, group)
		}
	}
	return nil
}

// Refuses says why the cloud would refuse a message, or close the connection because of it; nil where it takes it. The
// topic is that on the other side.
func (p *BridgePreset) Refuses(m *mqtt.Message) error {
	for _, r := range p.Rules {
		has, what := 0, ""
		switch r.Rule {
		case "maxPayloadBytes":
			has, what = len(m.Payload), "bytes of payload"
		case "maxPacketBytes":
			has, what = m.Size()+packetOverhead, "bytes in a message"
		case "maxTopicSlashes":
			has, what = strings.Count(m.Topic, "/"), "slashes in a topic"
		case "maxTopicBytes":
			has, what = len(m.Topic), "bytes in a topic"
		case "forbiddenInTopics":
			if i := strings.IndexAny(m.Topic, strings.Join(r.Values, "")); i >= 0 {
				return fmt.Errorf("%s takes no %q in a topic", p.Name, m.Topic[i:i+1])
			}
		}
		if has > r.Value && what != "" {
			return fmt.Errorf("%s takes %d %s, not %d", p.Name, r.Value, what, has)
		}
	}
	return nil
}

// packetOverhead is the most that a PUBLISH has beside topic, payload and properties: fixed header with its length, packet
// identifier, lengths of topic and properties.
const packetOverhead = 16
