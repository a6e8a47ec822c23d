package bridge_test

import (
	"testing"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

func TestUrgentRoutesGoToThePriorityLane(t *testing.T) {
	routes := []gateway.Route{
		{Direction: gateway.In, Filter: "#", Priority: 9},
		{Direction: gateway.Out, Filter: "alarm/#", Exclude: []string{"alarm/test"}, Priority: 5},
		{Direction: gateway.Out, Filter: "alarm/+", Priority: 4},
		{Direction: gateway.Out, Filter: "data/#"},
	}
	of, sorts := bridge.ParseLanes(bridge.Lanes(routes))
	if !sorts {
		t.Error("nothing is urgent")
	}
	for topic, want := range map[string]struct {
		lane  mqtt.Lane
		known bool
	}{
		"alarm/a":    {mqtt.PriorityLane, true},
		"alarm/test": {mqtt.NormalLane, true},
		"data/x":     {mqtt.NormalLane, true},
		"other":      {mqtt.NormalLane, false},
	} {
		if lane, known := of(topic); lane != want.lane || known != want.known {
			t.Errorf("%s: lane %d, known %t", topic, lane, known)
		}
	}
}

// TestOnlyWhatDecidesAboutLanesIsWrittenDown: another edit of a route changes no lane.
func TestOnlyWhatDecidesAboutLanesIsWrittenDown(t *testing.T) {
	before := []gateway.Route{{Direction: gateway.Out, Filter: "a/#", Priority: 5}}
	after := []gateway.Route{
		{Direction: gateway.In, Filter: "c/#"},
		{Direction: gateway.Out, Filter: "a/#", Priority: 9, QoS: 2, Prefix: "x/", Retain: gateway.RetainNever},
	}
	if bridge.Lanes(before) != bridge.Lanes(after) {
		t.Error("the rules are others")
	}
	after[1].Priority = 4
	if bridge.Lanes(before) == bridge.Lanes(after) {
		t.Error("the rules are the same")
	}
	if of, sorts := bridge.ParseLanes("{of a later version"); sorts {
		t.Error("something is urgent in what cannot be read")
	} else if lane, known := of("a"); lane != mqtt.NormalLane || !known {
		t.Errorf("lane %d, known %t", lane, known)
	}
}
