package machine_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/machine"
)

// kernel is a copy of what a kernel shows.
func kernel(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// clockOf starts at noon; the pointer moves it.
func clockOf(passed *time.Duration) gateway.Clock {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	return gateway.Clock{
		Now:       func() time.Time { return noon.Add(*passed) },
		SinceBoot: func() time.Duration { return time.Hour + *passed }, Synchronised: func() bool { return true },
	}
}

var board = map[string]string{
	"proc/device-tree/model":               "Raspberry Pi 5 Model B\x00",
	"etc/os-release":                       "NAME=x\nPRETTY_NAME=\"Debian 13\"\n",
	"proc/sys/kernel/osrelease":            "6.12.1\n",
	"proc/uptime":                          "3600.5 7000.1\n",
	"proc/loadavg":                         "0.50 0.25 0.10 1/100 1234\n",
	"proc/stat":                            "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3 4\n",
	"proc/meminfo":                         "MemTotal:        1000 kB\nMemFree: 1 kB\nMemAvailable:     600 kB\n",
	"proc/self/status":                     "Name: x\nVmRSS:\t     40 kB\n",
	"proc/self/io":                         "rchar: 1\nwrite_bytes: 5000\n",
	"sys/class/thermal/thermal_zone0/temp": "48312\n",
	"sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
	"sys/class/thermal/thermal_zone1/temp": "nonsense\n",
}

func TestTheMachineIsReadFromItsKernel(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	root := kernel(t, board)
	m := machine.New(root, t.TempDir(), clockOf(&passed))
	first := m.System()
	if first.Model != "Raspberry Pi 5 Model B" || first.OS != "Debian 13" || first.Kernel != "6.12.1" || *first.UptimeSeconds != 3600.5 {
		t.Errorf("%+v", first)
	}
	if *first.CPU.Used != 0.2 || *first.CPU.Load5 != 0.25 {
		t.Errorf("processors %v %v", *first.CPU.Used, *first.CPU.Load5)
	}
	if m := first.Memory; m.Total != 1_024_000 || m.Available != 614_400 || *m.Gateway != 40_960 {
		t.Errorf("memory %+v", m)
	}
	if len(first.Temperatures) != 1 || first.Temperatures[0] != (gateway.SystemTemperature{Sensor: "cpu-thermal", Celsius: 48.312}) {
		t.Errorf("temperatures %v", first.Temperatures)
	}
	if first.Disk.Total <= 0 || first.Disk.Free <= 0 || !first.Clock.Synchronised {
		t.Errorf("disk %+v, clock %+v", first.Disk, first.Clock)
	}
	if first.Written.Bytes != 0 || first.Written.PerDay != nil {
		t.Errorf("what was written before counts: %+v", first.Written)
	}
}

func TestRatesAreSinceTheLastQuestion(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	root := kernel(t, board)
	m := machine.New(root, t.TempDir(), clockOf(&passed))
	m.System()
	passed = time.Hour
	rewrite := func(name, text string) {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rewrite("proc/stat", "cpu  175 0 100 725 100 0 0 0 0 0\n")
	rewrite("proc/self/io", "write_bytes: 15000\n")
	second := m.System()
	if *second.CPU.Used != 0.75 {
		t.Errorf("used %v", *second.CPU.Used)
	}
	if w := second.Written; w.Bytes != 10_000 || *w.PerDay != 240_000 {
		t.Errorf("written %+v, %v a day", w, *w.PerDay)
	}
}

func TestWhatTheKernelDoesNotSayIsAbsent(t *testing.T) {
	t.Parallel()
	var passed time.Duration
	s := machine.New(t.TempDir(), filepath.Join(t.TempDir(), "gone"), clockOf(&passed)).System()
	if s.Model != "" || s.OS != "" || s.UptimeSeconds != nil || s.CPU.Used != nil || s.CPU.Load1 != nil || s.Memory != nil || s.Disk != nil ||
		s.Written != nil || len(s.Temperatures) != 0 {
		t.Errorf("%+v", s)
	}
}
