package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFlagsAndConfigFile: bad input gets a clear answer and an exit code, and makes nothing.
func TestFlagsAndConfigFile(t *testing.T) {
	dir := t.TempDir()
	files := 0
	write := func(text string) []string {
		files++
		file := filepath.Join(dir, fmt.Sprintf("tidegate-%d.yaml", files))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{"check", "--config", file}
	}
	cases := []struct {
		name string
		args []string
		want string // part of the complaint; empty: it has to pass
	}{
		{"defaults", []string{"check"}, ""},
		{"good file", write("mqtt: \"127.0.0.1:2883\"\nlinger: 2s\n"), ""},
		{"unknown flag", []string{"check", "--colour"}, "unknown flag --colour"},
		{"unknown command", []string{"polish"}, "polish"},
		{"bad address", []string{"check", "--mqtt", "1883"}, `mqtt: "1883" is not an address`},
		{"bad port", []string{"check", "--http", ":99999"}, "has no port between 0 and 65535"},
		{"bad linger", []string{"check", "--linger", "1m"}, "linger: 1m0s is not between 0s and 10s"},
		{"small history", []string{"check", "--history-bytes", "1000"}, "historyBytes: 1000 is less than"},
		{"bad level", []string{"check", "--log-level", "loud"}, `log level "loud"`},
		{"bad durability", []string{"check", "--durability", "hopeful"}, `durability "hopeful"`},
		{"queue", write("queue:\n  maxMessages: 5000\n  maxBytes: 500MB\n  maxAge: 48h\n  overflow: reject\n"), ""},
		{"queue by flags", []string{"check", "--queue-max-bytes", "2GB", "--queue-overflow", "reject"}, ""},
		{"short queue", write("queue:\n  maxMessages: 10\n"), "queue.maxMessages: 10 is less than 1000"},
		{"small queue", []string{"check", "--queue-max-bytes", "10KB"}, "queue.maxBytes: 10KB is less than 1MB"},
		{"quick queue", write("queue:\n  maxAge: 10s\n"), "queue.maxAge: 10s is less than 1m0s"},
		{"few messages in all", write("queue:\n  totalMessages: 5000\n"), "queue.totalMessages: 5000 is less than the 10000000 of one session"},
		{"few bytes in all", write("queue:\n  totalBytes: 1GB\n"), "queue.totalBytes: 1GB is less than the 4GB of one session"},
		{"bad size", write("queue:\n  maxBytes: much\n"), `"much" is not a size like 500MB or 4GB`},
		{"bad overflow", write("queue:\n  overflow: wait\n"), `queue.overflow: "wait" is not drop-oldest or reject`},
		{"unknown limit", write("queue:\n  maxMesages: 1\n"), "maxMesages"},
		{"limits", write("limits:\n  clients: 50\n  packetSize: 100KB\n  publishRate: 200\n"), ""},
		{"limits by flags", []string{"check", "--limit-clients", "50", "--limit-qos0-bytes", "1MB", "--limit-publish-rate", "0"}, ""},
		{"no clients", write("limits:\n  clients: -1\n"), "limits.clients: -1 is not between 1 and"},
		{"fewer sessions than clients", write("limits:\n  sessions: 50\n"), "limits.sessions: 50 is not between 10000 and"},
		{"large packets", write("limits:\n  packetSize: 1GB\n"), "limits.packetSize: 1000000000 is not between"},
		{"deep topics", []string{"check", "--limit-topic-levels", "500"}, "limits.topicLevels: 500 is not between 2 and 128"},
		{"misspelt limit", write("limits:\n  client: 1\n"), "client"},
		{"missing file", []string{"check", "--config", filepath.Join(dir, "none.yaml")}, "read the start-up file"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { checkCommand(t, c.args, c.want) })
	}
	t.Run("broken YAML", func(t *testing.T) { checkCommand(t, write("mqtt: [\n"), "start-up file") })
	t.Run("bad floor", func(t *testing.T) { checkCommand(t, write("freeFloorMB: -5\n"), "freeFloorMB: -5 MB") })
	t.Run("unknown key", func(t *testing.T) { checkCommand(t, write("mqqt: x\n"), "mqqt") })
}

func checkCommand(t *testing.T, args []string, want string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, args...)
	command.Env = append(os.Environ(), "HOME="+t.TempDir())
	output, err := command.CombinedOutput()
	if want == "" {
		if err != nil {
			t.Fatalf("tidegate %v: %v\n%s", args, err, output)
		}
		return
	}
	if err == nil || !strings.Contains(string(output), want) {
		t.Errorf("tidegate %v: got error %v and\n%s\nwant a complaint with %q", args, err, output, want)
	}
}
