package web_test

import (
	"context"
	"net/http"
	"reflect"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func TestListeners(t *testing.T) {
	lan := gateway.Listener{ID: "lan", Kind: gateway.ListenTLS, Address: ":8883"}
	p := newPage()
	saved := mustDecode[web.ListenerSaved](t, p.asAdministrator("POST", "/api/v1/listeners", web.ListenerEdit{Revision: 7, Listener: lan}))
	if saved.Revision != 8 || !reflect.DeepEqual(saved.Listener, lan) {
		t.Errorf("added: %+v", saved)
	}
	again := p.asAdministrator("POST", "/api/v1/listeners", web.ListenerEdit{Revision: 8, Listener: lan})
	wantProblem(t, again, http.StatusUnprocessableEntity, gateway.Invalid, "listener.id")

	lan.Address = ":8884"
	mustDecode[web.ListenerSaved](t, p.asAdministrator("PUT", "/api/v1/listeners/lan", web.ListenerEdit{Revision: 8, Listener: lan}))
	if got := p.Config().Listeners; len(got) != 1 || !reflect.DeepEqual(got[0], lan) {
		t.Errorf("changed: %+v", got)
	}
	unknown := p.asAdministrator("PUT", "/api/v1/listeners/other", web.ListenerEdit{Revision: 9, Listener: lan})
	wantProblem(t, unknown, http.StatusNotFound, gateway.NotFound, "")
	lan.Kind = "carrier pigeon"
	wrong := p.asAdministrator("PUT", "/api/v1/listeners/lan", web.ListenerEdit{Revision: 9, Listener: lan})
	wantProblem(t, wrong, http.StatusUnprocessableEntity, gateway.Invalid, "listener.kind")

	p.asAdministrator("DELETE", "/api/v1/listeners/lan?revision=9", nil)
	if got := p.Config().Listeners; len(got) != 0 {
		t.Errorf("removed: %+v", got)
	}
}

func TestLocalLogin(t *testing.T) {
	p := newPage()
	want := gateway.LocalLogin{Socket: true}
	mustDecode[web.Saved](t, p.asAdministrator("PUT", "/api/v1/local-login", web.LocalLoginEdit{Revision: 7, LocalLogin: want}))
	if got := p.Config().LocalLogin; got != want {
		t.Errorf("%+v", got)
	}
	stale := p.asAdministrator("PUT", "/api/v1/local-login", web.LocalLoginEdit{Revision: 7})
	wantProblem(t, stale, http.StatusConflict, gateway.Conflict, "")
}

// willing lets whoever asks set the gateway up.
type willing struct{ gateway.Access }

func (willing) SetUp(context.Context, string, string, string, string) (gateway.Login, error) {
	return gateway.Login{}, nil
}

func TestSetUpOpensTheNetworkOnlyWhenItIsAskedTo(t *testing.T) {
	for answer, want := range map[string]int{"": 0, `,"openMqttTls":false`: 0, `,"openMqttTls":true`: 1} {
		p := newPage(func(o *web.Options) { o.Access = willing{o.Access} })
		p.as(gateway.RoleNone, "POST", "/api/v1/setup", `{"token":"x","name":"x","password":"x"`+answer+`}`)
		got := p.Config().Listeners
		if len(got) != want {
			t.Fatalf("%q: %+v", answer, got)
		}
		if want == 1 && (got[0].Kind != gateway.ListenTLS || got[0].Address != ":8883" || got[0].Anonymous) {
			t.Errorf("opened: %+v", got[0])
		}
	}
}

func TestEverybodyMayFetchTheCA(t *testing.T) {
	p := newPage(func(o *web.Options) { o.CA = "the CA" })
	if answer := p.as(gateway.RoleNone, "GET", "/api/v1/certificate/ca", ""); answer.Code != http.StatusOK || answer.Body.String() != "the CA" {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if answer := newPage().as(gateway.RoleNone, "GET", "/api/v1/certificate/ca", ""); answer.Code != http.StatusNotFound {
		t.Errorf("without one: %d", answer.Code)
	}
}
