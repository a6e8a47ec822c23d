package mqtt

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxTopicLevels bounds the depth of a topic or filter. Deeper ones have crashed other brokers (Mosquitto
// CVE-2019-11779, EMQX CVE-2021-33175); no plant needs more.
const MaxTopicLevels = 128

// SharePrefix starts a shared subscription, "$share/{group}/{filter}" (MQTT 5, 4.8.2).
const SharePrefix = "$share/"

// ErrTopic is wrapped by every complaint about a topic name or filter.
var ErrTopic = errors.New("invalid topic")

// ValidateTopic checks a topic name to publish to: 1 to 65,535 bytes of UTF-8 without NUL and wildcards
// [MQTT-3.3.2-2] [MQTT-4.7.3-1] [MQTT-4.7.3-2].
func ValidateTopic(topic string) error {
	if err := validateText(topic); err != nil {
		return err
	}
	if strings.ContainsAny(topic, "+#") {
		return fmt.Errorf("%w %q: a topic name must not contain the wildcards + or #", ErrTopic, topic)
	}
	return nil
}

// ValidateFilter checks a topic filter, also a shared one: "#" stands alone at the end, "+" fills a level
// [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.8.2-1] [MQTT-4.8.2-2].
func ValidateFilter(filter string) error {
	if err := validateText(filter); err != nil {
		return err
	}
	group, rest := SplitShare(filter)
	if strings.HasPrefix(filter, SharePrefix) && (group == "" || rest == "" || strings.ContainsAny(group, "+#")) {
		return fmt.Errorf("%w %q: a shared subscription is $share/{group}/{filter}", ErrTopic, filter)
	}
	for level := range strings.SplitSeq(rest, "/") {
		if len(level) > 1 && strings.ContainsAny(level, "+#") {
			return fmt.Errorf("%w filter %q: + and # must fill a whole level", ErrTopic, filter)
		}
	}
	if i := strings.IndexByte(rest, '#'); i >= 0 && i != len(rest)-1 {
		return fmt.Errorf("%w filter %q: # must be the last level", ErrTopic, filter)
	}
	return nil
}

func validateText(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("%w: it must not be empty", ErrTopic)
	case len(s) > 65535:
		return fmt.Errorf("%w: %d bytes, at most 65535 are allowed", ErrTopic, len(s))
	case !utf8.ValidString(s):
		return fmt.Errorf("%w: it is not valid UTF-8", ErrTopic)
	case strings.IndexByte(s, 0) >= 0:
		return fmt.Errorf("%w %q: it must not contain NUL", ErrTopic, s)
	case strings.Count(s, "/") >= MaxTopicLevels:
		return fmt.Errorf("%w: more than %d levels", ErrTopic, MaxTopicLevels)
	}
	return nil
}

// SplitShare takes a shared subscription apart. For an ordinary filter the group is empty and rest is the filter.
func SplitShare(filter string) (group, rest string) {
	tail, shared := strings.CutPrefix(filter, SharePrefix)
	if !shared {
		return "", filter
	}
	group, rest, _ = strings.Cut(tail, "/")
	return group, rest
}

// Match reports whether a valid filter (not a shared one) matches a valid topic. Wildcards at the first level do not
// match topics that start with $ [MQTT-4.7.2-1]; "a/#" matches "a" too.
func Match(filter, topic string) bool {
	if topic[0] == '$' && (filter[0] == '+' || filter[0] == '#') {
		return false
	}
	for {
		if filter == "#" {
			return true
		}
		f, filterRest, filterMore := strings.Cut(filter, "/")
		t, topicRest, topicMore := strings.Cut(topic, "/")
		switch {
		case f != "+" && f != t:
			return false
		case !topicMore:
			return !filterMore || filterRest == "#"
		case !filterMore:
			return false
		}
		filter, topic = filterRest, topicRest
	}
}
