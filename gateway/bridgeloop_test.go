package gateway_test

import (
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

func TestRoutesThatGoRoundAreRefusedOver311(t *testing.T) {
	out := func(filter, prefix, topic string, exclude ...string) gateway.Route {
		return gateway.Route{Direction: gateway.Out, Filter: filter, Prefix: prefix, Topic: topic, Exclude: exclude}
	}
	in := func(filter, prefix, topic string, exclude ...string) gateway.Route {
		return gateway.Route{Direction: gateway.In, Filter: filter, Prefix: prefix, Topic: topic, Exclude: exclude}
	}
	for _, test := range []struct {
		name    string
		out, in gateway.Route
		circle  bool
	}{
		{"all and all", out("#", "", ""), in("#", "", ""), true},
		{"it grows", out("#", "", ""), in("#", "cloud/", ""), true},
		{"apart", out("line/#", "site/", ""), in("cmd/#", "", ""), false},
		{"it stays there", out("line/#", "", ""), in("#", "cloud/", ""), false},
		{"prefixes", out("#", "site/", ""), in("site/#", "", ""), true},
		{"an exception out", out("#", "", "", "cloud/#"), in("#", "cloud/", ""), false},
		{"an exception in", out("line/#", "", ""), in("#", "", "", "line/#"), false},
		{"too narrow an exception", out("#", "", "", "cloud/a"), in("#", "cloud/", ""), true},
		{"templates", out("a/+/c", "", "x/{1}"), in("x/+", "", "a/{1}/c"), true},
		{"templates apart", out("a/+/c", "", "x/{1}"), in("x/+", "", "b/{1}/c"), false},
		{"parts of levels", out("a/+", "", "x/y{1}z/{topic}"), in("x/+/#", "", "a/{1}"), true},
		{"shared", out("a/#", "", ""), in("$share/g/a/#", "", ""), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := gateway.Bridge{ID: "cloud", URL: "mqtt://x", Version: 4, Routes: []gateway.Route{test.out, test.in}}
			want := ""
			if test.circle {
				want = "routes[1].filter"
			}
			checkBridge(t, b, want)
			b.Version = 5
			checkBridge(t, b, "")
		})
	}
}
