package bridge

import (
	"encoding/json"
	"slices"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// laneRule is what decides about the lane of a topic: the part of a route out that is kept with the session.
type laneRule struct {
	Filter   string   `json:"filter"`
	Exclude  []string `json:"exclude,omitempty"`
	Priority bool     `json:"priority,omitempty"`
}

// Lanes writes down which topics go to the priority lane: those whose route out is urgent. Routes that say the same about
// that have the same text, whatever else is different.
func Lanes(routes []gateway.Route) string {
	rules := []laneRule{}
	for i := range routes {
		if r := &routes[i]; r.Direction == gateway.Out {
			rules = append(rules, laneRule{r.Filter, r.Exclude, r.IsUrgent()})
		}
	}
	text, err := json.Marshal(rules)
	if err != nil {
		panic(err) // texts can be written
	}
	return string(text)
}

// ParseLanes is the opposite of Lanes: of gives the lane of a topic, and known whether a route takes it at all. sorts is
// false when nothing is urgent. A text of a later version counts as routes that take everything, and nothing urgent.
func ParseLanes(text string) (of func(topic string) (lane mqtt.Lane, known bool), sorts bool) {
	var rules []laneRule
	if err := json.Unmarshal([]byte(text), &rules); err != nil {
		rules = []laneRule{{Filter: "#"}}
	}
	routes := make([]gateway.Route, len(rules))
	for i, r := range rules {
		routes[i] = gateway.Route{Direction: gateway.Out, Filter: r.Filter, Exclude: r.Exclude}
		if r.Priority {
			routes[i].Priority = gateway.UrgentPriority
		}
	}
	of = func(topic string) (mqtt.Lane, bool) {
		r := find(routes, gateway.Out, topic)
		switch {
		case r == nil:
			return mqtt.NormalLane, false
		case r.IsUrgent():
			return mqtt.PriorityLane, true
		}
		return mqtt.NormalLane, true
	}
	return of, slices.ContainsFunc(routes, func(r gateway.Route) bool { return r.IsUrgent() })
}
