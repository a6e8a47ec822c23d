package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestABacklogIsHandledFromOutside through the API and the sub-commands, on the demo whose link is cut.
func TestABacklogIsHandledFromOutside(t *testing.T) {
	t.Parallel()
	d := startDemo(t, t.TempDir())
	d.run(t, "demo", "outage", "10m")
	bridge := func() gateway.BridgeStatus {
		var all []gateway.BridgeStatus
		if err := json.Unmarshal([]byte(d.run(t, "bridge", "list", "--demo", "--json")), &all); err != nil || len(all) != 1 {
			t.Fatalf("%v: %+v", err, all)
		}
		return all[0]
	}
	programtest.Eventually(t, 20*time.Second, "something waits", func() bool {
		b := bridge()
		return b.Backlog.Messages > 30 && b.Backlog.In.Messages > 0 && b.Backlog.Oldest != nil
	})
	id := bridge().ID
	d.run(t, "bridge", "pause", id, "--demo")
	programtest.Eventually(t, 5*time.Second, "it is paused", func() bool { return bridge().State == gateway.StatePaused })
	lines := strings.Split(strings.TrimSpace(d.run(t, "bridge", "export", id, "--demo")), "\n")
	var first gateway.ExportedMessage
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.Topic == "" || first.Payload == nil || len(lines) < 30 {
		t.Errorf("%d lines, the first is %q: %v", len(lines), lines[0], err)
	}
	var course gateway.BacklogCourse
	if err := json.Unmarshal([]byte(d.run(t, "bridge", "show", id, "--demo")), &course); err != nil || course.Backlog.Messages < 30 {
		t.Errorf("%+v: %v", course, err)
	}
	if answer := d.run(t, "bridge", "purge", id, "--demo", "--yes", id); !strings.Contains(answer, " messages removed, ") {
		t.Errorf("%q", answer)
	}
	if b := bridge(); b.Backlog.Messages > 30 || len(b.Backlog.GivenUp) != 1 || b.Backlog.GivenUp[0].Reason != "purged" {
		programtest.Eventually(t, 5*time.Second, "the purge is counted", func() bool { return len(bridge().Backlog.GivenUp) == 1 })
	}
	d.run(t, "bridge", "pace", id, "--demo", "--messages", "50")
	d.run(t, "demo", "outage", "0s")
	d.run(t, "bridge", "resume", id, "--demo")
	d.run(t, "bridge", "flush", id, "--demo")
	programtest.Eventually(t, 10*time.Second, "it is up", func() bool { return bridge().State == gateway.StateUp })
}

// TestAnEditKeepsTheBacklog of the bridge, of its routes and of its credentials; its removal asks.
func TestAnEditKeepsTheBacklog(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	edit := func(method, path string, revision int64, change map[string]any) int64 {
		t.Helper()
		bridge := map[string]any{
			"id": "cloud", "name": "Cloud", "url": "mqtt://127.0.0.1:1", "username": "u", "password": "p",
			"routes": []map[string]any{{"direction": "out", "filter": "line/#", "qos": 1}},
		}
		for field, value := range change {
			bridge[field] = value
		}
		response, answer := admin.do(method, path, map[string]any{"revision": revision, "bridge": bridge})
		var saved struct {
			Revision int64 `json:"revision"`
		}
		if err := json.Unmarshal(answer, &saved); err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", response.Status, answer)
		}
		return saved.Revision
	}
	waiting := func(want int64) {
		t.Helper()
		_, answer := admin.do("GET", "bridges/cloud/backlog", nil)
		var course gateway.BacklogCourse
		if err := json.Unmarshal(answer, &course); err != nil || course.Backlog.Messages != want {
			t.Fatalf("%d messages wait, want %d: %s", course.Backlog.Messages, want, answer)
		}
	}
	_, answer := admin.do("GET", "config", nil)
	var config gateway.Config
	if err := json.Unmarshal(answer, &config); err != nil {
		t.Fatal(err)
	}
	revision := edit("POST", "bridges", config.Revision, nil)
	publisher := exec.CommandContext(t.Context(), "mosquitto_pub", "-p", s.port, "-q", "1", "-t", "line/a", "-l")
	publisher.Stdin = strings.NewReader(strings.Repeat("21.5\n", 20))
	if output, err := publisher.CombinedOutput(); err != nil {
		t.Fatalf("publish: %v: %s", err, output)
	}
	waiting(20)
	for _, change := range []map[string]any{
		{"username": "other", "password": "new"},
		{"url": "mqtt://127.0.0.1:2"},
		{"routes": []map[string]any{{"direction": "out", "filter": "line/#", "prefix": "site/", "qos": 2}}},
		{"routes": []map[string]any{{"direction": "out", "filter": "#", "qos": 1}}},
		{"disabled": true},
		{"disabled": false, "clientId": "me", "version": 4},
	} {
		revision = edit("PUT", "bridges/cloud", revision, change)
		waiting(20)
	}
	remove := fmt.Sprintf("bridges/cloud?revision=%d", revision)
	if response, answer := admin.do("DELETE", remove, nil); response.StatusCode != http.StatusConflict || !strings.Contains(string(answer), "has_backlog") {
		t.Errorf("removed with a backlog: %s %s", response.Status, answer)
	}
	waiting(20)
	if response, answer := admin.do("DELETE", remove+"&discardBacklog=true", nil); response.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", response.Status, answer)
	}
}

// TestAFullBacklogGivesUpTheLowestPriority with alarms, and says how long an outage may last.
func TestAFullBacklogGivesUpTheLowestPriority(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	_, answer := admin.do("GET", "config", nil)
	var config gateway.Config
	if err := json.Unmarshal(answer, &config); err != nil {
		t.Fatal(err)
	}
	response, answer := admin.do("POST", "bridges", map[string]any{"revision": config.Revision, "bridge": map[string]any{
		"id": "cloud", "name": "Cloud", "url": "mqtt://127.0.0.1:1",
		"storage": map[string]any{"maxBytes": 1_000_000, "overflow": "drop-lowest-priority"},
		"routes": []map[string]any{
			{"direction": "out", "filter": "alarm/#", "qos": 1, "priority": 9}, {"direction": "out", "filter": "#", "qos": 1},
		},
	}})
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", response.Status, answer)
	}
	publish := func(topic string, count int) {
		t.Helper()
		publisher := exec.CommandContext(t.Context(), "mosquitto_pub", "-p", s.port, "-q", "1", "-t", topic, "-l")
		publisher.Stdin = strings.NewReader(strings.Repeat(strings.Repeat("x", 500)+"\n", count))
		if output, err := publisher.CombinedOutput(); err != nil {
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
	publish("alarm/a", 1200)
	programtest.Eventually(t, 5*time.Second, "there is an alarm at half", func() bool {
		all := status()
		return len(all.Alarms) == 1 && all.Alarms[0].Code == gateway.AlarmBacklogFilling && all.Alarms[0].Severity == gateway.SeverityWarning
	})
	state, err := exec.CommandContext(t.Context(), "mosquitto_sub", "-p", s.port, "-t", gateway.BridgeStateTopic("cloud"), "-C", "1", "-W", "5").Output()
	if err != nil || !strings.Contains(string(state), `"state":"down","reason":"127.0.0.1:1 refuses connections`) {
		t.Errorf("the retained state is %q: %v", state, err)
	}
	publish("values/b", 1500)
	programtest.Eventually(t, 5*time.Second, "there are both alarms", func() bool {
		all := status()
		return len(all.Alarms) == 2 && all.Alarms[0].Code == gateway.AlarmBacklogDropping && all.Alarms[1].Severity == gateway.SeverityError
	})
	b := status().Bridges[0].Backlog
	if l := b.Limit; l.By != "bytes" || l.WholeSeconds == nil || l.MaxBytes != 1_000_000 || l.Used < 0.95 {
		t.Errorf("%+v", l)
	}
	if b.Bytes > 1_000_000 || len(b.GivenUp) != 1 || b.GivenUp[0].Reason != "low-priority" {
		t.Errorf("%+v", b)
	}
	_, answer = admin.do("GET", "bridges/cloud/backlog/export", nil)
	if n := strings.Count(string(answer), `"urgent":true,"topic":"alarm/a"`); n != 1200 || b.Urgent != 1200 {
		t.Errorf("%d alarms are left of 1200, %d are counted", n, b.Urgent)
	}
}
