package main_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestMQTTUsers goes the way of an administrator at the machine, with Mosquitto's clients as peers: what is allowed works,
// what is not is refused where the protocol can say so, and a change reaches a client that is connected.
func TestMQTTUsers(t *testing.T) {
	t.Parallel()
	gate := startDemo(t, programtest.ShortDir(t))
	user := func(want bool, args ...string) string {
		t.Helper()
		output, err := exec.CommandContext(t.Context(), program, append(append([]string{"user"}, args...), "--demo", "--runtime", gate.runtime)...).CombinedOutput()
		if (err == nil) != want {
			t.Fatalf("user %v: %v: %s", args, err, output)
		}
		return strings.TrimSpace(string(output))
	}
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	made := user(true, "add", "pump", "--generate")
	user(true, "add", "watch", "--preset", "read-only", "--password-file", file)
	user(true, "add", "anna", "--role", "viewer", "--password-file", file)
	user(false, "add", "pump", "--generate")
	user(false, "remove", "nobody")
	for _, line := range []string{"pump MQTT own-topics", "watch MQTT read-only", "anna viewer no MQTT"} {
		if list := strings.Join(strings.Fields(user(true, "list")), " "); !strings.Contains(list, line) {
			t.Errorf("the list %q lacks %q", list, line)
		}
	}
	for question, want := range map[string]string{
		"publish pump/speed --user pump":   "yes, by rule 1: allow both %u/# (preset own-topics)",
		"publish other --user pump":        "no: no rule has all of this",
		"subscribe # --user watch":         "yes, by rule 1: allow subscribe # (preset read-only)",
		"publish x --user anna":            "no: the account has no right to use MQTT",
		"publish x --listener local":       "yes, by rule 1: allow both # (preset everything)",
		"publish $SYS/x --listener socket": "no: topics that start with $ belong to the broker",
	} {
		if got := user(true, append([]string{"may"}, strings.Fields(question)...)...); got != want {
			t.Errorf("%s: %q, want %q", question, got, want)
		}
	}
	host, port, _ := strings.Cut(gate.Value("mqtt"), ":")
	peer := func(program string, want bool, name, password string, args ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		output, err := exec.CommandContext(ctx, program, append([]string{"-h", host, "-p", port, "-u", name, "-P", password, "-V", "5"}, args...)...).CombinedOutput()
		if (err == nil) != want {
			t.Errorf("%s as %s %v: %v: %s", program, name, args, err, output)
		}
		return string(output)
	}
	peer("mosquitto_pub", true, "pump", made, "-q", "1", "-r", "-t", "pump/speed", "-m", "7")
	if said := peer("mosquitto_pub", true, "pump", made, "-q", "1", "-t", "other/speed", "-m", "7"); !strings.Contains(said, "Not authorized") {
		t.Errorf("publish to another topic: %q", said)
	}
	peer("mosquitto_pub", false, "pump", "wrong password", "-t", "pump/speed", "-m", "7")
	peer("mosquitto_pub", false, "anna", "correct horse battery", "-t", "a", "-m", "7")
	if got := peer("mosquitto_sub", true, "watch", "correct horse battery", "-t", "pump/#", "-C", "1"); got != "7\n" {
		t.Errorf("retained: %q", got)
	}
	if said := peer("mosquitto_sub", true, "pump", made, "-t", "#", "-C", "1", "-W", "5"); !strings.Contains(said, "were denied") {
		t.Errorf("subscribe to everything: %q", said)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	listening := exec.CommandContext(ctx, "mosquitto_sub", "-h", host, "-p", port, "-u", "watch", "-P", "correct horse battery", "-V", "5", "-i", "of-watch", "-t", "x", "-E", "-x", "600")
	if output, err := listening.CombinedOutput(); err != nil {
		t.Fatalf("make a session: %v: %s", err, output)
	}
	sessions := func() string {
		var found gateway.SessionPage
		page, _, _ := strings.Cut(gate.Value("page"), "#")
		getJSON(t, page+"api/v1/sessions", &found)
		var ids []string
		for _, session := range found.Sessions {
			ids = append(ids, session.ID)
		}
		return strings.Join(ids, " ")
	}
	if !strings.Contains(sessions(), "of-watch") {
		t.Errorf("sessions %s", sessions())
	}
	user(true, "remove", "watch")
	if strings.Contains(sessions(), "of-watch") {
		t.Errorf("the session of a removed user stays: %s", sessions())
	}
	peer("mosquitto_sub", false, "watch", "correct horse battery", "-t", "pump/#", "-C", "1")
	again := user(true, "passwd", "pump", "--generate")
	peer("mosquitto_pub", false, "pump", made, "-t", "pump/speed", "-m", "8")
	peer("mosquitto_pub", true, "pump", again, "-q", "1", "-t", "pump/speed", "-m", "8")
}
