package gateway_test

import (
	"reflect"
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

func template(version int, points ...gateway.Point) gateway.Profile {
	return gateway.Profile{
		ID: "meter", Version: version, Name: "Meter", Source: gateway.ProfileSource{Document: "Manual", Page: "7"},
		Checked: gateway.CheckedDocument, Unproven: "a test", Points: points,
	}
}

var (
	voltage = gateway.Point{ID: "voltage", Name: "Voltage", Address: "input:0", Type: gateway.Float32, Scale: 0.1, Decimals: new(1)}
	energy  = gateway.Point{ID: "energy", Address: "input:8", Type: gateway.Uint32, Decoding: gateway.Decoding{Invalid: "0xFFFFFFFF"}}
	door    = gateway.Point{ID: "door", Address: "discrete:1", Type: gateway.Bool}
)

func changed(p gateway.Point, change func(*gateway.Point)) gateway.Point {
	change(&p)
	return p
}

func TestDifferencesMakeThePointsAgain(t *testing.T) {
	profile := template(1, voltage, energy)
	for name, test := range map[string]struct {
		points []gateway.Point
		count  int
	}{
		"none":        {[]gateway.Point{voltage, energy}, 0},
		"removed":     {[]gateway.Point{energy}, 1},
		"added":       {[]gateway.Point{voltage, energy, door}, 1},
		"changed":     {[]gateway.Point{changed(voltage, func(p *gateway.Point) { p.Scale, p.Unit = 1, "V" }), energy}, 1},
		"left out":    {[]gateway.Point{changed(voltage, func(p *gateway.Point) { p.Scale, p.Decimals = 0, nil }), energy}, 1},
		"inner field": {[]gateway.Point{voltage, changed(energy, func(p *gateway.Point) { p.Decoding.Bits, p.Mapping.QoS = "7-0", new(0) })}, 1},
		"inner gone":  {[]gateway.Point{voltage, changed(energy, func(p *gateway.Point) { p.Decoding = gateway.Decoding{} })}, 1},
		"all of it":   {[]gateway.Point{changed(energy, func(p *gateway.Point) { p.ScanClass = "fast" }), door}, 3},
	} {
		differences := profile.Differences(test.points)
		points, err := profile.With(differences)
		if err != nil || len(differences) != test.count || !reflect.DeepEqual(points, test.points) {
			t.Errorf("%s: %+v: %+v, %v", name, differences, points, err)
		}
	}
}

func meters(profiles []gateway.Profile, devices ...gateway.Device) gateway.Config {
	return gateway.Config{
		Name: "site", ScanClasses: gateway.DefaultScanClasses(), Profiles: profiles, Devices: devices,
		Connections: []gateway.Connection{{ID: "bus", URL: "tcp://10.0.0.1:502"}},
	}
}

func TestANewVersionKeepsWhatDevicesHaveDifferently(t *testing.T) {
	old := template(1, voltage, energy)
	device := gateway.Device{
		ID: "a", Connection: "bus", ScanClass: "normal", Profile: old.Ref(),
		Points: []gateway.Point{changed(voltage, func(p *gateway.Point) { p.Unit = "V" }), energy, door},
	}
	other := device
	other.ID, other.Profile = "b", gateway.ProfileRef{}
	config := meters([]gateway.Profile{old}, device, other)
	young := template(2, changed(voltage, func(p *gateway.Point) { p.Address = "input:52" }))
	young.Quirks.MaxRegisters = 80
	next, err := config.WithProfile(young)
	if err != nil {
		t.Fatal(err)
	}
	got := next.Devices[0]
	if got.Profile != young.Ref() || got.Quirks.MaxRegisters != 80 || len(got.Points) != 2 ||
		got.Points[0].Address != "input:52" || got.Points[0].Unit != "V" || got.Points[1].ID != "door" {
		t.Errorf("%+v", got)
	}
	if !reflect.DeepEqual(next.Devices[1], other) || config.Devices[0].Points[0].Address != "input:0" {
		t.Errorf("others changed: %+v, %+v", next.Devices[1], config.Devices[0])
	}
	next = next.WithoutIdleProfiles(nil)
	if len(next.Profiles) != 1 || next.Validate() != nil {
		t.Errorf("%+v, %v", next.Profiles, next.Validate())
	}
}

func TestCompactAndExpanded(t *testing.T) {
	profile := template(1, voltage, energy)
	device := gateway.Device{ID: "a", Connection: "bus", ScanClass: "normal", Profile: profile.Ref(), Points: []gateway.Point{voltage, door}}
	config := meters([]gateway.Profile{profile}, device)
	compact := config.Compact()
	if len(compact.Devices[0].Points) != 0 || len(compact.Devices[0].Differences) != 2 || len(config.Devices[0].Points) != 2 {
		t.Errorf("%+v", compact.Devices[0])
	}
	expanded, err := compact.Expanded()
	if err != nil || !reflect.DeepEqual(expanded, config) {
		t.Errorf("%+v, %v", expanded, err)
	}
	for field, change := range map[string]func(*gateway.Device){
		"devices[0].profile": func(d *gateway.Device) { d.Profile.Version = 9 },
		"devices[0].points":  func(d *gateway.Device) { d.Points = []gateway.Point{door} },
		"devices[0].differences[0].set": func(d *gateway.Device) {
			d.Differences = []gateway.PointDifference{{ID: "voltage", Set: map[string]any{"scale": "x"}}}
		},
	} {
		wrong := config.Compact()
		change(&wrong.Devices[0])
		_, err := wrong.Expanded()
		if e, is := err.(*gateway.Error); !is || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func FuzzReadProfile(f *testing.F) {
	f.Add("id: a\nversion: 1\nname: A\nchecked: device\nsource: {document: d, page: p}\nunproven: x\ndefaults: {type: int16}\npoints: [{id: a, address: \"holding:1\"}]\n")
	f.Add("id: {a: 1}\npoints: 7")
	f.Add("&a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := gateway.ReadProfile(text)
		if err != nil {
			if gateway.CodeOf(err) != gateway.Invalid {
				t.Errorf("%v", err)
			}
			return
		}
		if points, err := p.With(p.Differences(p.Points)); err != nil || !reflect.DeepEqual(points, p.Points) {
			t.Errorf("%+v, %v", points, err)
		}
	})
}
