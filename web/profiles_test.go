package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

// templates are the built-in profiles of the tests: a meter, and a device that says its name.
type templates struct{}

func (templates) BuiltIn() []gateway.Profile {
	source := gateway.ProfileSource{Document: "Manual", Page: "7"}
	return []gateway.Profile{
		{
			ID: "meter", Version: 2, Name: "Meter", Source: source, Checked: gateway.CheckedDocument, Unproven: "a test",
			Points: []gateway.Point{
				{ID: "voltage", Name: "Voltage", Address: "input:0", Type: gateway.Float32},
				{ID: "energy", Name: "Energy", Address: "input:2", Type: gateway.Float32, ScanClass: "hourly"},
			},
		},
		{
			ID: "probe", Version: 1, Name: "Probe", Source: source, Checked: gateway.CheckedDevice, Unproven: "a test",
			Identification: gateway.ProfileIdentification{Address: "holding:9", Equals: 7},
			Points:         []gateway.Point{{ID: "humidity", Address: "holding:0", Type: gateway.Int16}},
		},
	}
}

func (templates) Check(p *gateway.Profile) error {
	if strings.Contains(p.Points[0].Address, "wrong") {
		return gateway.FieldErrorf("points[0].address", "this is no address")
	}
	return nil
}

func (templates) SunSpec(read func(address, count int) ([]uint16, error)) (gateway.SunSpecDevice, error) {
	mark, err := read(40000, 1)
	return gateway.SunSpecDevice{Address: int(mark[0]), Models: []gateway.SunSpecModel{}, Points: []gateway.Point{}}, err
}

// mine is an uploaded profile; register is where its power is.
func mine(version, register int) string {
	return fmt.Sprintf(`id: mine
version: %d
name: My meter
manufacturer: Me
models: [One]
source: {document: Letter, page: "1"}
checked: device
unproven: I read it off the display
defaults: {type: float32}
points:
  - {id: power, name: Power, address: "input:%d", unit: W}
  - {id: energy, name: Energy, address: "input:8", unit: kWh}
`, version, register)
}

func thirty(ref gateway.ProfileRef, revision int64) web.DeviceBatch {
	batch := web.DeviceBatch{Revision: revision, Profile: ref}
	for i := range 30 {
		batch.Devices = append(batch.Devices, web.BatchDevice{
			ID: fmt.Sprintf("m%d", i+1), Name: fmt.Sprintf("Meter %d", i+1), Connection: "bus", Unit: i + 2, ScanClass: "normal",
		})
	}
	return batch
}

func wantOK(t *testing.T, answer interface{ Result() *http.Response }, body fmt.Stringer) {
	t.Helper()
	if code := answer.Result().StatusCode; code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
}

func TestThirtyMetersInOneStep(t *testing.T) {
	p := newPage()
	upload := func(revision int64, text string) {
		t.Helper()
		answer := p.asAdministrator("POST", "/api/v1/profiles", map[string]any{"revision": revision, "text": text})
		wantOK(t, answer, answer.Body)
	}
	upload(7, mine(1, 0))
	answer := p.asAdministrator("POST", "/api/v1/devices/batch", thirty(gateway.ProfileRef{ID: "mine"}, 8))
	wantOK(t, answer, answer.Body)
	if config := p.Config(); config.Revision != 9 || len(config.Devices) != 32 {
		t.Fatalf("revision %d, %d devices", config.Revision, len(config.Devices))
	}

	// One of them reads its energy more often and has a point of its own, and one stands alone.
	config := p.Config()
	own, _ := config.Device("m3")
	own.Points = append(slices.Clone(own.Points), gateway.Point{ID: "door", Address: "discrete:0", Type: gateway.Bool})
	own.Points[1].ScanClass = "fast"
	answer = p.asAdministrator("PUT", "/api/v1/devices/m3", web.DeviceEdit{Revision: 9, Device: own})
	wantOK(t, answer, answer.Body)
	answer = p.asAdministrator("POST", "/api/v1/devices/m30/detach", map[string]any{"revision": 10})
	wantOK(t, answer, answer.Body)

	// The register of all others changes: first looked at, then done, in one revision.
	next := strings.Replace(mine(2, 52), "id: energy", "id: work", 1)
	answer = p.asAdministrator("POST", "/api/v1/profiles/preview", map[string]any{"text": next})
	wantOK(t, answer, answer.Body)
	preview := mustDecode[web.ProfilePreview](t, answer)
	if preview.Revision != 11 || len(preview.Devices) != 29 || slices.Contains(preview.Devices, "m30") ||
		len(preview.Appear) != 29 || len(preview.Vanish) != 29 || !slices.Contains(preview.Appear, "plant/m1/work") || !slices.Contains(preview.Vanish, "plant/m3/energy") {
		t.Errorf("%+v", preview)
	}
	if config = p.Config(); config.Revision != 11 {
		t.Errorf("a preview made revision %d", config.Revision)
	}
	upload(11, next)
	config = p.Config()
	for _, device := range config.Devices {
		if device.ID[0] != 'm' {
			continue
		}
		power, version := device.Points[0].Address, device.Profile.Version
		if want := map[bool]string{true: "input:0", false: "input:52"}[device.ID == "m30"]; power != want || version == 1 {
			t.Errorf("%s reads %s, profile version %d", device.ID, power, version)
		}
	}
	if own, _ = config.Device("m3"); len(own.Points) != 3 || own.Points[2].ID != "door" {
		t.Errorf("its own point: %+v", own.Points)
	}
	if config.Revision != 12 || len(config.Profiles) != 1 {
		t.Errorf("revision %d, %d profiles", config.Revision, len(config.Profiles))
	}
	list := mustDecode[[]web.ProfileSummary](t, p.as(gateway.RoleViewer, "GET", "/api/v1/profiles", ""))
	if i := slices.IndexFunc(list, func(s web.ProfileSummary) bool { return s.ID == "mine" }); i < 0 || list[i].BuiltIn || len(list[i].Devices) != 29 || list[i].Devices[2].Differences != 1 {
		t.Errorf("%+v", list)
	}
}

func TestAnExportHasDifferencesOnly(t *testing.T) {
	p := newPage()
	answer := p.asAdministrator("POST", "/api/v1/devices/batch", thirty(gateway.ProfileRef{ID: "meter"}, 7))
	wantOK(t, answer, answer.Body)
	before := p.Config()
	device, _ := before.Device("m7")
	if device.Profile.Version != 2 || device.Points[1].ScanClass != "" {
		t.Errorf("a scan class that the gateway does not have stays: %+v", device)
	}
	text := p.as(gateway.RoleAdministrator, "GET", "/api/v1/config/export", "").Body.String()
	if n := strings.Count(text, "input:0"); n != 1 {
		t.Errorf("the register is there %d times:\n%s", n, text)
	}
	answer = p.asAdministrator("POST", "/api/v1/config/import", map[string]any{"revision": 8, "document": text})
	wantOK(t, answer, answer.Body)
	after := p.Config()
	if changes := gateway.Diff(before, after); len(changes) > 0 {
		t.Errorf("an import of what was exported changes %+v", changes)
	}
}

func TestProfilesAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		body  map[string]any
		field string
	}{
		"typing error": {map[string]any{"text": mine(1, 0) + "pionts: []\n"}, "text"},
		"no source":    {map[string]any{"text": strings.Replace(mine(1, 0), "document: Letter, ", "", 1)}, "source"},
		"no vector":    {map[string]any{"text": strings.Replace(mine(1, 0), "unproven", "notes", 1)}, "unproven"},
		"built-in id":  {map[string]any{"text": strings.Replace(mine(1, 0), "id: mine", "id: meter", 1)}, "id"},
		"address":      {map[string]any{"text": strings.Replace(mine(1, 0), "input:0", "wrong:0", 1)}, "points[0].address"},
		"same version": {map[string]any{"text": mine(5, 2)}, "version"},
		"old version":  {map[string]any{"text": mine(4, 0)}, "version"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage()
			answer := p.asAdministrator("POST", "/api/v1/profiles", map[string]any{"revision": 7, "text": mine(5, 0)})
			wantOK(t, answer, answer.Body)
			test.body["revision"] = 8
			wantProblem(t, p.asAdministrator("POST", "/api/v1/profiles", test.body), http.StatusUnprocessableEntity, gateway.Invalid, test.field)
			delete(test.body, "revision")
			wantProblem(t, p.asAdministrator("POST", "/api/v1/profiles/preview", test.body), http.StatusUnprocessableEntity, gateway.Invalid, test.field)
		})
	}
}

func TestABatchPointsAtTheDevice(t *testing.T) {
	p := newPage()
	batch := thirty(gateway.ProfileRef{ID: "meter"}, 7)
	batch.Devices[4].Unit = 300
	wantProblem(t, p.asAdministrator("POST", "/api/v1/devices/batch", batch), http.StatusUnprocessableEntity, gateway.Invalid, "devices[4].unit")
	batch = thirty(gateway.ProfileRef{ID: "meter"}, 7)
	batch.Devices[5].ID = "boiler"
	wantProblem(t, p.asAdministrator("POST", "/api/v1/devices/batch", batch), http.StatusUnprocessableEntity, gateway.Invalid, "devices[5].id")
	batch.Points = []gateway.Point{{ID: "a", Address: "input:0", Type: gateway.Int16}}
	wantProblem(t, p.asAdministrator("POST", "/api/v1/devices/batch", batch), http.StatusUnprocessableEntity, gateway.Invalid, "points")
	batch = thirty(gateway.ProfileRef{ID: "nobody"}, 7)
	wantProblem(t, p.asAdministrator("POST", "/api/v1/devices/batch", batch), http.StatusUnprocessableEntity, gateway.Invalid, "profile")
	if config := p.Config(); config.Revision != 7 {
		t.Errorf("revision %d", config.Revision)
	}
}

func TestABatchWithoutAProfile(t *testing.T) {
	p := newPage()
	batch := thirty(gateway.ProfileRef{}, 7)
	batch.Points = []gateway.Point{{ID: "a", Address: "input:0", Type: gateway.Int16}}
	answer := p.asAdministrator("POST", "/api/v1/devices/batch", batch)
	wantOK(t, answer, answer.Body)
	if device, _ := configOf(p).Device("m9"); len(device.Points) != 1 || device.Profile.ID != "" || device.Unit != 10 {
		t.Errorf("%+v", device)
	}
}

func TestAnUploadedProfileGoesWhenNobodyUsesIt(t *testing.T) {
	p := newPage()
	answer := p.asAdministrator("POST", "/api/v1/profiles", map[string]any{"revision": 7, "text": mine(1, 0)})
	wantOK(t, answer, answer.Body)
	batch := thirty(gateway.ProfileRef{ID: "mine"}, 8)
	batch.Devices = batch.Devices[:1]
	answer = p.asAdministrator("POST", "/api/v1/devices/batch", batch)
	wantOK(t, answer, answer.Body)
	wantProblem(t, p.as(gateway.RoleAdministrator, "DELETE", "/api/v1/profiles/mine?revision=9", ""), http.StatusConflict, gateway.Conflict, "")
	wantProblem(t, p.as(gateway.RoleAdministrator, "DELETE", "/api/v1/profiles/meter?revision=9", ""), http.StatusNotFound, gateway.NotFound, "")
	answer = p.as(gateway.RoleAdministrator, "DELETE", "/api/v1/devices/m1?revision=9", "")
	wantOK(t, answer, answer.Body)
	answer = p.as(gateway.RoleAdministrator, "DELETE", "/api/v1/profiles/mine?revision=10", "")
	wantOK(t, answer, answer.Body)
	if config := p.Config(); len(config.Profiles) != 0 {
		t.Errorf("%+v", config.Profiles)
	}
}

func TestIdentifyAsksTheUnit(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleAdministrator, "POST", "/api/v1/connections/identify", `{"connection":`+someConnection+`,"unit":1}`)
	wantOK(t, answer, answer.Body)
	found := mustDecode[web.Identified](t, answer)
	if len(found.Profiles) != 1 || found.Profiles[0].ID != "probe" || found.SunSpec == nil || found.SunSpec.Address != 7 {
		t.Errorf("%s", answer.Body)
	}
}

func configOf(p *page) *gateway.Config {
	config := p.Config()
	return &config
}
