package gateway

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/mqtt"
)

// Action is what a rule is about.
type Action string

// The actions. ActionBoth stands in rules only.
const (
	ActionPublish   Action = "publish"
	ActionSubscribe Action = "subscribe"
	ActionBoth      Action = "both"
)

// Covers reports whether a rule about a decides about one action.
func (a Action) Covers(one Action) bool { return a == one || a == ActionBoth }

// Effect is what a rule says.
type Effect string

// The effects.
const (
	Allow Effect = "allow"
	Deny  Effect = "deny"
)

// Rule allows or denies topics on MQTT.
type Rule struct {
	Action Action `json:"action"`
	Effect Effect `json:"effect"`
	// Filter is a topic filter. %c stands for the client identifier and %u for the user name, alone or as a part of a
	// level. A value that could not stand in a level (with /, + or #) never gives more: an allowing rule has no topics
	// then, and a denying one has those of every value.
	Filter string `json:"filter"`
}

// MQTTRights are what an account may do on MQTT: a preset, or rules of its own. The first rule that has a topic decides
// about it; where none has it the answer is no, so no rules deny everything. Topics that start with $ are never published
// to; of these only $SYS can be subscribed to, by a rule that names it [MQTT-4.7.2-1].
type MQTTRights struct {
	// Preset names a set of rules; see MQTTPresets. Empty: Rules count.
	Preset string `json:"preset,omitempty"`
	Rules  []Rule `json:"rules,omitempty"`
}

// MQTTPreset is a set of rules with a name.
type MQTTPreset struct {
	Name  string `json:"name"`
	Rules []Rule `json:"rules"`
}

// The presets that the gateway itself refers to.
const (
	// PresetEverything is what clients may do where they need no name.
	PresetEverything = "everything"
	// PresetNew is what a new MQTT user gets when nothing else is said.
	PresetNew = "own-topics"
)

var mqttPresets = []MQTTPreset{
	{PresetEverything, []Rule{{ActionBoth, Allow, "#"}, {ActionSubscribe, Allow, "$SYS/#"}}},
	{"read-only", []Rule{{ActionSubscribe, Allow, "#"}}},
	{"monitoring", []Rule{{ActionSubscribe, Allow, "#"}, {ActionSubscribe, Allow, "$SYS/#"}}},
	{PresetNew, []Rule{{ActionBoth, Allow, "%u/#"}}},
	{"sensor", []Rule{{ActionPublish, Allow, "devices/%c/#"}}},
}

// MQTTPresets are the presets that exist.
func MQTTPresets() []MQTTPreset {
	presets := slices.Clone(mqttPresets)
	for i := range presets {
		presets[i].Rules = slices.Clone(presets[i].Rules)
	}
	return presets
}

// InForce are the rules that count. A preset that does not exist has none.
func (r *MQTTRights) InForce() []Rule {
	if r.Preset == "" {
		return r.Rules
	}
	for _, preset := range mqttPresets {
		if preset.Name == r.Preset {
			return preset.Rules
		}
	}
	return nil
}

// The bounds of rules.
const (
	maxRules  = 100
	maxFilter = 1024 // bytes
)

// Validate checks preset and rules. The error is a *Error that points at the wrong field: rules[2].filter.
func (r *MQTTRights) Validate() error {
	known := slices.ContainsFunc(mqttPresets, func(p MQTTPreset) bool { return p.Name == r.Preset })
	switch {
	case r.Preset != "" && !known:
		return FieldErrorf("preset", "there is no preset %q: choose one of the list, or give rules", r.Preset)
	case r.Preset != "" && len(r.Rules) > 0:
		return FieldErrorf("rules", "a preset has its own rules: leave one of the two out")
	case len(r.Rules) > maxRules:
		return FieldErrorf("rules", "%d rules are too many: use at most %d", len(r.Rules), maxRules)
	}
	for i, rule := range r.Rules {
		if err := rule.validate(fmt.Sprintf("rules[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rule) validate(field string) error {
	if r.Action != ActionPublish && r.Action != ActionSubscribe && r.Action != ActionBoth {
		return FieldErrorf(field+".action", "there is no action %q: use publish, subscribe or both", r.Action)
	}
	if r.Effect != Allow && r.Effect != Deny {
		return FieldErrorf(field+".effect", "there is no effect %q: use allow or deny", r.Effect)
	}
	filled := strings.NewReplacer("%c", "x", "%u", "x").Replace(r.Filter)
	switch err := mqtt.ValidateFilter(filled); {
	case err != nil:
		return FieldErrorf(field+".filter", "%w", err)
	case len(r.Filter) > maxFilter:
		return FieldErrorf(field+".filter", "%d bytes are too many: use at most %d", len(r.Filter), maxFilter)
	case strings.HasPrefix(filled, "$") && filled != "$SYS" && !strings.HasPrefix(filled, "$SYS/"):
		return FieldErrorf(field+".filter", "of the topics that start with $ only $SYS has rules; a shared subscription counts as "+
			"the filter behind $share/{group}/")
	}
	return nil
}
