package bridge_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
)

// TestPreviewGivesATopicToItsFirstRoute: what another route out takes, and what comes in, is not counted.
func TestPreviewGivesATopicToItsFirstRoute(t *testing.T) {
	routes := []gateway.Route{
		{Direction: gateway.In, Filter: "#"},
		{Direction: gateway.Out, Filter: "hall/+/alarm", Exclude: []string{"hall/9/#"}, Topic: "alarms/{1}"},
		{Direction: gateway.Out, Filter: "hall/#", Prefix: "site/"},
	}
	topics := []string{"hall/2/alarm", "hall/1/alarm", "hall/9/alarm", "yard", "hall/1/alarm"}
	want := []gateway.RoutePreview{
		{Examples: []gateway.CarriedTopic{}},
		{Topics: 2, Examples: []gateway.CarriedTopic{{Topic: "hall/1/alarm", Remote: "alarms/1"}, {Topic: "hall/2/alarm", Remote: "alarms/2"}}},
		{Topics: 1, Examples: []gateway.CarriedTopic{{Topic: "hall/9/alarm", Remote: "site/hall/9/alarm"}}},
	}
	if diff := cmp.Diff(want, bridge.Preview(routes, topics)); diff != "" {
		t.Error(diff)
	}
}

func TestPreviewShowsFewAndCountsAll(t *testing.T) {
	var topics []string
	for i := range 3 * gateway.MaxPreviewTopics {
		topics = append(topics, fmt.Sprintf("a/%02d", i))
	}
	got := bridge.Preview([]gateway.Route{{Direction: gateway.Out, Filter: "a/+"}}, topics)[0]
	if got.Topics != len(topics) || len(got.Examples) != gateway.MaxPreviewTopics {
		t.Errorf("%d topics with %d examples", got.Topics, len(got.Examples))
	}
}
