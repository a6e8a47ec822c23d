package web_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/access"
	"github.com/tidegate/tidegate/web"
)

func TestCookies(t *testing.T) {
	for _, c := range []struct {
		name   string
		secure bool
	}{{"tidegate", false}, {"__Host-tidegate", true}} {
		request := httptest.NewRequest("POST", "/api/v1/login", strings.NewReader(`{"name":"viewer","password":"right"}`))
		if c.secure {
			request.TLS = &tls.ConnectionState{}
		}
		recorder := httptest.NewRecorder()
		newPage().server.Handler().ServeHTTP(recorder, request)
		cookies := recorder.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%d %s", recorder.Code, recorder.Body)
		}
		cookie := cookies[0]
		if cookie.Name != c.name || cookie.Secure != c.secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode ||
			cookie.Path != "/" || cookie.Domain != "" || cookie.Value != canaryToken {
			t.Errorf("%+v", cookie)
		}
	}
}

func TestThePlainCookieDoesNotCountOverHTTPS(t *testing.T) {
	request := httptest.NewRequest("GET", "/api/v1/config", nil)
	request.TLS = &tls.ConnectionState{}
	request.AddCookie(&http.Cookie{Name: "tidegate", Value: canaryToken})
	recorder := httptest.NewRecorder()
	newPage().server.Handler().ServeHTTP(recorder, request)
	if recorder.Code != http.StatusUnauthorized {
		t.Errorf("%d", recorder.Code)
	}
}

func TestLogoutEndsTheLoginAndTheCookie(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleViewer, "POST", "/api/v1/logout", "")
	if cookies := answer.Result().Cookies(); answer.Code != http.StatusOK || len(cookies) != 1 || cookies[0].MaxAge != -1 {
		t.Errorf("%d %v", answer.Code, cookies)
	}
	if again := p.as(gateway.RoleViewer, "GET", "/api/v1/status", ""); again.Code != http.StatusUnauthorized {
		t.Errorf("replayed: %d", again.Code)
	}
}

func TestPublicViewShowsAndKeeps(t *testing.T) {
	p := newPage(func(o *web.Options) { o.PublicView = true })
	visitor := mustDecode[web.Visitor](t, p.as(gateway.RoleNone, "GET", "/api/v1/session", ""))
	if want := (web.Visitor{SetUpDone: true, Demo: true, PublicView: true}); visitor != want {
		t.Errorf("%+v", visitor)
	}
	wantProblem(t, p.as(gateway.RoleNone, "POST", "/api/v1/demo/outage", `{"seconds":1}`), 401, gateway.Unauthorized, "")
}

// accounts is a store of access in memory, for one user.
type accounts struct {
	mu       sync.Mutex // guards everything that follows
	accounts []gateway.Account
}

func (a *accounts) Accounts(context.Context) ([]gateway.Account, error) { return nil, nil }

func (a *accounts) PutAccount(_ context.Context, account gateway.Account) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.accounts = append(a.accounts, account)
	return nil
}

func (a *accounts) RemoveAccount(context.Context, string) error { return nil }

func (a *accounts) Logins(context.Context, time.Time) ([]gateway.StoredLogin, error) { return nil, nil }

func (a *accounts) PutLogin(context.Context, gateway.StoredLogin) error { return nil }

func (a *accounts) RemoveLogin(context.Context, [32]byte) error { return nil }

func (a *accounts) StoredTokens(context.Context) ([]gateway.StoredToken, error) { return nil, nil }

func (a *accounts) PutToken(context.Context, gateway.StoredToken) error { return nil }

func (a *accounts) RemoveStoredToken(context.Context, string) error { return nil }

// TestFromTheFirstStart goes the way of the first visitor with the real access, a real server and a browser's cookies.
func TestFromTheFirstStart(t *testing.T) {
	const token, password = "GEZDGNBVGY3TQOJQGEZDGNBVGY", "correct horse battery"
	store := &accounts{}
	theirs, err := access.New(t.Context(), access.Options{Store: store, Tokens: store, SetupToken: token})
	if err != nil {
		t.Fatal(err)
	}
	p := newPage(func(o *web.Options) { o.Access = theirs })
	server := httptest.NewServer(p.server.Handler())
	t.Cleanup(server.Close)
	browser, stranger := &http.Client{Jar: mustJar(t)}, &http.Client{Jar: mustJar(t)}

	want := func(client *http.Client, status int, method, path, body string) {
		t.Helper()
		if got := do(t, client, method, server.URL+path, body); got != status {
			t.Errorf("%s %s: %d, want %d", method, path, got, status)
		}
	}
	setUp := func(token string) string {
		return `{"token":"` + token + `","name":"alice","password":"` + password + `"}`
	}
	want(stranger, 401, "GET", "/api/v1/status", "")
	want(stranger, 403, "POST", "/api/v1/setup", setUp("wrong"))
	want(stranger, 401, "GET", "/api/v1/status", "")
	want(browser, 422, "POST", "/api/v1/setup", `{"token":"`+token+`","name":"alice","password":"password"}`)
	want(browser, 200, "POST", "/api/v1/setup", setUp(token))
	want(browser, 200, "GET", "/api/v1/config", "")
	want(browser, 200, "POST", "/api/v1/devices", matrix["POST /api/v1/devices"].body)
	want(stranger, 409, "POST", "/api/v1/setup", setUp(token))
	want(stranger, 401, "POST", "/api/v1/login", `{"name":"admin","password":"admin"}`)
	want(browser, 200, "POST", "/api/v1/logout", "")
	want(browser, 401, "GET", "/api/v1/config", "")
	want(browser, 200, "POST", "/api/v1/login", `{"name":"alice","password":"`+password+`"}`)
	want(browser, 200, "GET", "/api/v1/config", "")
	if err := theirs.SetPassword(t.Context(), "alice", "another good password", "test"); err != nil {
		t.Fatal(err)
	}
	want(browser, 401, "GET", "/api/v1/config", "")
	status := 0
	for range 20 {
		status = do(t, stranger, "POST", server.URL+"/api/v1/login", `{"name":"alice","password":"guess"}`)
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("after 20 attempts: %d", status)
	}
}

func do(t *testing.T, client *http.Client, method, url, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
