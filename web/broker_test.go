package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
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
