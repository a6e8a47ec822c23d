package access_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/access"
	"github.com/tidegate/tidegate/mqtt"
)

// rulesOf reads "allow a/#", "deny publish b", one rule a line.
func rulesOf(text string) gateway.MQTTRights {
	rights := gateway.MQTTRights{Rules: []gateway.Rule{}}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		rule := gateway.Rule{Action: gateway.ActionBoth, Effect: gateway.Effect(fields[0]), Filter: fields[len(fields)-1]}
		if len(fields) == 3 {
			rule.Action = gateway.Action(fields[1])
		}
		rights.Rules = append(rights.Rules, rule)
	}
	return rights
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		rules string
		id    string
		// may and mayNot are "publish topic" and "subscribe filter".
		may, mayNot string
	}{
		{rules: "", mayNot: "publish a, subscribe a, subscribe #, subscribe $SYS/#"},
		{rules: "allow #", may: "publish a, publish a/b, subscribe #, subscribe +/x, subscribe $share/g/a", mayNot: "publish $SYS/x, publish $x, subscribe $SYS/#, subscribe $x"},
		{rules: "allow $SYS/#", may: "subscribe $SYS/#, subscribe $SYS, subscribe $SYS/+/x, subscribe $share/g/$SYS/#", mayNot: "publish $SYS/x, subscribe #"},
		{rules: "allow publish a/#\nallow subscribe b/+", may: "publish a, publish a/b/c, subscribe b/+, subscribe b/x", mayNot: "publish b/x, subscribe a, subscribe b/#, subscribe b, subscribe +/x"},
		{rules: "deny secret/#\nallow #", may: "publish a, subscribe a/#, subscribe a/+", mayNot: "publish secret, publish secret/x, subscribe #, subscribe +, subscribe +/x, subscribe secret/x, subscribe $share/g/secret/#"},
		{rules: "allow secret/mine\ndeny secret/#\nallow #", may: "publish secret/mine, subscribe secret/mine", mayNot: "subscribe secret/+, subscribe +/mine/x, publish secret/other"},
		{rules: "allow #\ndeny secret/#", may: "publish secret, subscribe #"},
		{rules: "allow a\nallow a/+/#", may: "subscribe a/#, subscribe a/+, subscribe a", mayNot: "subscribe +"},
		{rules: "allow a/+/#", may: "subscribe a/+/#, subscribe a/+, publish a/", mayNot: "subscribe a/#"},
		{rules: "allow d/%c/#", id: "m1", may: "publish d/m1, subscribe d/m1/#", mayNot: "publish d/m2, subscribe d/+"},
		{rules: "allow d/%c-%u/#", id: "m1", may: "publish d/m1-u", mayNot: "publish d/m1, publish d/m1-"},
		{rules: "allow %u/#", id: "%u", may: "publish u/x", mayNot: "publish %u/x"},
		{rules: "allow d/%c", id: "%u", may: "publish d/%u", mayNot: "publish d/u"},
		// A value never widens a rule.
		{rules: "allow d/%c/x", id: "+", mayNot: "publish d/a/x, publish d/+/x, subscribe d/+/x, subscribe d/a/x"},
		{rules: "allow d/%c", id: "#", mayNot: "publish d/a, subscribe d/#"},
		{rules: "allow d/%c/x", id: "a/b", mayNot: "publish d/a/b/x, subscribe d/a/b/x"},
		{rules: "allow %c", id: "$SYS", mayNot: "subscribe $SYS"},
		{rules: "deny d/%c/#\nallow #", id: "a/b", may: "publish x, publish d", mayNot: "publish d/a/b, publish d/z, subscribe d/z"},
		{rules: "deny d/%c/#\nallow #", id: "+", may: "publish x", mayNot: "publish d/a"},
	} {
		a := mustRights(t, rulesOf(c.rules))
		client := mqtt.Client{ID: c.id, Username: "u"}
		if client.ID == "" {
			client.ID = "client"
		}
		for list, want := range map[string]bool{c.may: true, c.mayNot: false} {
			for question := range strings.SplitSeq(list, ", ") {
				action, topic, _ := strings.Cut(question, " ")
				got := want
				switch action {
				case "publish":
					got = a.MayPublish(client, topic)
				case "subscribe":
					got = a.MaySubscribe(client, topic)
				}
				if got != want {
					t.Errorf("%q as %q: %s: %v", c.rules, client.ID, question, got)
				}
			}
		}
	}
}

func TestPresets(t *testing.T) {
	for _, preset := range gateway.MQTTPresets() {
		rights := gateway.MQTTRights{Rules: preset.Rules}
		if err := rights.Validate(); err != nil {
			t.Errorf("preset %s: %v", preset.Name, err)
		}
	}
	client := mqtt.Client{ID: "c", Username: "u"}
	for preset, want := range map[string][5]bool{ // publish x, publish u/x, publish devices/c/x, subscribe #, subscribe $SYS/#
		"everything": {true, true, true, true, true}, "read-only": {false, false, false, true, false},
		"monitoring": {false, false, false, true, true}, "own-topics": {false, true, false, false, false},
		"sensor": {false, false, true, false, false}, "of another version": {},
	} {
		a := mustRights(t, gateway.MQTTRights{Preset: preset})
		got := [5]bool{
			a.MayPublish(client, "x"), a.MayPublish(client, "u/x"), a.MayPublish(client, "devices/c/x"),
			a.MaySubscribe(client, "#"), a.MaySubscribe(client, "$SYS/#"),
		}
		if got != want {
			t.Errorf("%s: %v, want %v", preset, got, want)
		}
	}
}

// TestASubscriptionIsWhatItsTopicsAre: a filter is granted when each of its topics is allowed, and only then. Three names
// of levels and one level more than the rules have are enough to tell all rules apart.
func TestASubscriptionIsWhatItsTopicsAre(t *testing.T) {
	topics := allTopics([]string{"a", "b", "other"}, 4)
	rapid.Check(t, func(t *rapid.T) {
		filter := rapid.Custom(drawFilter)
		var rights gateway.MQTTRights
		for range rapid.IntRange(0, 6).Draw(t, "rules") {
			rights.Rules = append(rights.Rules, gateway.Rule{
				Action: gateway.ActionBoth, Effect: rapid.SampledFrom([]gateway.Effect{gateway.Allow, gateway.Allow, gateway.Deny}).Draw(t, "effect"),
				Filter: filter.Draw(t, "filter"),
			})
		}
		a, err := access.New(t.Context(), access.Options{Store: storeWithRights(rights), Tokens: newStore()})
		if err != nil {
			t.Fatal(err)
		}
		client, asked := mqtt.Client{ID: "c", Username: "u"}, filter.Draw(t, "asked")
		want := true
		for _, topic := range topics {
			want = want && (!mqtt.Match(asked, topic) || a.MayPublish(client, topic))
		}
		if got := a.MaySubscribe(client, asked); got != want {
			t.Errorf("%s with %v: %v", asked, rights.Rules, got)
		}
	})
}

func drawFilter(t *rapid.T) string {
	levels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "+"}), 0, 3).Draw(t, "levels")
	if len(levels) == 0 || len(levels) < 3 && rapid.Bool().Draw(t, "all below") {
		levels = append(levels, "#")
	}
	return strings.Join(levels, "/")
}

func allTopics(names []string, depth int) (topics []string) {
	for _, name := range names {
		topics = append(topics, name)
		if depth > 1 {
			for _, below := range allTopics(names, depth-1) {
				topics = append(topics, name+"/"+below)
			}
		}
	}
	return topics
}

// TestRulesThatNobodyCanJudgeRefuse: a judgement has a bound, and ends with no.
func TestRulesThatNobodyCanJudgeRefuse(t *testing.T) {
	var rights gateway.MQTTRights
	for i := range 20 {
		level := strings.Repeat("+/", i)
		for _, name := range []string{"a", "b", "c"} {
			rights.Rules = append(rights.Rules, gateway.Rule{Action: "both", Effect: gateway.Allow, Filter: level + name + "/nobody/has/this"})
		}
	}
	rights.Rules = append(rights.Rules, gateway.Rule{Action: gateway.ActionBoth, Effect: gateway.Allow, Filter: "#"})
	a := mustRights(t, rights)
	client := mqtt.Client{ID: "c", Username: "u"}
	if a.MaySubscribe(client, strings.Repeat("+/", 25)+"#") || !a.MaySubscribe(client, "x/y") {
		t.Error("a filter that takes too long is granted, or an easy one is not")
	}
}

// storeWithRights has the MQTT user "u", whose password is nobody's.
func storeWithRights(rights gateway.MQTTRights) *store {
	s := newStore()
	s.accounts["u"] = gateway.Account{User: gateway.User{Name: "u"}, PasswordHash: "none", MQTT: &rights}
	return s
}

func mustRights(t *testing.T, rights gateway.MQTTRights) *access.Access {
	t.Helper()
	return mustAccess(t, storeWithRights(rights), nil)
}

func BenchmarkMayPublish(b *testing.B) {
	a, err := access.New(b.Context(), access.Options{Store: storeWithRights(rulesOf("deny secret/#\nallow d/%c/#")), Tokens: newStore()})
	if err != nil {
		b.Fatal(err)
	}
	client := mqtt.Client{ID: "m1", Username: "u"}
	for b.Loop() {
		if !a.MayPublish(client, "d/m1/temperature") {
			b.Fatal("refused")
		}
	}
}
