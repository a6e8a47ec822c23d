package web_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func flow(address string, mapping gateway.Mapping) gateway.Device {
	return gateway.Device{ID: "boiler", Name: "Boiler", Connection: "bus", Unit: 1, ScanClass: "normal", Points: []gateway.Point{
		{ID: "flow", Name: "Flow", Address: address, Type: gateway.Float32, Writable: true, Mapping: mapping},
	}}
}

func TestPreviewOfADevice(t *testing.T) {
	p := newPage()
	ask := func(device gateway.Device) web.DevicePreview {
		t.Helper()
		answer := p.asAdministrator("POST", "/api/v1/devices/boiler/preview", web.DeviceEdit{Revision: 3, Device: device})
		if answer.Code != http.StatusOK {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		return mustDecode[web.DevicePreview](t, answer)
	}
	t.Run("TopicsAndPlan", func(t *testing.T) {
		preview := ask(flow("holding:0", gateway.Mapping{Topic: "heat/{point}"}))
		if preview.Revision != 7 || preview.Plan == nil || len(preview.Problems) != 0 || len(preview.Changes) != 1 {
			t.Errorf("%+v", preview)
		}
		if diff := cmp.Diff([][]string{{"heat/flow"}, {"plant/boiler/flow"}, {}}, [][]string{preview.Appearing, preview.Disappearing, preview.Cleared}); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("Problems", func(t *testing.T) {
		preview := ask(flow("", gateway.Mapping{}))
		if preview.Plan != nil || len(preview.Problems) != 1 || preview.Problems[0].Field != "device.points[0].address" {
			t.Errorf("%+v", preview)
		}
	})
	t.Run("NothingIsSaved", func(t *testing.T) {
		if config := p.Config(); config.Revision != 7 {
			t.Errorf("revision %d", config.Revision)
		}
	})
	t.Run("ErrNoSuchDevice", func(t *testing.T) {
		answer := p.asAdministrator("POST", "/api/v1/devices/other/preview", web.DeviceEdit{Revision: 7, Device: pump("bus")})
		wantProblem(t, answer, http.StatusNotFound, gateway.NotFound, "")
	})
}
