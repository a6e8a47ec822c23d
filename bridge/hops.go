package bridge

import (
	"slices"
	"strconv"

	"github.com/tidegate/tidegate/mqtt"
)

const (
	// hopsProperty counts the bridges that a message came over. It travels as an MQTT 5 user property, through brokers that
	// know nothing of it.
	hopsProperty = "tidegate-hops"
	// historicalProperty marks what was sent late, where there is a share for live data.
	historicalProperty = "historical"
	// mostHops ends a message that goes round: no honest chain of gateways is that long.
	mostHops = 8
)

// withHop counts the bridge in; looping: the message came over too many already.
func withHop(m *mqtt.Message) (looping bool) {
	hops := 0
	others := slices.DeleteFunc(slices.Clone(m.Properties.User), func(p mqtt.UserProperty) bool {
		if p.Name != hopsProperty {
			return false
		}
		// What is no number is foreign, and counts as none; Atoi makes the most of one that is too large.
		n, _ := strconv.Atoi(p.Value)
		hops = max(hops, n)
		return true
	})
	m.Properties.User = append(others, mqtt.UserProperty{Name: hopsProperty, Value: strconv.Itoa(min(hops, mostHops) + 1)})
	return hops >= mostHops
}

// markHistorical marks a message as late; one that another gateway has marked keeps its mark. withHop came before: the properties
// are this message's own.
func markHistorical(m *mqtt.Message) {
	late := mqtt.UserProperty{Name: historicalProperty, Value: "true"}
	if !slices.Contains(m.Properties.User, late) {
		m.Properties.User = append(m.Properties.User, late)
	}
}

// hopsOf is how many bridges a message came over, this one included after withHop.
func hopsOf(m *mqtt.Message) int {
	for _, p := range m.Properties.User {
		if p.Name == hopsProperty {
			n, _ := strconv.Atoi(p.Value) // as in withHop
			return n
		}
	}
	return 0
}
