package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func (p *plant) account(what, password string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.accounts, p.password = append(p.accounts, what), password
	return p.fail
}

func (p *plant) Users() []gateway.Person {
	return []gateway.Person{{User: gateway.User{Name: "alice", Role: gateway.RoleAdministrator}}}
}

func (p *plant) AddUser(_ context.Context, person gateway.Person, password, author string) error {
	return p.account("add "+person.Name+" by "+author, password)
}

func (p *plant) ChangeUser(_ context.Context, person gateway.Person, password, author string) error {
	return p.account("change "+person.Name+" by "+author, password)
}

func (p *plant) RemoveUser(_ context.Context, name, author string) error {
	return p.account("remove "+name+" by "+author, "")
}

func (p *plant) MQTTUsers() []gateway.MQTTUser { return nil }

func (p *plant) AddMQTTUser(_ context.Context, user gateway.MQTTUser, password, author string) (gateway.MQTTUser, error) {
	user.Rights.Preset = gateway.PresetNew
	return user, p.account("add MQTT "+user.Name+" by "+author, password)
}

func (p *plant) ChangeMQTTUser(_ context.Context, user gateway.MQTTUser, password, author string) error {
	return p.account("change MQTT "+user.Name+" by "+author, password)
}

func (p *plant) RemoveMQTTUser(_ context.Context, name, author string) error {
	return p.account("remove MQTT "+name+" by "+author, "")
}

func (p *plant) MayMQTT(q gateway.MQTTQuestion) (gateway.MQTTAnswer, error) {
	rule := 0
	return gateway.MQTTAnswer{Allowed: q.Topic == "a", Reason: gateway.CauseRule, Rule: &rule}, nil
}

func TestAccountsAreChangedByWhoIsLoggedIn(t *testing.T) {
	p := newPage()
	person := web.UserEdit{User: gateway.Person{User: gateway.User{Name: "bob", Role: "viewer"}}, Password: "secret canary"}
	pump := web.MQTTUserEdit{User: gateway.MQTTUser{Name: "pump"}, Password: "secret canary"}
	for _, request := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/api/v1/users", person},
		{"PUT", "/api/v1/users/bob", person},
		{"DELETE", "/api/v1/users/bob", nil},
		{"POST", "/api/v1/mqtt/users", pump},
		{"PUT", "/api/v1/mqtt/users/pump", pump},
		{"DELETE", "/api/v1/mqtt/users/pump", nil},
	} {
		answer := p.asAdministrator(request.method, request.path, request.body)
		if answer.Code >= 300 || strings.Contains(answer.Body.String(), "canary") {
			t.Errorf("%s %s: %d %s", request.method, request.path, answer.Code, answer.Body)
		}
	}
	want := []string{
		"add bob by administrator", "change bob by administrator", "remove bob by administrator",
		"add MQTT pump by administrator", "change MQTT pump by administrator", "remove MQTT pump by administrator",
	}
	if diff := cmp.Diff(want, p.accounts); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(p.log.String(), "canary") {
		t.Error("the log has a password")
	}
}

func TestAPasswordThatIsMadeIsShownOnce(t *testing.T) {
	p := newPage()
	edit := web.MQTTUserEdit{User: gateway.MQTTUser{Name: "pump"}, Generate: true}
	first := mustDecode[web.MQTTUserSaved](t, p.asAdministrator("POST", "/api/v1/mqtt/users", edit))
	if len(first.Password) < 26 || first.Password != p.password || first.User.Rights.Preset != gateway.PresetNew {
		t.Errorf("%+v, %q", first, p.password)
	}
	second := mustDecode[web.MQTTUserSaved](t, p.asAdministrator("PUT", "/api/v1/mqtt/users/pump", edit))
	if second.Password == first.Password || second.Password != p.password {
		t.Error("it is not new")
	}
	edit.Password = "given too"
	wantProblem(t, p.asAdministrator("POST", "/api/v1/mqtt/users", edit), http.StatusUnprocessableEntity, gateway.Invalid, "generate")
}

func TestProblemsOfAccounts(t *testing.T) {
	p := newPage()
	pump := web.MQTTUserEdit{User: gateway.MQTTUser{Name: "pump"}}
	for inUser, inRequest := range map[string]string{"name": "user.name", "rights.rules[0].filter": "user.rights.rules[0].filter", "password": "password"} {
		p.failing(gateway.FieldErrorf(inUser, "wrong"))
		for method, path := range map[string]string{"POST": "/api/v1/mqtt/users", "PUT": "/api/v1/mqtt/users/pump"} {
			wantProblem(t, p.asAdministrator(method, path, pump), http.StatusUnprocessableEntity, gateway.Invalid, inRequest)
		}
	}
	wantProblem(t, p.asAdministrator("PUT", "/api/v1/mqtt/users/fan", pump), http.StatusUnprocessableEntity, gateway.Invalid, "user.name")
	p.failing(gateway.Errorf(gateway.Conflict, "the last one"))
	wantProblem(t, p.asAdministrator("DELETE", "/api/v1/users/alice", nil), http.StatusConflict, gateway.Conflict, "")
	wrong := strings.Replace(matrix["POST /api/v1/mqtt/access-check"].body, "publish", "paint", 1)
	if answer := p.as(gateway.RoleAdministrator, "POST", "/api/v1/mqtt/access-check", wrong); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("an unknown action: %d", answer.Code)
	}
}

func TestAccessCheck(t *testing.T) {
	p := newPage()
	question := gateway.MQTTQuestion{User: "pump", ClientID: "c", Action: gateway.ActionPublish, Topic: "a"}
	answer := mustDecode[gateway.MQTTAnswer](t, p.asAdministrator("POST", "/api/v1/mqtt/access-check", question))
	if !answer.Allowed || answer.Reason != gateway.CauseRule || answer.Rule == nil {
		t.Errorf("%+v", answer)
	}
	presets := mustDecode[[]gateway.MQTTPreset](t, p.asAdministrator("GET", "/api/v1/mqtt/presets", nil))
	if len(presets) != len(gateway.MQTTPresets()) {
		t.Errorf("%+v", presets)
	}
	for _, path := range []string{"/api/v1/users", "/api/v1/mqtt/users"} {
		if body := p.as(gateway.RoleAdministrator, "GET", path, "").Body.String(); !strings.HasPrefix(body, "[") {
			t.Errorf("%s: %s", path, body)
		}
	}
}
