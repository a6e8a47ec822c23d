package drivers_test

import (
	"slices"
	"testing"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/gateway"
)

// unproven are the profiles for which nobody has published raw registers with their value. One that gets a vector leaves
// the list; a new one without needs a line here.
var unproven = []string{
	"bernecker-mpm3pm", "bg-etech-ws100", "carlo-gavazzi-em24", "chint-dtsu666", "dzg-dvh4013", "eastron-x96-1a", "epever-tracer",
	"inepro-pro380", "janitza-b23", "orno-we-504", "orno-we-516", "siemens-pac2200",
}

func TestProfilesDecodeWhatOthersWroteDown(t *testing.T) {
	var without []string
	seen := map[string]bool{}
	for _, p := range (drivers.Profiles{}).BuiltIn() {
		if err := (drivers.Profiles{}).Check(&p); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
		if seen[p.ID] {
			t.Errorf("%s is there twice", p.ID)
		}
		seen[p.ID] = true
		if len(p.Vectors) == 0 {
			without = append(without, p.ID)
		}
	}
	slices.Sort(without)
	if !slices.Equal(without, unproven) {
		t.Errorf("without vectors are %q, the list has %q", without, unproven)
	}
	if len(seen) < 25 {
		t.Errorf("%d profiles", len(seen))
	}
}

func TestAVectorThatDoesNotFitIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*gateway.Profile)
		field  string
	}{
		"value":   {func(p *gateway.Profile) { p.Vectors[0].Value = gateway.FloatValue(220.1) }, "vectors[0].value"},
		"null":    {func(p *gateway.Profile) { p.Vectors[0].Value = gateway.Value{} }, "vectors[0].value"},
		"short":   {func(p *gateway.Profile) { p.Vectors[0].Registers = "08" }, "vectors[0].registers"},
		"order":   {func(p *gateway.Profile) { p.Points[1].ByteOrder = "" }, "vectors[1].value"},
		"scale":   {func(p *gateway.Profile) { p.Points[0].Scale = 1 }, "vectors[0].value"},
		"address": {func(p *gateway.Profile) { p.Points[2].Address = "input:65535" }, "points[2].address"},
	} {
		t.Run(name, func(t *testing.T) {
			p := pzem(t)
			test.change(&p)
			err := (drivers.Profiles{}).Check(&p)
			if e, is := err.(*gateway.Error); !is || e.Field != test.field {
				t.Errorf("%v, want one about %s", err, test.field)
			}
		})
	}
}

func pzem(t *testing.T) gateway.Profile {
	t.Helper()
	for _, p := range (drivers.Profiles{}).BuiltIn() {
		if p.ID == "peacefair-pzem-004t-v3" {
			p.Points, p.Vectors = slices.Clone(p.Points), slices.Clone(p.Vectors)
			return p
		}
	}
	t.Fatal("there is no profile of the meter")
	return gateway.Profile{}
}
