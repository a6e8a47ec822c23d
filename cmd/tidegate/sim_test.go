package main_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// simFault runs `tidegate sim fault` for a simulator that runs, and gives what it complains about.
func simFault(t *testing.T, args ...string) string {
	t.Helper()
	if output, err := exec.CommandContext(t.Context(), program, append([]string{"sim", "fault"}, args...)...).CombinedOutput(); err != nil {
		return string(output)
	}
	return ""
}

// TestSimFaultsAreSwitched: the faults of a simulator that runs are switched from the command line, for all or one unit.
func TestSimFaultsAreSwitched(t *testing.T) {
	for name, where := range map[string]string{
		"ascii": "ascii://" + filepath.Join(t.TempDir(), "line") + "?baud=115200", "rtu+tcp": "rtu+tcp://127.0.0.1:" + freePort(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := startSim(t, where, "--units", "1,2")
			read := func(unit string) string {
				output, _ := modbusTool(t, "read", url, "holding:7", "--unit", unit, "--timeout", "5s")
				return output
			}
			for _, step := range []struct{ args, first, second string }{
				{"", "7  good", "7  good"},
				{"--exception 4", "exception 4", "exception 4"},
				{"--unit 2 --exception 3", "exception 4", "exception 4"},
				{"", "7  good", "exception 3"},
				{"--unit 2", "7  good", "7  good"},
			} {
				if complaint := simFault(t, append([]string{url}, strings.Fields(step.args)...)...); complaint != "" {
					t.Fatal(complaint)
				}
				if first, second := read("1"), read("2"); !strings.Contains(first, step.first) || !strings.Contains(second, step.second) {
					t.Errorf("%q: %s %s", step.args, first, second)
				}
			}
			if complaint := simFault(t, url, "--unit", "9"); !strings.Contains(complaint, "no unit 9") {
				t.Error(complaint)
			}
		})
	}
	if complaint := simFault(t, "tcp://127.0.0.1:1"); !strings.Contains(complaint, "tcp://127.0.0.1:1") {
		t.Error(complaint)
	}
}
