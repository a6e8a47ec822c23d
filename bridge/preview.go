package bridge

import (
	"slices"

	"github.com/tidegate/tidegate/gateway"
)

// Preview says which of the topics each route out takes, in the order of the routes. The routes are valid.
func Preview(routes []gateway.Route, topics []string) []gateway.RoutePreview {
	previews := make([]gateway.RoutePreview, len(routes))
	for i := range previews {
		previews[i].Examples = []gateway.CarriedTopic{}
	}
	for _, topic := range slices.Compact(slices.Sorted(slices.Values(topics))) {
		i := place(routes, gateway.Out, topic)
		if i < 0 {
			continue
		}
		p := &previews[i]
		if p.Topics++; len(p.Examples) < gateway.MaxPreviewTopics {
			p.Examples = append(p.Examples, gateway.CarriedTopic{Topic: topic, Remote: target(&routes[i], topic)})
		}
	}
	return previews
}
