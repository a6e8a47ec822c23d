package gateway_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

// TestPointProblemsAreAllOfThem, where Validate gives the first one.
func TestPointProblemsAreAllOfThem(t *testing.T) {
	right := register("right", gateway.Mapping{})
	config := tank(
		right,
		gateway.Point{ID: "no address", Address: "holding:1", Type: gateway.Int16},
		gateway.Point{ID: "empty", Type: gateway.Int16},
		gateway.Point{ID: "right", Address: "holding:2", Type: gateway.Int16},
		gateway.Point{ID: "foreign", Address: "elsewhere:2", Type: gateway.Int16},
		gateway.Point{ID: "taken", Address: "holding:3", Type: gateway.Int16, Mapping: gateway.Mapping{Topic: "gw/silo/level"}},
		gateway.Point{ID: "sum", Type: gateway.Float64, Expression: "right + nothing"},
	)
	silo := tank(register("level", gateway.Mapping{})).Devices[0]
	silo.ID = "silo"
	config.Devices = append(config.Devices, silo)
	problems := config.PointProblems("tank", func(p gateway.Point) error {
		if p.Address == "elsewhere:2" {
			return gateway.FieldErrorf("address", "there is no table elsewhere")
		}
		return nil
	})
	var fields []string
	for _, p := range problems {
		fields = append(fields, p.Field)
	}
	want := []string{
		"device.points[1].id", "device.points[2].address", "device.points[3].id", "device.points[4].address",
		"device.points[5].mapping.topic", "device.points[6].expression",
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
	if problems := config.PointProblems("silo", func(gateway.Point) error { return nil }); len(problems) != 1 {
		t.Errorf("the shared topic is a problem of the device that is looked at: %v", problems)
	}
}
