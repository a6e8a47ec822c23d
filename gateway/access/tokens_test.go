package access_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

func TestATokenWorksUntilItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		a, _ := mustSetUp(t, s)
		token, secret, err := a.AddToken(t.Context(), gateway.NewToken{Name: "grafana", Scope: gateway.ScopeRead, Days: 30}, "alice")
		if err != nil || !strings.HasPrefix(secret, "tidegate_") || strings.Contains(token.ID+token.Name, secret) {
			t.Fatalf("%+v, %q, %v", token, secret, err)
		}
		_, forever, err := a.AddToken(t.Context(), gateway.NewToken{Name: "forever", Scope: gateway.ScopeOperate}, "alice")
		if err != nil {
			t.Fatal(err)
		}
		who, known := a.Bearer(secret)
		if want := (gateway.User{Name: "token:grafana", Role: gateway.RoleViewer}); who != want || !known {
			t.Errorf("%+v, %v", who, known)
		}
		if _, known := a.Bearer(secret + "x"); known {
			t.Error("a wrong secret is let in")
		}
		writes := s.writes.Load()
		time.Sleep(59 * time.Minute)
		a.Bearer(secret)
		if s.writes.Load() != writes {
			t.Error("each use is stored")
		}
		time.Sleep(time.Minute)
		a.Bearer(secret)
		b := mustAccess(t, s, nil) // after a restart
		if tokens := b.Tokens(); len(tokens) != 2 || tokens[1].Name != "grafana" || !tokens[1].Used.Equal(time.Now()) {
			t.Errorf("after a restart: %+v", tokens)
		}
		time.Sleep(30*24*time.Hour - time.Hour)
		if _, known := b.Bearer(secret); known {
			t.Error("a token goes on after its end")
		}
		if who, known := b.Bearer(forever); !known || who.Role != gateway.RoleOperator {
			t.Errorf("a token without an end has one: %+v", who)
		}
		for _, one := range s.tokens {
			if strings.Contains(one.ID+string(one.Hash[:]), secret) {
				t.Error("the secret is stored")
			}
		}
	})
}

func TestTokensThatDoNotDo(t *testing.T) {
	s := newStore()
	a, _ := mustSetUp(t, s)
	token, secret, err := a.AddToken(t.Context(), gateway.NewToken{Name: "grafana", Scope: gateway.ScopeAdminister}, "alice")
	if err != nil {
		t.Fatal(err)
	}
	for field, order := range map[string]gateway.NewToken{
		"name": {Name: "grafana", Scope: gateway.ScopeRead}, "scope": {Name: "other", Scope: "root"},
	} {
		_, _, err := a.AddToken(t.Context(), order, "alice")
		if e, is := errors.AsType[*gateway.Error](err); !is || e.Field != field {
			t.Errorf("%+v: %v", order, err)
		}
	}
	s.failing.Store(true)
	if err := a.RemoveToken(t.Context(), token.ID, "alice"); err == nil {
		t.Error("a token is removed that comes back at the next start")
	}
	if _, known := a.Bearer(secret); !known {
		t.Error("a token that could not be removed is gone")
	}
	s.failing.Store(false)
	if err := a.RemoveToken(t.Context(), token.ID, "alice"); err != nil {
		t.Fatal(err)
	}
	if _, known := a.Bearer(secret); known || len(mustAccess(t, s, nil).Tokens()) != 0 {
		t.Error("a removed token goes on")
	}
	wantCode(t, "remove again", a.RemoveToken(t.Context(), token.ID, "alice"), gateway.NotFound)
}

func TestOneLoginIsEnded(t *testing.T) {
	s := newStore()
	a, alice := mustSetUp(t, s)
	other, err := a.Login(t.Context(), "alice", password, "10.0.0.9")
	if err != nil {
		t.Fatal(err)
	}
	logins := a.Logins()
	if len(logins) != 2 || logins[0].ID != other.ID || logins[0].Address != "10.0.0.9" || logins[0].Token != "" || logins[1].User.Name != "alice" {
		t.Fatalf("%+v", logins)
	}
	if err := a.EndLogin(t.Context(), other.ID, "alice"); err != nil {
		t.Fatal(err)
	}
	if running(a, other) || running(mustAccess(t, s, nil), other) || !running(a, alice) {
		t.Error("the wrong logins run")
	}
	wantCode(t, "end again", a.EndLogin(t.Context(), other.ID, "alice"), gateway.NotFound)
}

func TestADisabledPersonIsLetInNowhere(t *testing.T) {
	a, _ := mustSetUp(t, newStore())
	bob := gateway.Person{User: gateway.User{Name: "bob", Role: gateway.RoleAdministrator}}
	if err := a.AddUser(t.Context(), bob, password, "alice"); err != nil {
		t.Fatal(err)
	}
	login, err := a.Login(t.Context(), "bob", password, "10.0.0.4")
	if err != nil {
		t.Fatal(err)
	}
	bob.Disabled = true
	if err := a.ChangeUser(t.Context(), bob, "", "alice"); err != nil {
		t.Fatal(err)
	}
	if running(a, login) || !a.Users()[1].Disabled {
		t.Error("a disabled person goes on")
	}
	_, err = a.Login(t.Context(), "bob", password, "10.0.0.4")
	wantCode(t, "log in", err, gateway.Forbidden)
	_, err = a.Login(t.Context(), "bob", "a wrong password", "10.0.0.4")
	wantCode(t, "log in with a wrong password", err, gateway.Unauthorized)
	alice := gateway.Person{User: gateway.User{Name: "alice", Role: gateway.RoleAdministrator}, Disabled: true}
	wantCode(t, "disable the last administrator", a.ChangeUser(t.Context(), alice, "", "alice"), gateway.Conflict)
	if err := a.RemoveUser(t.Context(), "bob", "alice"); err != nil {
		t.Errorf("a disabled administrator beside another one cannot be removed: %v", err)
	}
}
