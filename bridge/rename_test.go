package bridge

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

func TestRename(t *testing.T) {
	routes := []gateway.Route{
		{Direction: gateway.Out, Filter: "line/1/#", Prefix: "one/"},
		{Direction: gateway.Out, Filter: "line/+/temp", Prefix: "site/"},
		{Direction: gateway.In, Filter: "$share/g/orders/#", Prefix: "cloud/"},
		{Direction: gateway.Out, Filter: "hall/+/cell/+/#", Exclude: []string{"hall/9/#", "+/+/cell/+/debug"}, Topic: "f/{2}-{1}/{#}"},
		{Direction: gateway.Out, Filter: "hall/#", Topic: "rest/{topic}"},
		{Direction: gateway.In, Filter: "$share/g/jobs/+", Topic: "{1}"},
	}
	tests := []struct {
		direction   gateway.Direction
		topic, want string
		ok          bool
	}{
		{gateway.Out, "line/1/temp", "one/line/1/temp", true},
		{gateway.Out, "line/2/temp", "site/line/2/temp", true},
		{gateway.Out, "line/2/other", "line/2/other", false},
		{gateway.In, "orders/7", "cloud/orders/7", true},
		{gateway.In, "line/1/temp", "line/1/temp", false},
		{gateway.Out, "hall/1/cell/2/a/b", "f/2-1/a/b", true},
		{gateway.Out, "hall/1/cell/2", "f/2-1", true},
		{gateway.Out, "hall/1/cell/2/debug", "rest/hall/1/cell/2/debug", true},
		{gateway.Out, "hall/9/cell/2/a", "rest/hall/9/cell/2/a", true},
		{gateway.In, "jobs/7", "7", true},
		// What a topic says is never taken for a place of the template.
		{gateway.Out, "hall/{#}/cell/{1}/x", "f/{1}-{#}/x", true},
	}
	for _, tt := range tests {
		got, ok := rename(routes, tt.direction, tt.topic)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s %s: %s %t, want %s %t", tt.direction, tt.topic, got, ok, tt.want, tt.ok)
		}
	}
}

func TestDifference(t *testing.T) {
	routes := []gateway.Route{
		{Direction: gateway.Out, Filter: "b", QoS: 1},
		{Direction: gateway.Out, Filter: "a", QoS: 2},
		{Direction: gateway.Out, Filter: "b", QoS: 0},
		{Direction: gateway.In, Filter: "x"},
	}
	want := wanted(routes, gateway.Out)
	if diff := cmp.Diff([]mqtt.Subscription{subscription("a", 2), subscription("b", 1)}, want); diff != "" {
		t.Error(diff)
	}
	have := []mqtt.Subscription{subscription("a", 1), subscription("b", 1), subscription("old", 1)}
	subscribe, unsubscribe := difference(have, want)
	if !cmp.Equal(subscribe, []mqtt.Subscription{subscription("a", 2)}) || !cmp.Equal(unsubscribe, []string{"old"}) {
		t.Errorf("subscribe %v, unsubscribe %v", subscribe, unsubscribe)
	}
	if subscription("$share/g/a", 1).NoLocal {
		t.Error("a shared subscription must not be no-local [MQTT-3.8.3-4]")
	}
}

func TestReasonNamesWhatToDo(t *testing.T) {
	for code, text := range codeReasons {
		if got := reason("mqtt://cloud:1883", errors.Join(code)); got == "" || got == text {
			t.Errorf("%s: %q", code, got)
		}
	}
	if got := reason("mqtt://cloud:1883", errors.New("odd")); got != "cloud:1883: odd" {
		t.Error(got)
	}
}
