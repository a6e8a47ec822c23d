package gateway_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

func tank(points ...gateway.Point) gateway.Config {
	return gateway.Config{
		Name: "gw", ScanClasses: gateway.DefaultScanClasses(), Connections: []gateway.Connection{{ID: "bus", URL: "tcp://a:1"}},
		Devices: []gateway.Device{{ID: "tank", Connection: "bus", ScanClass: "normal", Points: points}},
	}
}

func register(id string, mapping gateway.Mapping) gateway.Point {
	return gateway.Point{ID: id, Address: "holding:0", Type: gateway.Int16, Mapping: mapping}
}

func TestTopicsOfAnEdit(t *testing.T) {
	kept := gateway.Mapping{Retain: true}
	tests := map[string]struct {
		after                               gateway.Config
		appearing, disappearing, leftBehind []string
	}{
		"nothing changes":    {tank(register("a", kept), register("b", gateway.Mapping{})), []string{}, []string{}, []string{}},
		"a point is deleted": {tank(register("b", gateway.Mapping{})), []string{}, []string{"gw/tank/a"}, []string{"gw/tank/a"}},
		"another topic": {
			tank(register("a", gateway.Mapping{Topic: "x/{point}", Retain: true}), register("b", gateway.Mapping{})),
			[]string{"x/a"},
			[]string{"gw/tank/a"},
			[]string{"gw/tank/a"},
		},
		"no longer retained":   {tank(register("a", gateway.Mapping{}), register("b", gateway.Mapping{})), []string{}, []string{}, []string{"gw/tank/a"}},
		"not retained, gone":   {tank(register("a", kept)), []string{}, []string{"gw/tank/b"}, []string{}},
		"the device goes":      {gateway.Config{Name: "gw"}, []string{}, []string{"gw/tank/a", "gw/tank/b", "gw/tank/state"}, []string{"gw/tank/a", "gw/tank/state"}},
		"another takes a over": {tank(register("c", gateway.Mapping{Topic: "gw/tank/a", Retain: true}), register("b", gateway.Mapping{})), []string{}, []string{}, []string{}},
	}
	before := tank(register("a", kept), register("b", gateway.Mapping{}))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			appearing, disappearing := gateway.TopicChanges(before, test.after)
			if diff := cmp.Diff([][]string{test.appearing, test.disappearing, test.leftBehind},
				[][]string{appearing, disappearing, gateway.LeftBehind(before, test.after)}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
