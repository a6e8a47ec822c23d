package web_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

// TestTheAPIDescribesItself to who is not logged in too: every route of the table is there with a summary.
func TestTheAPIDescribesItself(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleNone, http.MethodGet, "/api/v1/openapi.json", "")
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ Summary string }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &document); err != nil || document.OpenAPI != "3.1.0" {
		t.Fatalf("%d, %v", answer.Code, err)
	}
	for _, r := range p.server.Routes() {
		if document.Paths[r.Path][strings.ToLower(r.Method)].Summary == "" {
			t.Errorf("%s %s is not described", r.Method, r.Path)
		}
	}
}
