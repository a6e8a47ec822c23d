package main

import (
	"maps"
	"slices"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// routePreviews know the topics of now: those of the points, and what is retained.
type routePreviews struct {
	config func() gateway.Config
	broker *broker.Broker
}

var _ gateway.RoutePreviews = routePreviews{}

// PreviewRoutes asks the broker for what the routes want only.
func (p routePreviews) PreviewRoutes(routes []gateway.Route) []gateway.RoutePreview {
	config := p.config()
	topics := slices.Collect(maps.Keys(config.Topics()))
	for i := range routes {
		if routes[i].Direction == gateway.Out {
			topics = append(topics, p.broker.RetainedTopics(routes[i].Filter)...)
		}
	}
	return bridge.Preview(routes, topics)
}
