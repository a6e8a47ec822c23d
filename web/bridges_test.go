package web_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func TestBridgesAreCheckedWithoutSaving(t *testing.T) {
	p := newPage()
	p.waiting = 50 // and as many come in each second
	presets := mustDecode[[]gateway.BridgePreset](t, p.as(gateway.RoleViewer, "GET", "/api/v1/bridge-presets", ""))
	if len(presets) != len(gateway.BridgePresets()) || presets[0].Rules[0].Source == "" {
		t.Errorf("presets %+v", presets)
	}
	config := p.Config()
	bridge, _ := config.Bridge("cloud")
	bridge.URL, bridge.Preset, bridge.Password, bridge.Routes = "mqtts://cloud.example:8883", "emqx-cloud", "", []gateway.Route{}
	check := func() web.BridgeCheck {
		t.Helper()
		return mustDecode[web.BridgeCheck](t, p.asAdministrator("POST", "/api/v1/bridges/check",
			web.BridgeEdit{Revision: 7, Bridge: bridge}))
	}
	result := check()
	if len(result.Problems) != 1 || result.Problems[0].Field != "bridge.password" {
		t.Errorf("problems %+v", result.Problems)
	}
	if w := result.Warnings; len(w) != 1 || w[0].Field != "bridge.pace.messagesPerSecond" || !strings.Contains(w[0].Message, "50 messages") {
		t.Errorf("warnings %+v", w)
	}
	if got := p.Config(); got.Revision != config.Revision {
		t.Error("something was saved")
	}
}
