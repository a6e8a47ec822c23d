package mqtt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/mqtt"
)

// matches has every example of chapter 4.7 of the standard, and the corners between them.
var matches = []struct {
	filter, topic string
	want          bool
}{
	// 4.7.1.2, multi-level wildcard
	{"sport/tennis/player1/#", "sport/tennis/player1", true},
	{"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
	{"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
	{"sport/tennis/player1/#", "sport/tennis/player2", false},
	{"sport/#", "sport", true},
	{"sport/#", "sports", false},
	{"#", "sport", true},
	{"#", "/", true},
	{"sport/tennis/#", "sport/tennis", true},
	// 4.7.1.3, single-level wildcard
	{"sport/tennis/+", "sport/tennis/player1", true},
	{"sport/tennis/+", "sport/tennis/player2", true},
	{"sport/tennis/+", "sport/tennis/player1/ranking", false},
	{"sport/+", "sport", false},
	{"sport/+", "sport/", true},
	{"+", "finance", true},
	{"+", "/finance", false},
	{"+/tennis/#", "a/tennis", true},
	{"+/tennis/#", "a/tennis/b/c", true},
	{"sport/+/player1", "sport/tennis/player1", true},
	{"sport/+/player1", "sport//player1", true},
	{"+/+", "/finance", true},
	{"/+", "/finance", true},
	// 4.7.2, topics beginning with $ [MQTT-4.7.2-1]
	{"#", "$SYS/monitor", false},
	{"+/monitor/Clients", "$SYS/monitor/Clients", false},
	{"$SYS/#", "$SYS/monitor/Clients", true},
	{"$SYS/monitor/+", "$SYS/monitor/Clients", true},
	{"$SYS/#", "$SYS", true},
	{"+", "$SYS", false},
	{"+/#", "a", true},
	{"a/#", "a/$SYS", true},
	{"a/+", "a/$SYS", true},
	// 4.7.3, semantics
	{"ACCOUNTS", "Accounts", false},
	{"Accounts payable", "Accounts payable", true},
	{"/finance", "finance", false},
	{"finance/", "finance", false},
	{"finance", "finance/", false},
	{"/", "/", true},
	{"//", "/", false},
	{"a//b", "a/b", false},
	{"a/+/b", "a//b", true},
	{"a/+/#", "a", false},
	{"a/+/#", "a/b", true},
	{"+/+/#", "a/b", true},
	{"a/b", "a/b/c", false},
	{"a/b/c", "a/b", false},
	{"ü/+", "ü/€", true},
}

func TestMatch(t *testing.T) {
	for _, m := range matches {
		if err := errors.Join(mqtt.ValidateFilter(m.filter), mqtt.ValidateTopic(m.topic)); err != nil {
			t.Errorf("%q, %q: %v", m.filter, m.topic, err)
			continue
		}
		if got := mqtt.Match(m.filter, m.topic); got != m.want {
			t.Errorf("Match(%q, %q) is %v", m.filter, m.topic, got)
		}
	}
}

// reference says the same as Match in the words of chapter 4.7, slowly.
func reference(filter, topic string) bool {
	f, t := strings.Split(filter, "/"), strings.Split(topic, "/")
	if strings.HasPrefix(topic, "$") && (f[0] == "+" || f[0] == "#") {
		return false
	}
	for i, level := range f {
		if level == "#" {
			return true
		}
		if i >= len(t) || level != "+" && level != t[i] {
			return false
		}
		if i == len(t)-1 && i == len(f)-2 && f[i+1] == "#" {
			return true // "#" includes the parent
		}
	}
	return len(f) == len(t)
}

func FuzzMatch(f *testing.F) {
	for _, m := range matches {
		f.Add(m.filter, m.topic)
	}
	f.Fuzz(func(t *testing.T, filter, topic string) {
		if mqtt.ValidateFilter(filter) != nil || mqtt.ValidateTopic(topic) != nil {
			return
		}
		if got, want := mqtt.Match(filter, topic), reference(filter, topic); got != want {
			t.Errorf("Match(%q, %q) is %v, want %v", filter, topic, got, want)
		}
	})
}

// TestValidateTopic [MQTT-4.7.0-1] [MQTT-4.7.3-1] [MQTT-4.7.3-2] [MQTT-4.7.3-3] [MQTT3-4.7.1-1] [MQTT3-4.7.3-1]
// [MQTT3-4.7.3-2] [MQTT3-4.7.3-3].
func TestValidateTopic(t *testing.T) {
	deepest := strings.Repeat("a/", mqtt.MaxTopicLevels-1) + "a"
	good := []string{"a", "/", "//", "a b", "$SYS/x", "ü€😀", "\ufeff", deepest, strings.Repeat("a", 65535)}
	for _, topic := range good {
		if err := mqtt.ValidateTopic(topic); err != nil {
			t.Errorf("%.20q: %v", topic, err)
		}
	}
	bad := []string{"", "+", "#", "a/+", "a/#", "a+b", "a#", "a\x00", "\xff", "\xed\xa0\x80", deepest + "/a", strings.Repeat("a", 65536)}
	for _, topic := range bad {
		if err := mqtt.ValidateTopic(topic); !errors.Is(err, mqtt.ErrTopic) {
			t.Errorf("%.20q: %v", topic, err)
		}
	}
}

// TestValidateFilter [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.8.2-1] [MQTT-4.8.2-2] [MQTT3-4.7.1-2] [MQTT3-4.7.1-3].
func TestValidateFilter(t *testing.T) {
	good := []string{
		"#", "+", "a/#", "/#", "+/#", "+/+", "a/+/b", "sport/tennis/#", "sport/+/player1", "$SYS/#", "$share/g/a", "$share/g/#",
		"$share/g//", "$share", "$shared/#",
	}
	for _, filter := range good {
		if err := mqtt.ValidateFilter(filter); err != nil {
			t.Errorf("%q: %v", filter, err)
		}
	}
	bad := []string{
		"", "sport/tennis#", "sport/tennis/#/ranking", "sport+", "+a", "a/b+/c", "#/a", "##", "++", "+#", "a\x00", "\xff",
		"$share/", "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/g#/a", "$share/g/a#", "$share/g/#/a",
		strings.Repeat("+/", mqtt.MaxTopicLevels) + "+",
	}
	for _, filter := range bad {
		if err := mqtt.ValidateFilter(filter); !errors.Is(err, mqtt.ErrTopic) {
			t.Errorf("%q: %v", filter, err)
		}
	}
}

func TestSplitShare(t *testing.T) {
	for _, test := range []struct{ filter, group, rest string }{
		{"$share/consumer1/sport/tennis/+", "consumer1", "sport/tennis/+"},
		{"$share/g//", "g", "/"},
		{"$share/g", "g", ""},
		{"a/b", "", "a/b"},
		{"$SYS/#", "", "$SYS/#"},
	} {
		if group, rest := mqtt.SplitShare(test.filter); group != test.group || rest != test.rest {
			t.Errorf("%q: %q, %q", test.filter, group, rest)
		}
	}
}
