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

// TestBenchLive: every pattern at every quality delivers, and its percentiles are in order.
func TestBenchLive(t *testing.T) {
	t.Parallel()
	output, err := exec.CommandContext(t.Context(), program, "bench", "live", "--time", "100ms", "--json").Output()
	if err != nil {
		t.Fatalf("bench live: %v", err)
	}
	var rows []struct {
		Pattern             string
		QoS                 int
		PerSecond, P50, P99 float64
	}
	if err := json.Unmarshal(output, &rows); err != nil {
		t.Fatalf("%v in %s", err, output)
	}
	if len(rows) != 9 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows {
		if row.QoS != i%3 || row.PerSecond < 100 || row.P50 <= 0 || row.P50 > row.P99 || row.P99 > 10e6 {
			t.Errorf("row %+v", row)
		}
	}
}

func TestBenchFlagsAreChecked(t *testing.T) {
	for _, flags := range [][]string{
		{"durable", "--time", "1ms"},
		{"durable", "--size", "0"},
		{"durable", "--durability", "some"},
		{"durable", "--dir", "/nowhere/at/all"},
		{"live", "--time", "1ms"},
		{"live", "--size", "15"},
	} {
		output, err := exec.CommandContext(t.Context(), program, append([]string{"bench"}, flags...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(output), "tidegate:") {
			t.Errorf("%v: %v, %s", flags, err, output)
		}
	}
}
