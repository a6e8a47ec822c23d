package main_test

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// The gateway polls a serial line and lets another master read over it; an administrator sends requests on it too.
func TestAWireIsShared(t *testing.T) {
	t.Parallel()
	line := startSim(t, "rtu://"+filepath.Join(t.TempDir(), "line")+"?baud=115200")
	admin := setUpPage(t, startService(t, newPlace(t)))
	port := freePort(t)
	connection := gateway.Connection{
		ID: "line", URL: line, Timeout: gateway.Duration(5 * time.Second),
		Proxy: gateway.ConnectionProxy{Address: "127.0.0.1:" + port, Share: 90},
	}
	response, text := admin.do("POST", "devices", map[string]any{
		"revision": revisionOf(t, admin), "connection": connection,
		"device": gateway.Device{ID: "meter", Connection: "line", Unit: 1, ScanClass: "fast", Points: []gateway.Point{
			{ID: "a", Address: "holding:4", Type: gateway.Uint16},
		}},
	})
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", response.Status, text)
	}
	poll := func(more ...string) string {
		args := append([]string{"-m", "tcp", "-a", "1", "-p", port, "-t", "4", "-r", "8", "-o", "5", "-1", "-q", "127.0.0.1"}, more...)
		output, _ := exec.CommandContext(t.Context(), "mbpoll", args...).CombinedOutput()
		return string(output)
	}
	read := ""
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline) && !strings.Contains(read, "[8]: \t7"); <-time.After(50 * time.Millisecond) {
		read = poll()
	}
	if !strings.Contains(read, "[8]: \t7") {
		t.Errorf("another master reads %s", read)
	}
	if written := poll("1234"); !strings.Contains(written, "Illegal function") {
		t.Errorf("another master writes: %s", written)
	}
	response, text = admin.do("POST", "connections/raw", map[string]any{"connection": connection, "unit": 1, "pdu": "0300070001"})
	if response.StatusCode != http.StatusOK || !strings.Contains(string(text), `"03020007"`) {
		t.Errorf("raw: %s %s", response.Status, text)
	}
	_, text = admin.do("GET", "status", nil)
	var status gateway.Status
	if err := json.Unmarshal(text, &status); err != nil || len(status.Connections) != 1 || status.Connections[0].Proxy == nil ||
		status.Connections[0].Proxy.Answered == 0 || status.Connections[0].Proxy.Refused != 1 || status.Connections[0].Polls == 0 {
		t.Errorf("%v: %s", err, text)
	}
}

func revisionOf(t *testing.T, a administrator) int64 {
	t.Helper()
	_, text := a.do("GET", "config", nil)
	var config gateway.Config
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	return config.Revision
}
