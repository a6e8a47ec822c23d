package web_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

// pendingChanges are those behind the page: they remember, and undo nothing.
type pendingChanges struct {
	list    []gateway.PendingChange
	decided []string
}

func (p *pendingChanges) PendingChanges() []gateway.PendingChange { return p.list }

func (p *pendingChanges) Try(_ context.Context, change gateway.PendingChange, apply func() error) error {
	if err := apply(); err != nil {
		return err
	}
	change.ID, change.Made = "c", time.Now()
	p.list = append(p.list, change)
	return nil
}

func (p *pendingChanges) Free(_ gateway.PendingKind, subject string) error {
	if slices.ContainsFunc(p.list, func(c gateway.PendingChange) bool { return c.Subject == subject }) {
		return gateway.Errorf(gateway.Conflict, "keep or undo it first")
	}
	return nil
}

func (p *pendingChanges) Keep(_ context.Context, id string) error { return p.decide("keep " + id) }

func (p *pendingChanges) Undo(_ context.Context, id string) error { return p.decide("undo " + id) }

func (p *pendingChanges) decide(what string) error {
	p.decided, p.list = append(p.decided, what), nil
	return nil
}

// onPage has certificates that the page shows.
type onPage struct{ *plant }

func (onPage) Certificates() []gateway.Certificate {
	own, uploaded := gateway.Certificate{Kind: gateway.CertificateOwn}, shownCertificate
	own.UsedBy, uploaded.UsedBy = []string{gateway.PageListener}, []string{"lan", gateway.PageListener}
	return []gateway.Certificate{own, uploaded}
}

// TestWhatCanLockItsAuthorOutIsPending: one's own account, and certificates that the page shows.
func TestWhatCanLockItsAuthorOutIsPending(t *testing.T) {
	for _, test := range []struct {
		method, path, body string
		pending            bool
	}{
		{"PUT", "/users/administrator", `{"user":{"name":"administrator","role":"viewer"}}`, true},
		{"PUT", "/users/administrator?confirm=now", `{"user":{"name":"administrator","role":"viewer"}}`, false},
		{"PUT", "/users/pump", `{"user":{"name":"pump","role":"viewer"}}`, false},
		{"DELETE", "/users/administrator", "", true},
		{"DELETE", "/users/pump", "", false},
		{"POST", "/certificates", `{"id":"plant","certificate":"x","key":"its key"}`, true},
		{"POST", "/certificates", `{"id":"plant","certificate":"x","key":"its key","listeners":["page"]}`, true},
		{"POST", "/certificates", `{"id":"plant","certificate":"x","key":"its key","listeners":["lan"]}`, false},
		{"POST", "/certificates?confirm=now", `{"id":"plant","certificate":"x","key":"its key"}`, false},
		{"PUT", "/certificates/plant", `{"certificate":"x","key":"its key"}`, true},
		{"DELETE", "/certificates/plant", "", true},
	} {
		p := newPage(func(o *web.Options) { o.Certificates = onPage{newPlant()} })
		answer := p.as(gateway.RoleAdministrator, test.method, "/api/v1"+test.path, test.body)
		if answer.Code/100 != 2 || len(p.pending.list) > 0 != test.pending {
			t.Errorf("%s %s %s: %d, pending %+v", test.method, test.path, test.body, answer.Code, p.pending.list)
		}
	}
}

func TestNobodyChangesWhatIsPending(t *testing.T) {
	p := newPage()
	p.pending.list = []gateway.PendingChange{{ID: "c", Kind: gateway.PendingUser, Subject: "pump", Author: "pump"}}
	answer := p.as(gateway.RoleAdministrator, "PUT", "/api/v1/users/pump", `{"user":{"name":"pump","role":"viewer"}}`)
	wantProblem(t, answer, http.StatusConflict, gateway.Conflict, "")
}

func TestAChangeIsDecidedByItsAuthorOrAnAdministrator(t *testing.T) {
	for role, status := range map[gateway.Role]int{
		gateway.RoleViewer: http.StatusNoContent, gateway.RoleOperator: http.StatusForbidden, gateway.RoleAdministrator: http.StatusNoContent,
	} {
		for _, what := range []string{"keep", "undo"} {
			p := newPage()
			p.pending.list = []gateway.PendingChange{{ID: "c", Kind: gateway.PendingUser, Subject: "viewer", Author: "viewer"}}
			answer := p.as(role, "POST", "/api/v1/changes/c/"+what, "")
			if done := slices.Equal(p.pending.decided, []string{what + " c"}); answer.Code != status || done != (status == http.StatusNoContent) {
				t.Errorf("%s by %s: %d %v", what, role, answer.Code, p.pending.decided)
			}
		}
	}
	wantProblem(t, newPage().as(gateway.RoleAdministrator, "POST", "/api/v1/changes/c/keep", ""), http.StatusNotFound, gateway.NotFound, "")
}

// TestACertificateIsKeptOverANewConnection: an old one proves nothing, and is closed.
func TestACertificateIsKeptOverANewConnection(t *testing.T) {
	p := newPage()
	helper := httptest.NewTLSServer(nil) // for its certificate, and a client that trusts it
	defer helper.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- p.server.Serve(ctx, tls.NewListener(listener, &tls.Config{Certificates: helper.TLS.Certificates}))
	}()
	do := func(method, path string) int {
		request, err := http.NewRequestWithContext(ctx, method, "https://"+listener.Addr().String()+"/api/v1"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.AddCookie(&http.Cookie{Name: "__Host-tidegate", Value: canaryToken + "administrator"})
		answer, err := helper.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	if status := do("GET", "/changes"); status != http.StatusOK {
		t.Fatalf("%d", status)
	}
	p.pending.list = []gateway.PendingChange{{ID: "c", Kind: gateway.PendingCertificate, Subject: "plant", Made: time.Now()}}
	if status := do("POST", "/changes/c/keep"); status != http.StatusConflict {
		t.Errorf("over the old connection: %d", status)
	}
	if status := do("POST", "/changes/c/keep"); status != http.StatusNoContent {
		t.Errorf("over a new connection: %d", status)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
