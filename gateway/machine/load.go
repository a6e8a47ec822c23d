package machine

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

// cpuTime counts ticks of all processors since the boot.
type cpuTime struct{ idle, all int64 }

func (m *Machine) cpu() gateway.SystemCPU {
	cpu := gateway.SystemCPU{Count: runtime.NumCPU(), Used: m.used()}
	if words := m.fields("proc/loadavg"); len(words) >= 3 {
		cpu.Load1, cpu.Load5, cpu.Load15 = number(words[0]), number(words[1]), number(words[2])
	}
	return cpu
}

// used is since the last question.
func (m *Machine) used() *float64 {
	now, known := m.cpuTime()
	if !known {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.last
	if now.all <= before.all {
		return nil // within one tick
	}
	m.last = now
	all := now.all - before.all
	used := min(max(float64(all-(now.idle-before.idle))/float64(all), 0), 1)
	return &used
}

// cpuTime reads the first line of /proc/stat: user nice system idle iowait irq softirq steal.
func (m *Machine) cpuTime() (t cpuTime, known bool) {
	line, _, _ := strings.Cut(m.text("proc/stat"), "\n")
	words := strings.Fields(line)
	if len(words) < 6 || words[0] != "cpu" {
		return t, false
	}
	for i, word := range words[1:min(len(words), 9)] {
		ticks, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return t, false
		}
		t.all += ticks
		if i == 3 || i == 4 {
			t.idle += ticks
		}
	}
	return t, true
}

func (m *Machine) memory() *gateway.SystemMemory {
	const kilobyte = 1024
	values := m.values("proc/meminfo")
	total, available := values["MemTotal"], values["MemAvailable"]
	if total == 0 {
		return nil
	}
	memory := &gateway.SystemMemory{Total: total * kilobyte, Available: available * kilobyte}
	if own, known := m.values("proc/self/status")["VmRSS"]; known {
		own *= kilobyte
		memory.Gateway = &own
	}
	return memory
}

// temperatures reads the thermal zones, in thousandths of a degree.
func (m *Machine) temperatures() []gateway.SystemTemperature {
	list := []gateway.SystemTemperature{}
	zones, _ := filepath.Glob(filepath.Join(m.root, "sys/class/thermal/thermal_zone*")) // the pattern is right
	for _, zone := range zones {
		text, err := os.ReadFile(filepath.Join(zone, "temp"))
		if err != nil {
			continue
		}
		milli, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
		if err != nil {
			continue
		}
		name, _ := os.ReadFile(filepath.Join(zone, "type")) // without one it has the name of its folder
		sensor := strings.TrimSpace(string(name))
		if sensor == "" {
			sensor = filepath.Base(zone)
		}
		list = append(list, gateway.SystemTemperature{Sensor: sensor, Celsius: milli / 1000})
	}
	return list
}
