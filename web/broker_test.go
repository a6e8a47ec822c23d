package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func TestGivenUpIsShown(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/broker/given-up", "")
	want := `"session":"line 1","reason":"queue-age","topic":"plant/flow","messages":7,"bytes":210,"first":"2026-01-02T03:04:05Z"`
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), want) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	p.plant.fail = &gateway.Error{Code: gateway.Unavailable, Message: "the queue is closed"}
	if answer := p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/broker/given-up", ""); answer.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

// TestClientsAreEnded by their identifier, which may have any characters.
func TestClientsAreEnded(t *testing.T) {
	p := newPage()
	for _, path := range []string{"/api/v1/sessions/disconnect", "/api/v1/sessions/remove"} {
		if answer := p.asAdministrator("POST", path, web.SessionID{ID: "line 1/ä"}); answer.Code != http.StatusNoContent && answer.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
	if want := []string{"disconnect line 1/ä", "remove line 1/ä"}; !slices.Equal(p.endings, want) {
		t.Errorf("%v", p.endings)
	}
	p.plant.fail = gateway.Errorf(gateway.NotFound, "there is no session")
	wantProblem(t, p.asAdministrator("POST", "/api/v1/sessions/remove", web.SessionID{ID: "x"}), http.StatusNotFound, gateway.NotFound, "")
}

func TestSessionsComeInPages(t *testing.T) {
	for query, want := range map[string]gateway.SessionQuery{
		"": {Sort: gateway.SortSessionsByID, Limit: 50},
		"?search=press&sort=queue&descending=true&offset=100&limit=25": {
			Search: "press", Sort: gateway.SortSessionsByQueue, Descending: true, Offset: 100, Limit: 25,
		},
	} {
		p := newPage()
		answer := p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/sessions"+query, "")
		if answer.Code != http.StatusOK || p.askedFor != want || !strings.Contains(answer.Body.String(), `"total":7`) {
			t.Errorf("%s: asked %+v, %d %s", query, p.askedFor, answer.Code, answer.Body)
		}
	}
	for _, wrong := range []string{"limit=0", "limit=501", "offset=-1", "sort=size"} {
		if answer := newPage().as(gateway.RoleViewer, http.MethodGet, "/api/v1/sessions?"+wrong, ""); answer.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", wrong, answer.Code, answer.Body)
		}
	}
}

func TestDetailOfASession(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/sessions/detail?id=line%201%2F%C3%A4", "")
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `"id":"line 1/ä"`) || !strings.Contains(answer.Body.String(), `"subscriptions":[],"will":true`) {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	p.plant.fail = gateway.Errorf(gateway.NotFound, "there is no session")
	wantProblem(t, p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/sessions/detail?id=x", ""), http.StatusNotFound, gateway.NotFound, "")
}

// TestALearnedDeviceIsForgotten says so when there is none.
func TestALearnedDeviceIsForgotten(t *testing.T) {
	p := newPage()
	if answer := p.as(gateway.RoleAdministrator, http.MethodDelete, "/api/v1/devices/boiler/learned", ""); answer.Code != http.StatusNoContent && answer.Code != http.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if want := []string{"forget boiler"}; !slices.Equal(p.endings, want) {
		t.Errorf("%v", p.endings)
	}
	p.plant.fail = gateway.Errorf(gateway.NotFound, "there is no device")
	wantProblem(t, p.as(gateway.RoleAdministrator, http.MethodDelete, "/api/v1/devices/x/learned", ""), http.StatusNotFound, gateway.NotFound, "")
}
