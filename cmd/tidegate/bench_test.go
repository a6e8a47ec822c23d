package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestBenchDurable: the measurement keeps, drains and counts, and leaves nothing behind.
func TestBenchDurable(t *testing.T) {
	dir := t.TempDir()
	output, err := exec.CommandContext(t.Context(), program, "bench", "durable", "--dir", dir, "--time", "200ms", "--json").Output()
	if err != nil {
		t.Fatalf("bench durable: %v", err)
	}
	var result struct {
		Disk struct{ PerSecond, P50, P99 float64 }
		Rows []struct {
			Publishers, Window, Kept                                       int
			PerSecond, P50, P99, PerCommit, BytesWritten, DrainedPerSecond float64
		}
		Online struct{ Clean, Persistent float64 }
	}
	if err := json.Unmarshal(output, &result); err != nil {
		t.Fatalf("%v in %s", err, output)
	}
	if result.Disk.PerSecond <= 0 || result.Disk.P50 > result.Disk.P99 || len(result.Rows) != 4 {
		t.Errorf("disk %+v, %d rows", result.Disk, len(result.Rows))
	}
	if result.Online.Clean <= 0 || result.Online.Persistent <= 0 {
		t.Errorf("online %+v", result.Online)
	}
	for _, row := range result.Rows {
		if row.Kept == 0 || row.PerSecond <= 0 || row.P50 <= 0 || row.P50 > row.P99 || row.DrainedPerSecond <= 0 {
			t.Errorf("row %+v", row)
		}
		// More than the window of all publishers can never wait for one commit.
		if row.PerCommit < 1 || row.PerCommit > float64(row.Publishers*row.Window) {
			t.Errorf("%g messages per commit with %d publishers and window %d", row.PerCommit, row.Publishers, row.Window)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestBenchFlagsAreChecked(t *testing.T) {
	for _, flags := range [][]string{{"--time", "1ms"}, {"--size", "0"}, {"--durability", "some"}, {"--dir", "/nowhere/at/all"}} {
		output, err := exec.CommandContext(t.Context(), program, append([]string{"bench", "durable"}, flags...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(output), "tidegate:") {
			t.Errorf("%v: %v, %s", flags, err, output)
		}
	}
}
