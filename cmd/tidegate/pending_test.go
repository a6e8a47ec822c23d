package main_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

// pageURL is where the API of a service is over HTTP.
func pageURL(t *testing.T, s service) string {
	t.Helper()
	for _, line := range s.Output() {
		for _, word := range strings.Fields(line) {
			if strings.HasPrefix(word, "http://") {
				page, _, _ := strings.Cut(word, "#")
				return strings.TrimSuffix(page, "/") + "/api/v1/"
			}
		}
	}
	t.Fatal("no link over HTTP")
	return ""
}

// logIn is a person at the page of a service.
func logIn(t *testing.T, s service, name, password string) administrator {
	t.Helper()
	a := administrator{t: t, url: pageURL(t, s)}
	response, answer := a.do("POST", "login", map[string]any{"name": name, "password": password})
	if response.StatusCode != http.StatusOK {
		t.Fatalf("log in as %s: %s %s", name, response.Status, answer)
	}
	a.cookies = response.Cookies()
	return a
}

// role is what the page says that somebody is.
func (a administrator) role() gateway.Role {
	a.t.Helper()
	_, answer := a.do("GET", "session", nil)
	var visitor struct{ User gateway.User }
	if err := json.Unmarshal(answer, &visitor); err != nil {
		a.t.Fatal(err)
	}
	return visitor.User.Role
}

// TestAChangeOfOnesOwnAccountIsUndoneByARestart unless it was kept before.
func TestAChangeOfOnesOwnAccountIsUndoneByARestart(t *testing.T) {
	t.Parallel()
	const password = "a long one for anna"
	place := newPlace(t)
	s := startService(t, place)
	anna := setUpPage(t, s)
	viewer := func(name string) map[string]any {
		return map[string]any{"user": gateway.Person{User: gateway.User{Name: name, Role: gateway.RoleViewer}}}
	}
	bob := gateway.Person{User: gateway.User{Name: "bob", Role: gateway.RoleAdministrator}}
	for _, order := range []struct {
		method, path string
		body         any
	}{
		{"POST", "users", map[string]any{"user": bob, "password": "a long one for bob"}},
		{"PUT", "users/anna", viewer("anna")},
	} {
		if response, answer := anna.do(order.method, order.path, order.body); response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s %s", order.path, response.Status, answer)
		}
	}
	if role := logIn(t, s, "anna", password).role(); role != gateway.RoleViewer {
		t.Errorf("after the change anna is %s", role)
	}
	s.Interrupt(t)

	s = startService(t, place)
	if role := logIn(t, s, "anna", password).role(); role != gateway.RoleAdministrator {
		t.Errorf("after the restart anna is %s", role)
	}
	second := logIn(t, s, "bob", "a long one for bob")
	if response, answer := second.do("PUT", "users/bob", viewer("bob")); response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", response.Status, answer)
	}
	second = logIn(t, s, "bob", "a long one for bob")
	var pending []gateway.PendingChange
	if _, answer := second.do("GET", "changes", nil); json.Unmarshal(answer, &pending) != nil || len(pending) != 1 || pending[0].SecondsLeft < 40 {
		t.Fatalf("pending %s", answer)
	}
	if response, answer := second.do("POST", "changes/"+pending[0].ID+"/keep", nil); response.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", response.Status, answer)
	}
	s.Interrupt(t)

	s = startService(t, place)
	if role := logIn(t, s, "bob", "a long one for bob").role(); role != gateway.RoleViewer {
		t.Errorf("what was kept is undone: bob is %s", role)
	}
}
