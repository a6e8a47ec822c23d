package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

const writeFlow = "/api/v1/points/boiler/flow/write"

func TestCodesAndStatuses(t *testing.T) {
	for code, status := range map[gateway.Code]int{
		gateway.Invalid: 422, gateway.NotFound: 404, gateway.Conflict: 409, gateway.Unauthorized: 401, gateway.Forbidden: 403,
		gateway.TooMany: 429, gateway.Unavailable: 503,
	} {
		p := newPage()
		p.failing(fmt.Errorf("write: %w", gateway.Errorf(code, "what to do")))
		problem := wantProblem(t, p.as(gateway.RoleOperator, "POST", writeFlow, `{"value":1}`), status, code, "")
		if problem.Detail != "what to do" {
			t.Errorf("%s: %q", code, problem.Detail)
		}
	}
	p := newPage()
	p.failing(gateway.FieldErrorf("value", "too large"))
	wantProblem(t, p.as(gateway.RoleOperator, "POST", writeFlow, `{"value":1}`), http.StatusUnprocessableEntity, gateway.Invalid, "value")
	p.failing(fmt.Errorf("wait: %w", context.DeadlineExceeded))
	wantProblem(t, p.as(gateway.RoleOperator, "POST", writeFlow, `{"value":1}`), http.StatusServiceUnavailable, gateway.Unavailable, "")
}

func TestInternalErrorsAreLoggedAndNotShown(t *testing.T) {
	p := newPage()
	p.failing(errInternal)
	answer := p.as(gateway.RoleOperator, "POST", writeFlow, `{"value":1}`)
	problem := wantProblem(t, answer, http.StatusInternalServerError, "internal", "")
	if strings.Contains(answer.Body.String(), "canary") {
		t.Errorf("shown: %s", answer.Body)
	}
	if log := p.log.String(); problem.Instance == "" || !strings.Contains(log, problem.Instance) || !strings.Contains(log, internalDetail) {
		t.Errorf("log: %s", log)
	}
}

func TestAPanicEndsOneRequest(t *testing.T) {
	p := newPage(func(o *web.Options) {
		o.SerialPorts = func(gateway.Config) []gateway.SerialPort { panic(internalDetail) }
	})
	answer := p.as(gateway.RoleAdministrator, "GET", "/api/v1/serial/ports", "")
	wantProblem(t, answer, http.StatusInternalServerError, "internal", "")
	if strings.Contains(answer.Body.String(), "canary") || !strings.Contains(p.log.String(), "routes.go") {
		t.Errorf("%s\n%s", answer.Body, p.log)
	}
	if answer := p.as(gateway.RoleViewer, "GET", "/api/v1/status", ""); answer.Code != http.StatusOK {
		t.Errorf("after it: %d", answer.Code)
	}
}

func TestWrongInput(t *testing.T) {
	for _, c := range []struct {
		body, field string
		status      int
	}{
		{`{"revision":7,"device":{"id":"x","name":"x","connection":"bus","unit":"one","scanClass":"fast","points":[]}}`, "device.unit", 422},
		{`{"revision":7,"device":{"id":"x","name":"x","connection":"bus","unit":1,"points":[]}}`, "device", 422},
		{`{"revision":7,"device":{"id":"x","name":"x","connection":"bus","unit":1,"scanClass":"fast","points":null}}`, "device.points", 422},
		{`{"revision":7,"device":{"id":"x","name":"x","connection":"bus","unit":1,"scanClass":"fast","points":[],"hack":1}}`, "device.hack", 422},
		{`{"revision":7,"connection":{"id":"n","name":"n","url":"tcp://x:1","timeout":"soon"},"device":` + newDevice + `}`, "connection.timeout", 422},
		{`not json`, "", 400},
		{``, "", 400},
	} {
		answer := newPage().as(gateway.RoleAdministrator, "POST", "/api/v1/devices", c.body)
		p := wantProblem(t, answer, c.status, gateway.Invalid, c.field)
		t.Log(p.Detail)
	}
}

func TestWrongInputIsNotRepeated(t *testing.T) {
	answer := newPage().as(gateway.RoleNone, "POST", "/api/v1/login", `{"name":"x","password":["canary-wrong"],"canary-x":1}`)
	wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, mustDecode[web.Problem](t, answer).Field)
	if strings.Contains(answer.Body.String(), "canary-wrong") {
		t.Errorf("%s", answer.Body)
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	p := newPage()
	for _, r := range p.server.Routes() {
		if r.Method != http.MethodPost && r.Method != http.MethodPut || matrix[r.Method+" "+r.Path].body == "" {
			continue
		}
		size := 1 << 20
		if strings.Contains(r.Path, "/config/import") || strings.Contains(r.Path, "/devices") {
			size = 8 << 20
		}
		body := `{"name":"` + strings.Repeat("x", size) + `"}`
		answer := p.as(gateway.RoleAdministrator, r.Method, path(r), body)
		if answer.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s %s: %d", r.Method, r.Path, answer.Code)
		}
	}
}

// TestLargeBodiesOfUnknownLengthAreRefused: those that come in chunks say nothing before.
func TestLargeBodiesOfUnknownLengthAreRefused(t *testing.T) {
	request := httptest.NewRequest(http.MethodPost, "/api/v1/login", strings.NewReader(`{"name":"`+strings.Repeat("x", 1<<20)+`"}`))
	request.ContentLength = -1
	request.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	newPage().server.Handler().ServeHTTP(answer, request)
	if answer.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

// TestNoSecretLeaves sends every request as every role, well and badly, and looks at all that comes out.
func TestNoSecretLeaves(t *testing.T) {
	failures := []error{nil, errInternal, gateway.Errorf(gateway.Invalid, "wrong")}
	for _, failure := range failures {
		for _, role := range everyRole {
			p := newPage()
			p.failing(failure)
			var answers []*httptest.ResponseRecorder
			for _, r := range p.server.Routes() {
				if r.Path == "/api/v1/events" {
					continue
				}
				answers = append(answers, p.as(role, r.Method, path(r), matrix[r.Method+" "+r.Path].body),
					p.as(role, r.Method, path(r), `{"password":"`+canaryPassword+`","value":{"x":"`+canaryPassword+`"}}`))
			}
			for _, answer := range answers {
				text := answer.Body.String() + fmt.Sprint(answer.Header())
				text = strings.ReplaceAll(text, "tidegate="+canaryToken, "") // the cookie of the login is meant to leave
				if strings.Contains(text, "canary") {
					t.Errorf("%s", text)
				}
			}
			log := strings.ReplaceAll(p.log.String(), internalDetail, "")
			if strings.Contains(log, "canary") {
				t.Errorf("log: %s", log)
			}
		}
	}
}

func TestOneLineInTheLogForEachChange(t *testing.T) {
	p := newPage()
	p.as(gateway.RoleAdministrator, "POST", "/api/v1/devices", matrix["POST /api/v1/devices"].body)
	p.as(gateway.RoleAdministrator, "DELETE", "/api/v1/bridges/a%0Ab%1b[31m?revision=1", "")
	p.as(gateway.RoleAdministrator, "GET", "/api/v1/config", "")
	log := p.log.String()
	if strings.Count(log, "change by a user") != 1 || !strings.Contains(log, "user=administrator") || strings.Contains(log, "\x1b") {
		t.Errorf("%s", log)
	}
}
