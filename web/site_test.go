package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func TestNameAndTimeZoneOfTheSite(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleAdministrator, "PUT", "/api/v1/site", `{"revision":7,"name":"hall-2","timeZone":"Europe/Berlin"}`)
	if saved := mustDecode[web.Saved](t, answer); saved.Revision != 8 || p.Config().Name != "hall-2" || p.Config().TimeZone != "Europe/Berlin" {
		t.Errorf("%s: %+v", answer.Body, p.Config())
	}
	answer = p.as(gateway.RoleAdministrator, "PUT", "/api/v1/site", `{"revision":7,"name":"hall-3","timeZone":""}`)
	wantProblem(t, answer, http.StatusConflict, gateway.Conflict, "")
	for field, body := range map[string]string{"name": `"name":"a/b","timeZone":"UTC"`, "timeZone": `"name":"a","timeZone":"Mars/Olympus"`} {
		answer := newPage().as(gateway.RoleAdministrator, "PUT", "/api/v1/site", `{"revision":7,`+body+`}`)
		wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, field)
	}
}

func TestHowMuchOfThePastIsKept(t *testing.T) {
	p := newPage()
	p.as(gateway.RoleAdministrator, "PUT", "/api/v1/history/limits", `{"revision":7,"history":{"rawDays":3,"minuteDays":30,"maxBytes":9000000}}`)
	if got := p.Config().History; got != (gateway.HistoryLimits{RawDays: 3, MinuteDays: 30, MaxBytes: 9_000_000}) {
		t.Errorf("%+v", got)
	}
	answer := p.as(gateway.RoleAdministrator, "PUT", "/api/v1/history/limits", `{"revision":8,"history":{"rawDays":900}}`)
	wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "history.rawDays")
}

func TestSetUpAsksWhereTheGatewayStands(t *testing.T) {
	const order = `{"token":"right","name":"anna","password":"right enough"%s}`
	for _, test := range []struct{ sent, field, name, zone string }{
		{"", "", "plant-1", ""},
		{`,"gatewayName":"hall-2","timeZone":"Europe/Berlin"`, "", "hall-2", "Europe/Berlin"},
		{`,"gatewayName":"hall 2"`, "gatewayName", "plant-1", ""},
		{`,"timeZone":"Mars/Olympus"`, "timeZone", "plant-1", ""},
	} {
		p := newPage(func(o *web.Options) { o.Access = willing{o.Access} })
		p.config.Name = "plant-1"
		answer := p.as(gateway.RoleNone, "POST", "/api/v1/setup", fmt.Sprintf(order, test.sent))
		if test.field != "" {
			// The token is not used up.
			wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, test.field)
		} else if answer.Code != http.StatusOK {
			t.Errorf("%s: %s", test.sent, answer.Body)
		}
		if c := p.Config(); c.Name != test.name || c.TimeZone != test.zone {
			t.Errorf("%s: %q in %q", test.sent, c.Name, c.TimeZone)
		}
	}
}
