package bridge

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// rename finds the topic on the other side: the first route of this direction that matches decides. ok is false when
// none does.
func rename(routes []gateway.Route, direction gateway.Direction, topic string) (renamed string, ok bool) {
	if r := find(routes, direction, topic); r != nil {
		return target(r, topic), true
	}
	return topic, false
}

// find is the first route of this direction that matches; nil for none.
func find(routes []gateway.Route, direction gateway.Direction, topic string) *gateway.Route {
	if i := place(routes, direction, topic); i >= 0 {
		return &routes[i]
	}
	return nil
}

// place is that of the first route of this direction that matches; -1 for none.
func place(routes []gateway.Route, direction gateway.Direction, topic string) int {
	for i := range routes {
		if r := &routes[i]; r.Direction == direction && routeMatches(r, topic) {
			return i
		}
	}
	return -1
}

// Priority is that of the route out that takes a topic; 0 when none does.
func Priority(routes []gateway.Route, topic string) int {
	if r := find(routes, gateway.Out, topic); r != nil {
		return r.Priority
	}
	return 0
}

func routeMatches(r *gateway.Route, topic string) bool {
	excludes := func(filter string) bool { return mqtt.Match(filter, topic) }
	_, filter := mqtt.SplitShare(r.Filter)
	return mqtt.Match(filter, topic) && !slices.ContainsFunc(r.Exclude, excludes)
}

// target is the topic of a message that the route matches.
func target(r *gateway.Route, topic string) string {
	if r.Topic == "" {
		return r.Prefix + topic
	}
	_, filter := mqtt.SplitShare(r.Filter)
	return fill(r.Topic, topic, placesOf(filter, topic))
}

// placesOf says what the wildcards of a filter stand for in a topic that it matches.
func placesOf(filter, topic string) map[string]string {
	places := map[string]string{}
	levels := strings.Split(topic, "/")
	for i, level := range strings.Split(filter, "/") {
		switch level {
		case "+":
			places[strconv.Itoa(len(places)+1)] = levels[i]
		case "#":
			// "a/#" matches "a" too: then nothing is left.
			places["#"] = strings.Join(levels[min(i, len(levels)):], "/")
		}
	}
	return places
}

// fill puts the topic and its parts into a template. A part that is empty at the end takes its slash along, so that
// cloud/{#} never becomes a topic with an empty last level.
func fill(template, topic string, places map[string]string) string {
	pairs := []string{"{topic}", topic}
	for name, part := range places {
		if part == "" {
			pairs = append(pairs, "/{"+name+"}", "")
		}
		pairs = append(pairs, "{"+name+"}", part)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// wanted are the subscriptions that the routes of a direction need, sorted by filter. Routes with the same filter share
// one, at the highest QoS.
func wanted(routes []gateway.Route, direction gateway.Direction) []mqtt.Subscription {
	byFilter := map[string]mqtt.Subscription{}
	for _, r := range routes {
		if r.Direction == direction {
			qos := max(mqtt.QoS(r.QoS), byFilter[r.Filter].QoS)
			byFilter[r.Filter] = subscription(r.Filter, qos)
		}
	}
	result := make([]mqtt.Subscription, 0, len(byFilter))
	for _, s := range byFilter {
		result = append(result, s)
	}
	slices.SortFunc(result, func(a, b mqtt.Subscription) int { return strings.Compare(a.Filter, b.Filter) })
	return result
}

// subscription never brings back what the bridge itself brought, and hands the retain flag on.
func subscription(filter string, qos mqtt.QoS) mqtt.Subscription {
	group, _ := mqtt.SplitShare(filter)
	return mqtt.Subscription{
		Filter: filter, QoS: qos, RetainAsPublished: true, RetainHandling: mqtt.SendRetainedIfNew,
		NoLocal: group == "", // [MQTT-3.8.3-4]
	}
}

// difference says what to subscribe, in this order, and what to unsubscribe then, to get from have to want.
func difference(have, want []mqtt.Subscription) (subscribe []mqtt.Subscription, unsubscribe []string) {
	for _, w := range want {
		if !slices.Contains(have, w) {
			subscribe = append(subscribe, w)
		}
	}
	for _, h := range have {
		if !slices.ContainsFunc(want, func(w mqtt.Subscription) bool { return w.Filter == h.Filter }) {
			unsubscribe = append(unsubscribe, h.Filter)
		}
	}
	return subscribe, unsubscribe
}
