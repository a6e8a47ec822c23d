package mqtt_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/mqtt"
)

func TestOverlapAndCovers(t *testing.T) {
	for _, test := range []struct {
		a, b                         string
		overlap, covers, coversFirst bool
	}{
		{"#", "a/b", true, true, false},
		{"a/#", "a", true, true, false},
		{"a/+", "a", false, false, false},
		{"a/+/c", "a/b/+", true, false, false},
		{"+/b", "a/#", true, false, false},
		{"a/b", "a/b", true, true, true},
		{"a/#", "a/+/c", true, true, false},
		{"#", "$SYS/#", false, false, false},
		{"$SYS/#", "$SYS/a", true, true, false},
		{"+", "#", true, false, true},
		{"a", "b", false, false, false},
	} {
		if got := mqtt.Overlap(test.a, test.b); got != test.overlap || mqtt.Overlap(test.b, test.a) != test.overlap {
			t.Errorf("%s and %s: overlap %v", test.a, test.b, got)
		}
		if mqtt.Covers(test.a, test.b) != test.covers || mqtt.Covers(test.b, test.a) != test.coversFirst {
			t.Errorf("%s and %s: covers %v, %v", test.a, test.b, mqtt.Covers(test.a, test.b), mqtt.Covers(test.b, test.a))
		}
	}
}

// TestOverlapIsWhatMatches for short filters: all topics of three levels out of two names are tried.
func TestOverlapIsWhatMatches(t *testing.T) {
	var topics []string
	for _, a := range []string{"a", "b", "x"} {
		topics = append(topics, a)
		for _, b := range []string{"a", "b", "x"} {
			topics = append(topics, a+"/"+b)
			for _, c := range []string{"a", "b", "x"} {
				topics = append(topics, a+"/"+b+"/"+c, a+"/"+b+"/"+c+"/x")
			}
		}
	}
	filter := rapid.StringMatching(`((a|b|\+)(/(a|b|\+)){0,2}(/#)?)|#`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := filter.Draw(t, "a"), filter.Draw(t, "b")
		both, all := false, true
		for _, topic := range topics {
			both = both || mqtt.Match(a, topic) && mqtt.Match(b, topic)
			all = all && (!mqtt.Match(b, topic) || mqtt.Match(a, topic))
		}
		if mqtt.Overlap(a, b) != both || mqtt.Covers(a, b) != all {
			t.Fatalf("overlap %v, covers %v; tried: %v, %v", mqtt.Overlap(a, b), mqtt.Covers(a, b), both, all)
		}
	})
}
