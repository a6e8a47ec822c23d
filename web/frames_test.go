package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.Tracing = (*plant)(nil)

func (p *plant) Frames(connection gateway.Connection, q gateway.FrameQuery) (gateway.FramePage, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tested, p.traced = append(p.tested, connection), q
	return gateway.FramePage{Next: 42, Frames: []gateway.Frame{{Number: 42, Bytes: "0103", Problem: gateway.FrameTruncated}}}, p.fail
}

func (p *plant) FrameFile(connection gateway.Connection) ([]byte, error) {
	return []byte("frames of " + connection.ID), p.fail
}

func TestFrames(t *testing.T) {
	p := newPage()
	for query, want := range map[string]gateway.FrameQuery{
		"": {Unit: -1, Function: -1, Limit: 200},
		"?since=7&unit=0&function=3&problems=true&limit=5": {After: 7, Function: 3, Problems: true, Limit: 5},
	} {
		page := mustDecode[gateway.FramePage](t, p.as(gateway.RoleOperator, "GET", "/api/v1/connections/bus/frames"+query, ""))
		if p.traced != want || len(page.Frames) != 1 || page.Next != 42 || p.tested[len(p.tested)-1].URL != "tcp://10.0.0.5:502" {
			t.Errorf("%q asks for %+v and gives %+v", query, p.traced, page)
		}
	}
	wantProblem(t, p.as(gateway.RoleOperator, "GET", "/api/v1/connections/none/frames", ""), http.StatusNotFound, gateway.NotFound, "")
	wantProblem(t, p.as(gateway.RoleOperator, "GET", "/api/v1/connections/bus/frames?limit=0", ""), http.StatusUnprocessableEntity, gateway.Invalid, "limit")
}

func TestFrameFile(t *testing.T) {
	answer := newPage().as(gateway.RoleOperator, "GET", "/api/v1/connections/bus/frames.pcapng", "")
	if answer.Code != http.StatusOK || answer.Body.String() != "frames of bus" || !strings.Contains(answer.Header().Get("Content-Disposition"), "bus.pcapng") {
		t.Errorf("%d %v %s", answer.Code, answer.Header(), answer.Body)
	}
	wantProblem(t, newPage().as(gateway.RoleOperator, "GET", "/api/v1/connections/none/frames.pcapng", ""), http.StatusNotFound, gateway.NotFound, "")
}
