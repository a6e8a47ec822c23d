package bridge

import (
	"slices"
	"strings"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// rename finds the topic on the other side: the first route of this direction that matches decides. ok is false when
// none does.
func rename(routes []gateway.Route, direction gateway.Direction, topic string) (renamed string, ok bool) {
	for _, r := range routes {
		if r.Direction != direction {
			continue
		}
		if _, filter := mqtt.SplitShare(r.Filter); mqtt.Match(filter, topic) {
			return r.Prefix + topic, true
		}
	}
	return topic, false
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
