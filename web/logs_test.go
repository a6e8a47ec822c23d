package web_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func (p *plant) System() gateway.System {
	return gateway.System{Hostname: "gate", Clock: gateway.SystemClock{Now: reading("a", "b", 1).Time}, Network: []gateway.SystemInterface{{Name: "eth0"}}}
}

// logger writes into the log that the page shows.
func (p *page) logger() *slog.Logger { return slog.New(p.logs.Handler(slog.LevelInfo)) }

func TestLogsAreChosen(t *testing.T) {
	p := newPage()
	p.logger().Info("bridge is up", "bridge", "cloud")
	p.logger().Warn("bridge is down", "bridge", "cloud")
	p.logger().Warn("device is silent")
	answer := p.as(gateway.RoleOperator, "GET", "/api/v1/logs?level=warn&search=CLOUD", "")
	lines := mustDecode[[]gateway.LogLine](t, answer)
	if len(lines) != 1 || lines[0].Message != "bridge is down" || lines[0].Level != gateway.LogWarn || lines[0].Number != 2 {
		t.Errorf("%s", answer.Body)
	}
	wantProblem(t, p.as(gateway.RoleOperator, "GET", "/api/v1/logs?level=loud", ""), http.StatusUnprocessableEntity, gateway.Invalid, "level")
}

func TestLogsAreFollowed(t *testing.T) {
	p := newPage()
	p.logger().Info("first")
	answer, stream := openStreamAt(t, p, gateway.RoleOperator, "/api/v1/logs/events")
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("Content-Type %q", kind)
	}
	for number, message := range []string{"first", "second"} {
		var lines []gateway.LogLine
		if err := json.Unmarshal([]byte(next(t, stream, "lines")), &lines); err != nil || len(lines) != 1 ||
			lines[0].Message != message || lines[0].Number != uint64(number+1) {
			t.Fatalf("%+v %v", lines, err)
		}
		if number == 0 {
			p.logger().Info("second")
		}
	}
}

const canary = "canary" // of every secret

// plantSecrets puts one wherever somebody could enter it, or an error could carry it.
func plantSecrets(p *page) {
	key := "-----BEGIN EC PRIVATE KEY-----\ncanaryLine1canaryLine1\ncanaryLine2canaryLine2==\n-----END EC PRIVATE KEY-----\n"
	p.mu.Lock()
	defer p.mu.Unlock()
	p.config.Connections[0].TLS.Key = gateway.Secret(key)
	b := &p.config.Bridges[0]
	b.Token = gateway.BridgeToken{Kind: gateway.TokenSAS, Key: `canary"token<key>`}
	b.TLS.Key = gateway.Secret(key)
	b.Proxy = gateway.BridgeProxy{URL: "http://user:canaryInProxyURL@proxy:3128", Password: "canaryProxy"}
	p.fail = errors.New("dial mqtts://u:canaryInError@cloud: refused, password " + canaryPassword)
	p.readings = []gateway.Reading{{Point: gateway.PointKey{Device: "a", Point: "b"}, Reason: "canaryLine1canaryLine1"}}
}

func TestTheSupportBundleHasNoSecrets(t *testing.T) {
	p := newPage(func(o *web.Options) {
		o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `up{url="mqtt://u:canaryMetrics@host"} 1`)
		})
	})
	plantSecrets(p)
	p.logger().Warn("bridge fails", "error", "login with "+canaryPassword+" and canary\"token<key> and canaryProxy", "password", "canaryLog")
	answer := p.as(gateway.RoleAdministrator, "GET", "/api/v1/support-bundle", "")
	if answer.Code != http.StatusOK || !strings.Contains(answer.Header().Get("Content-Disposition"), "tidegate-support-plant-20260102-030405.zip") {
		t.Fatalf("%d %v", answer.Code, answer.Header())
	}
	texts := unzip(t, answer.Body.Bytes())
	for name, text := range texts {
		if strings.Contains(text, canary) {
			t.Errorf("%s has a secret:\n%s", name, text)
		}
	}
	for name, part := range map[string]string{
		"README.txt": "Passwords, keys and tokens", "config.yaml": "cloud.example", "status.json": `"version": "test"`, "system.json": `"hostname": "gate"`,
		"metrics.txt": "@host", "log.jsonl": "bridge fails", "backlogs.json": `"cloud"`, "sessions.json": `"total": 7`, "values.json": "[",
		"given-up.json": `"missing"`, "certificates.json": "[",
	} {
		if !strings.Contains(texts[name], part) {
			t.Errorf("%s lacks %s:\n%s", name, part, texts[name])
		}
	}
}

func TestLogsHaveNoSecretsOfTheConfiguration(t *testing.T) {
	p := newPage()
	plantSecrets(p)
	p.logger().Warn("bridge fails", "error", "login with "+canaryPassword+" and canaryProxy")
	answer := p.as(gateway.RoleOperator, "GET", "/api/v1/logs", "")
	if text := answer.Body.String(); strings.Contains(text, canary) || !strings.Contains(text, "login with") {
		t.Error(text)
	}
}

// unzip gives the texts of an archive by name.
func unzip(t *testing.T, data []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range archive.File {
		entry, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(entry)
		if err != nil {
			t.Fatal(err)
		}
		texts[f.Name] = string(text)
	}
	return texts
}
