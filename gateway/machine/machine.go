package machine

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Machine is the one that the program runs on.
type Machine struct {
	root    string // "/", or a copy of it in tests
	data    string
	clock   gateway.Clock
	started time.Time
	written int64 // by this process before started

	mu   sync.Mutex // guards last
	last cpuTime
}

var _ gateway.Machine = (*Machine)(nil)

// New looks at the machine whose kernel shows itself below root; data is the data directory.
func New(root, data string, clock gateway.Clock) *Machine {
	m := &Machine{root: root, data: data, clock: clock, started: clock.Now()}
	m.written, _ = m.ownWrites()
	return m
}

// System is how it is now.
func (m *Machine) System() gateway.System {
	now := m.clock.Now()
	zone, offset := now.Zone()
	hostname, _ := os.Hostname() // empty where there is none
	return gateway.System{
		Hostname: hostname,
		Model:    cmp.Or(m.text("proc/device-tree/model"), m.text("sys/class/dmi/id/product_name")),
		OS:       m.osName(), Kernel: m.text("proc/sys/kernel/osrelease"),
		Architecture: runtime.GOARCH, GoVersion: runtime.Version(),
		UptimeSeconds: m.uptime(), CPU: m.cpu(), Memory: m.memory(), Disk: m.disk(), Written: m.writes(now),
		Temperatures: m.temperatures(), Network: m.network(),
		Clock: gateway.SystemClock{Now: now.UTC(), Synchronised: m.clock.Synchronised(), Zone: zone, OffsetSeconds: offset},
	}
}

// text is a small file of the kernel; empty when there is none.
func (m *Machine) text(path string) string {
	data, err := os.ReadFile(filepath.Join(m.root, path))
	if err != nil {
		return ""
	}
	return strings.Trim(string(data), " \t\r\n\x00")
}

// fields are the words of a file.
func (m *Machine) fields(path string) []string { return strings.Fields(m.text(path)) }

// values reads lines such as "MemTotal: 1000 kB" or "write_bytes: 7".
func (m *Machine) values(path string) map[string]int64 {
	values := map[string]int64{}
	for line := range strings.Lines(m.text(path)) {
		name, rest, found := strings.Cut(line, ":")
		words := strings.Fields(rest)
		if !found || len(words) == 0 {
			continue
		}
		if value, err := strconv.ParseInt(words[0], 10, 64); err == nil {
			values[name] = value
		}
	}
	return values
}

func (m *Machine) osName() string {
	for line := range strings.Lines(m.text("etc/os-release")) {
		if name, is := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); is {
			return strings.Trim(name, `"`)
		}
	}
	return ""
}

func (m *Machine) uptime() *float64 {
	if words := m.fields("proc/uptime"); len(words) > 0 {
		return number(words[0])
	}
	return nil
}

// number is nil for what is none.
func number(text string) *float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return &value
}
