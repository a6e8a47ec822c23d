package gateway

// MaxPreviewTopics bounds the topics that are shown of each route.
const MaxPreviewTopics = 20

// RoutePreviews say what routes would carry.
type RoutePreviews interface {
	// PreviewRoutes gives for each route, in their order, what it takes of the topics of now: those of the points, and those
	// that the broker retains something of. What the other broker has is not known, so that routes in take none. It does not
	// wait.
	PreviewRoutes(routes []Route) []RoutePreview
}

// RoutePreview is what one route takes. A topic belongs to the first route that matches it.
type RoutePreview struct {
	// Topics is how many it takes.
	Topics int `json:"topics"`
	// Examples are the first of them by name.
	Examples []CarriedTopic `json:"examples"`
}

// CarriedTopic is a topic on both sides of a bridge.
type CarriedTopic struct {
	Topic string `json:"topic"`
	// Remote is what it is called on the other side.
	Remote string `json:"remote"`
}
