package gateway

import (
	"maps"
	"slices"
)

// Topics are where the gateway publishes for its devices, each with whether the broker keeps the last message.
func (c *Config) Topics() map[string]bool {
	topics := map[string]bool{}
	for _, device := range c.Devices {
		topics[StateTopic(c.Name, device.ID)] = true
		for i := range device.Points {
			point := &device.Points[i]
			topics[point.Topic(c.Name, device.ID)] = point.Mapping.Retain
		}
	}
	return topics
}

// TopicChanges are the topics that an edit brings, and those that it leaves without a publisher; both sorted.
func TopicChanges(before, after Config) (appearing, disappearing []string) {
	old, young := before.Topics(), after.Topics()
	return missing(young, old), missing(old, young)
}

// LeftBehind are the topics whose retained messages nobody renews after an edit, sorted: the point is gone, has another
// topic, or is no longer retained.
func LeftBehind(before, after Config) []string {
	return missing(keptOf(before.Topics()), keptOf(after.Topics()))
}

func keptOf(topics map[string]bool) map[string]bool {
	maps.DeleteFunc(topics, func(_ string, retained bool) bool { return !retained })
	return topics
}

// missing are the keys of one that other does not have.
func missing(one, other map[string]bool) []string {
	keys := []string{}
	for key := range one {
		if _, there := other[key]; !there {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
