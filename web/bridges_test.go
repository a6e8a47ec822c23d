package web_test

import (
	"context"
	"net/http"
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

// TestBridge passes bridges that have their password.
func (p *plant) TestBridge(_ context.Context, b gateway.Bridge) (gateway.BridgeTest, error) {
	return gateway.BridgeTest{Passed: b.Password == canaryPassword, Server: b.URL, Steps: []gateway.BridgeTestStep{
		{Step: gateway.StepDNS, Outcome: gateway.StepPassed, Addresses: []gateway.TestedAddress{{Address: "10.0.0.7"}}},
	}}, nil
}

func TestConnectionsAreTestedWithoutSaving(t *testing.T) {
	p := newPage()
	test := mustDecode[gateway.BridgeTest](t, p.as(gateway.RoleOperator, "POST", "/api/v1/bridges/cloud/test", ""))
	if !test.Passed || len(test.Steps) != 1 || test.Steps[0].Addresses[0].Address != "10.0.0.7" {
		t.Errorf("a saved one: %+v", test)
	}
	wantProblem(t, p.as(gateway.RoleOperator, "POST", "/api/v1/bridges/none/test", ""), http.StatusNotFound, gateway.NotFound, "")

	config := p.Config()
	draft, _ := config.Bridge("cloud")
	draft.Password, draft.Username = gateway.Redacted, "other" // as the form has it
	body := web.BridgeEdit{Bridge: draft}
	if test := mustDecode[gateway.BridgeTest](t, p.asAdministrator("POST", "/api/v1/bridges/test", body)); !test.Passed {
		t.Errorf("a draft lacks the stored password: %+v", test)
	}
	body.Bridge.URL = "mqtts://elsewhere.example"
	wantProblem(t, p.asAdministrator("POST", "/api/v1/bridges/test", body), http.StatusUnprocessableEntity, gateway.Invalid, "bridge.password")
	body.Bridge.URL, body.Bridge.Password = "http://cloud.example", ""
	wantProblem(t, p.asAdministrator("POST", "/api/v1/bridges/test", body), http.StatusUnprocessableEntity, gateway.Invalid, "bridge.url")
	if p.Config().Revision != config.Revision {
		t.Error("something was saved")
	}
}
