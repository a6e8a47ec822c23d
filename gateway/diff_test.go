package gateway_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

func TestDiff(t *testing.T) {
	before := gateway.Config{
		Revision: 1, Name: "plant",
		Devices: []gateway.Device{
			{ID: "a", Name: "A", Points: []gateway.Point{{ID: "x", Scale: 2}, {ID: "y"}}},
			{ID: "b"},
		},
		Bridges: []gateway.Bridge{{ID: "c", Password: "secret 1", Routes: []gateway.Route{{Filter: "p/#"}}}},
	}
	after := gateway.Config{
		Revision: 2, Name: "plant", TimeZone: "Europe/Berlin", LocalLogin: gateway.LocalLogin{TCP: true},
		Devices: []gateway.Device{{ID: "a", Name: "A2", Points: []gateway.Point{{ID: "y"}, {ID: "x", Scale: 0.5}, {ID: "z", Unit: "°C"}}}},
		Bridges: []gateway.Bridge{{ID: "c", Password: "secret 2", Routes: []gateway.Route{{Filter: "p/#"}, {Filter: "q", QoS: 1}}}},
	}
	type line struct {
		kind   gateway.ChangeKind
		object gateway.ObjectKind
		id     string
		field  gateway.FieldChange
	}
	var got []line
	for _, change := range gateway.Diff(before, after) {
		for _, field := range change.Fields {
			if change.Kind == gateway.ChangeChanged || field.Field == "unit" && field.After != "" {
				got = append(got, line{change.Kind, change.Object, change.ID, field})
			}
		}
		if change.Kind == gateway.ChangeRemoved {
			got = append(got, line{kind: change.Kind, object: change.Object, id: change.ID})
		}
	}
	want := []line{
		{gateway.ChangeChanged, gateway.ObjectGateway, "", gateway.FieldChange{Field: "localLogin.tcp", Before: "false", After: "true"}},
		{gateway.ChangeChanged, gateway.ObjectGateway, "", gateway.FieldChange{Field: "timeZone", After: "Europe/Berlin"}},
		{"changed", "device", "a", gateway.FieldChange{Field: "name", Before: "A", After: "A2"}},
		{"changed", "point", "a/x", gateway.FieldChange{Field: "scale", Before: "2", After: "0.5"}},
		{"added", "point", "a/z", gateway.FieldChange{Field: "unit", After: "°C"}},
		{"changed", "bridge", "c", gateway.FieldChange{Field: "password", Before: gateway.Redacted, After: gateway.Redacted}},
		{"changed", "bridge", "c", gateway.FieldChange{Field: "routes[1].filter", After: "q"}},
		{"changed", "bridge", "c", gateway.FieldChange{Field: "routes[1].qos", After: "1"}},
		{kind: "removed", object: "device", id: "b"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(line{})); diff != "" {
		t.Error(diff)
	}
	if changes := gateway.Diff(after, after); len(changes) != 0 {
		t.Errorf("equal ones differ: %+v", changes)
	}
}
