package access

import (
	"strings"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// rights are who may do what on MQTT at present. They are replaced as a whole and never changed, so that who asks, for
// every message, does not wait for anybody.
type rights struct {
	// rules are those of each account that may use MQTT now.
	rules map[string][]gateway.Rule
	// listeners by ID; those of the gateway itself until SetListeners was called.
	listeners map[string]gateway.Listener
	// told: SetListeners was called.
	told bool
}

func newRights() *rights {
	return &rights{rules: map[string][]gateway.Rule{}, listeners: map[string]gateway.Listener{
		gateway.LocalListener:  {ID: gateway.LocalListener, Kind: gateway.ListenTCP, Anonymous: true},
		gateway.SocketListener: {ID: gateway.SocketListener, Kind: gateway.ListenUnix, Anonymous: true},
	}}
}

// anonymous are the rules for clients without a name.
var anonymous = gateway.MQTTRights{Preset: gateway.PresetEverything}

// of are the rules for a client. One without a name keeps its rights for as long as its listener lets such clients in;
// where the listener is not known, it was asked when the client connected.
func (r *rights) of(client mqtt.Client) []gateway.Rule {
	switch {
	case client.Username != "":
		return r.rules[client.Username]
	case client.Listener == "" || r.listeners[client.Listener].Anonymous:
		return anonymous.InForce()
	}
	return nil
}

// reserved: topics that start with $ belong to the broker; $SYS may be read.
func reserved(action gateway.Action, topic string) bool {
	return strings.HasPrefix(topic, "$") &&
		(action == gateway.ActionPublish || topic != "$SYS" && !strings.HasPrefix(topic, "$SYS/"))
}

// MayPublish is asked for every message; see gateway.MQTTRights. It answers from memory.
func (a *Access) MayPublish(client mqtt.Client, topic string) bool {
	if reserved(gateway.ActionPublish, topic) {
		return false
	}
	rules := a.rights.Load().of(client)
	for i := range rules {
		if !rules[i].Action.Covers(gateway.ActionPublish) {
			continue
		}
		if filter, counts := filterFor(&rules[i], client); counts && mqtt.Match(filter, topic) {
			return rules[i].Effect == gateway.Allow
		}
	}
	return false
}

// MaySubscribe allows a filter only when every topic that it can match is allowed. A shared subscription counts as its
// filter. It answers from memory.
func (a *Access) MaySubscribe(client mqtt.Client, filter string) bool {
	_, filter = mqtt.SplitShare(filter)
	return !reserved(gateway.ActionSubscribe, filter) &&
		judgeRules(a.rights.Load().of(client), client, gateway.ActionSubscribe, filter).allowed
}

func judgeRules(rules []gateway.Rule, client mqtt.Client, action gateway.Action, filter string) verdict {
	patterns := make([]pattern, 0, len(rules))
	for i := range rules {
		if !rules[i].Action.Covers(action) {
			continue
		}
		if text, counts := filterFor(&rules[i], client); counts {
			patterns = append(patterns, pattern{strings.Split(text, "/"), rules[i].Effect == gateway.Allow, i})
		}
	}
	return judge(strings.Split(filter, "/"), patterns)
}

// filterFor puts client identifier and user name into the filter of a rule. A value that does not fit into a level gives
// nothing more to anybody: an allowing rule does not count, a denying one is for every value.
func filterFor(rule *gateway.Rule, client mqtt.Client) (filter string, counts bool) {
	if !strings.Contains(rule.Filter, "%") {
		return rule.Filter, true
	}
	levels := strings.Split(rule.Filter, "/")
	for i, level := range levels {
		switch {
		case strings.Contains(level, "%c") && !fits(client.ID), strings.Contains(level, "%u") && !fits(client.Username):
			if rule.Effect == gateway.Allow {
				return "", false
			}
			levels[i] = "+"
		default:
			levels[i] = filled(level, client)
		}
	}
	return strings.Join(levels, "/"), true
}

// filled goes through a level once: what a value has in it is not replaced again.
func filled(level string, client mqtt.Client) string {
	text := ""
	for {
		before, after, found := strings.Cut(level, "%")
		text += before
		switch {
		case !found:
			return text
		case strings.HasPrefix(after, "c"):
			text, level = text+client.ID, after[1:]
		case strings.HasPrefix(after, "u"):
			text, level = text+client.Username, after[1:]
		default:
			text, level = text+"%", after
		}
	}
}

// fits: the value can stand in a level, and means itself there.
func fits(value string) bool {
	return value != "" && !strings.ContainsAny(value, "+#/\x00") && value[0] != '$'
}
