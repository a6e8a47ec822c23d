package main_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// administrator is logged in.
type administrator struct {
	t       *testing.T
	url     string
	cookies []*http.Cookie
}

// setUpPage makes the first administrator and stays logged in.
func setUpPage(t *testing.T, s service) administrator {
	t.Helper()
	for _, line := range s.Output() {
		page, token, found := strings.Cut(line, "#setup=")
		if !found || !strings.Contains(page, "http://") {
			continue
		}
		a := administrator{t: t, url: strings.Fields(page)[1] + "api/v1/"}
		response, _ := a.do("POST", "setup", map[string]any{"token": token, "name": "anna", "password": "a long one for anna"})
		if response.StatusCode != http.StatusOK {
			t.Fatalf("set-up: %s", response.Status)
		}
		a.cookies = response.Cookies()
		return a
	}
	t.Fatal("no link over HTTP")
	return administrator{}
}

func (a administrator) do(method, path string, body any) (*http.Response, []byte) {
	a.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(a.t.Context(), method, a.url+path, bytes.NewReader(text))
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for _, cookie := range a.cookies {
		request.AddCookie(cookie)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return response, answer
}

func (a administrator) listen(l gateway.Listener) (status int, answer string) {
	a.t.Helper()
	var config gateway.Config
	_, text := a.do("GET", "config", nil)
	if err := json.Unmarshal(text, &config); err != nil {
		a.t.Fatal(err)
	}
	response, body := a.do("POST", "listeners", map[string]any{"revision": config.Revision, "listener": l})
	return response.StatusCode, string(body)
}

func mosquitto(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	return string(output), err
}

func TestListenersOfTheConfigurationAreOpenedLive(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	_, ca := admin.do("GET", "certificate/ca", nil)
	caFile := filepath.Join(s.dir, "ca.pem")
	if err := os.WriteFile(caFile, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	secure, ws, socket := freePort(t), freePort(t), filepath.Join(s.dir, "extra.sock")
	for _, l := range []gateway.Listener{
		{ID: "secure", Kind: gateway.ListenTLS, Address: "127.0.0.1:" + secure, Anonymous: true},
		{ID: "ws", Kind: gateway.ListenSecureWebSocket, Address: "127.0.0.1:" + ws, Anonymous: true},
		{ID: "extra", Kind: gateway.ListenUnix, Address: socket, Anonymous: true},
	} {
		if status, answer := admin.listen(l); status != http.StatusOK {
			t.Fatalf("%s: %d %s", l.ID, status, answer)
		}
	}
	if text, err := mosquitto(t, "mosquitto_pub", "--cafile", caFile, "-h", "127.0.0.1", "-p", secure, "-t", "x", "-m", "over TLS", "-r", "-q", "1"); err != nil {
		t.Fatalf("publish over TLS: %v %s", err, text)
	}
	if text, err := mosquitto(t, "mosquitto_sub", "--unix", socket, "-t", "x", "-C", "1", "-W", "5"); err != nil || text != "over TLS\n" {
		t.Errorf("receive over the socket: %q %v", text, err)
	}
	if text, err := mosquitto(t, "mosquitto_pub", "--cafile", "/etc/ssl/certs/ca-certificates.crt", "-h", "127.0.0.1", "-p", secure, "-t", "x", "-n"); err == nil {
		t.Errorf("a client that trusts others trusts the gateway: %s", text)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool(t, ca)}}}
	conn, _, err := websocket.Dial(t.Context(), "wss://127.0.0.1:"+ws+"/mqtt", &websocket.DialOptions{
		Subprotocols: []string{"mqtt"}, HTTPClient: client,
	})
	if err != nil {
		t.Fatalf("secure WebSocket: %v", err)
	}
	_ = conn.CloseNow()
}

func TestATakenPortRefusesAListener(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	status, answer := admin.listen(gateway.Listener{ID: "again", Kind: gateway.ListenTCP, Address: "127.0.0.1:" + s.port})
	if status != http.StatusUnprocessableEntity || !strings.Contains(answer, "listener.address") || !strings.Contains(answer, "taken") {
		t.Errorf("taken port: %d %s", status, answer)
	}
	file := filepath.Join(s.dir, "data", "config.db")
	status, answer = admin.listen(gateway.Listener{ID: "file", Kind: gateway.ListenUnix, Address: file})
	if status != http.StatusUnprocessableEntity {
		t.Errorf("a file in place of a socket: %d %s", status, answer)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
}

func TestAListenerWhosePortIsTakenAtTheStartIsAStatus(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	s := startService(t, dir)
	port := freePort(t)
	if status, answer := setUpPage(t, s).listen(gateway.Listener{ID: "lan", Kind: gateway.ListenTCP, Address: "127.0.0.1:" + port}); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	s.Interrupt(t)
	blocker := programtest.Start(t, nil, "/usr/sbin/mosquitto", "-p", port)
	programtest.Eventually(t, 5*time.Second, "the port is taken", func() bool {
		_, err := mosquitto(t, "mosquitto_pub", "-p", port, "-t", "x", "-n")
		return err == nil
	})
	s = startService(t, dir)
	if l := s.listener(t); l.State != gateway.StateDown || !strings.Contains(l.Reason, "taken") {
		t.Errorf("status %+v", l)
	}
	blocker.Kill()
	programtest.Eventually(t, 20*time.Second, "the listener is open", func() bool { return s.listener(t).State == gateway.StateUp })
}

// listener is the status of the only one that is configured.
func (s service) listener(t *testing.T) gateway.ListenerStatus {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), program, "status", "--runtime", filepath.Join(s.dir, "run")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var status gateway.Status
	if err := json.Unmarshal(output, &status); err != nil || len(status.Listeners) != 3 {
		t.Fatal(fmt.Errorf("status %s: %w", output, err))
	}
	return status.Listeners[2]
}

func pool(t *testing.T, ca []byte) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		t.Fatalf("no certificate in %q", ca)
	}
	return pool
}
