package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

const secretOfToken = "tidegate_canary"

func (p *plant) Logins() []gateway.RunningLogin {
	return []gateway.RunningLogin{
		{Login: gateway.Login{ID: "administrator", User: gateway.User{Name: "administrator", Role: gateway.RoleAdministrator}}, Address: "10.0.0.7"},
		{Login: gateway.Login{ID: "other", Token: canaryToken, User: gateway.User{Name: "bob", Role: gateway.RoleViewer}}},
	}
}

func (p *plant) EndLogin(_ context.Context, id, author string) error {
	return p.account("end login "+id+" by "+author, "")
}

func (p *plant) Tokens() []gateway.Token { return nil }

func (p *plant) AddToken(_ context.Context, order gateway.NewToken, author string) (gateway.Token, string, error) {
	token := gateway.Token{ID: "t", Name: order.Name, Scope: order.Scope, Author: author, Created: time.Unix(0, 0).UTC()}
	return token, secretOfToken, p.account("add token "+order.Name+" by "+author, "")
}

func (p *plant) RemoveToken(_ context.Context, id, author string) error {
	return p.account("remove token "+id+" by "+author, "")
}

// Bearer knows a secret for each scope.
func (p *plant) Bearer(secret string) (gateway.User, bool) {
	scope, is := strings.CutPrefix(secret, secretOfToken+" ")
	return gateway.User{Name: "token:" + scope, Role: gateway.Scope(scope).Role()}, is
}

func TestLoginsAreListedAndEnded(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleAdministrator, "GET", "/api/v1/logins", "").Body.String()
	for _, want := range []string{`"id":"administrator"`, `"own":true`, `"address":"10.0.0.7"`, `"id":"other"`, `"own":false`} {
		if !strings.Contains(answer, want) {
			t.Errorf("no %s in %s", want, answer)
		}
	}
	if strings.Contains(answer, canaryToken) {
		t.Error("the list shows a token")
	}
	p.as(gateway.RoleAdministrator, "DELETE", "/api/v1/logins/other", "")
	p.as(gateway.RoleAdministrator, "DELETE", "/api/v1/tokens/t", "")
	if diff := cmp.Diff([]string{"end login other by administrator", "remove token t by administrator"}, p.accounts); diff != "" {
		t.Error(diff)
	}
}

func TestATokenActsWithinItsScope(t *testing.T) {
	for _, test := range []struct {
		secret, method, path, body string
		want                       int
	}{
		{secretOfToken + " read", "GET", "/api/v1/status", "", http.StatusOK},
		{secretOfToken + " read", "POST", "/api/v1/points/boiler/flow/write", `{"value":1}`, http.StatusForbidden},
		{secretOfToken + " operate", "POST", "/api/v1/points/boiler/flow/write", `{"value":1}`, http.StatusOK},
		{secretOfToken + " operate", "GET", "/api/v1/tokens", "", http.StatusForbidden},
		{secretOfToken + " administer", "POST", "/api/v1/tokens", `{"name":"grafana","scope":"read"}`, http.StatusOK},
		{"wrong", "GET", "/api/v1/status", "", http.StatusUnauthorized},
		{secretOfToken + " read", "GET", "/metrics", "", http.StatusOK},
		{"wrong", "GET", "/metrics", "", http.StatusUnauthorized},
	} {
		p := newPage()
		if got := p.as(gateway.RoleNone, test.method, test.path, test.body, "Authorization", "Bearer "+test.secret); got.Code != test.want {
			t.Errorf("%s %s with %q: %d %s", test.method, test.path, test.secret, got.Code, got.Body)
		}
		if strings.Contains(p.log.String(), secretOfToken) {
			t.Error("the log shows a token")
		}
	}
	// A wrong token is not made good by a cookie.
	if got := newPage().as(gateway.RoleAdministrator, "GET", "/api/v1/status", "", "Authorization", "Bearer wrong"); got.Code != http.StatusUnauthorized {
		t.Errorf("a wrong token beside a cookie: %d", got.Code)
	}
}
