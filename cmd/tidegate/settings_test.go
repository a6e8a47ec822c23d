package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFlagsAndConfigFile: bad input gets a clear answer and an exit code, and makes nothing.
func TestFlagsAndConfigFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "tidegate.yaml")
	write := func(text string) []string {
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
