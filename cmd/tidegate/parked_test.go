package main_test

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestWhatTheCloudRefusesIsParked with an alarm, while the rest goes on; the sub-command shows it with the reason, has it
// sent again, and throws it away.
func TestWhatTheCloudRefusesIsParked(t *testing.T) {
	t.Parallel()
	cloud := startMosquitto(t, "max_packet_size 2000")
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	_, answer := admin.do("GET", "config", nil)
	var config gateway.Config
	if err := json.Unmarshal(answer, &config); err != nil {
		t.Fatal(err)
	}
	response, answer := admin.do("POST", "bridges", map[string]any{"revision": config.Revision, "bridge": map[string]any{
		"id": "cloud", "name": "Cloud", "url": "mqtt://127.0.0.1:" + cloud, "version": 5,
		"routes": []map[string]any{{"direction": "out", "filter": "#", "qos": 1}},
	}})
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", response.Status, answer)
	}
	for _, size := range []int{3000, 10, 4000, 20} {
		output, err := exec.CommandContext(t.Context(), "mosquitto_pub", "-p", s.port, "-q", "1", "-t", "line/a", "-m", strings.Repeat("x", size)).CombinedOutput()
		if err != nil {
			t.Fatalf("publish: %v: %s", err, output)
		}
	}
	status := func() (status gateway.Status) {
		_, answer := admin.do("GET", "status", nil)
		if err := json.Unmarshal(answer, &status); err != nil {
			t.Fatal(err)
		}
		return status
	}
	parks := func(want int64) {
		t.Helper()
		programtest.Eventually(t, 10*time.Second, "the others are sent, and the alarm fits", func() bool {
			all := status()
			b := all.Bridges[0]
			alarm := len(all.Alarms) == 1 && all.Alarms[0].Code == gateway.AlarmBridgeParked
			return b.Forwarded == 2 && b.Backlog.Messages == 0 && b.Backlog.Parked == want && alarm == (want > 0)
		})
	}
	command := func(args ...string) string {
		t.Helper()
		all := append([]string{"bridge", "parked", "cloud", "--runtime", filepath.Join(s.dir, "run")}, args...)
		output, err := exec.CommandContext(t.Context(), program, all...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		return string(output)
	}
	parks(2)
	var list []gateway.ParkedMessage
	if err := json.Unmarshal([]byte(command("--json")), &list); err != nil || len(list) != 2 {
		t.Fatalf("%+v: %v", list, err)
	}
	if p := list[0]; !strings.Contains(p.Reason, "packet too large") || p.Topic != "line/a" || p.Payload == nil || len(*p.Payload) != 3000 {
		t.Errorf("%+v", p)
	}
	if table := command(); strings.Count(table, "packet too large") != 2 || !strings.Contains(table, " 4006 ") {
		t.Errorf("%s", table)
	}
	if response, answer := admin.do("GET", "bridges/cloud/parked/export", nil); strings.Count(string(answer), "\n") != 2 ||
		!strings.Contains(string(answer), `"bytes":4006`) || !strings.Contains(response.Header.Get("Content-Disposition"), "parked-cloud-") {
		t.Errorf("%.200s", answer)
	}
	if answer := command("--send"); answer != "2 messages sent again\n" {
		t.Errorf("%q", answer)
	}
	parks(2)
	if answer := command("--discard"); answer != "2 messages thrown away\n" {
		t.Errorf("%q", answer)
	}
	parks(0)
}
