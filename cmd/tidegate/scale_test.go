package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

const (
	scalePoints   = 50 // of each device
	scaleMasters  = 32 // that one simulator takes
	scaleDefault  = 10 // devices, each on a connection of its own
	scaleFull     = 200
	scaleMemory   = 100 << 20
	scaleOneCore  = 0.5
	scaleDelivery = 0.97 // of the readings that are due arrive
)

// TestScale polls devices over TCP each second, each on a connection of its own, with what is read published and kept in
// history: nothing is late. With TIDEGATE_SCALE=200 they are 10,000 points, for which half a core and 100 MB have to do.
func TestScale(t *testing.T) {
	t.Parallel()
	devices, length := scaleDefault, 2*time.Second
	if text := os.Getenv("TIDEGATE_SCALE"); text != "" {
		var err error
		if devices, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		length = 30 * time.Second
	}
	s := startService(t, programtest.ShortDir(t))
	anna := setUpPage(t, s)
	anna.importConfig(manyDevices(t, devices))
	s.Interrupt(t)
	s = startService(t, s.dir) // as it is the longest time: not after an import
	anna = anna.again(s)
	all := float64(devices * scalePoints)
	programtest.Eventually(t, time.Minute, "all points are good", func() bool {
		_, values := scrape(t, anna.url, anna.cookies...)
		return values[`tidegate_points{quality="good"}`] == all
	})
	_, before := scrape(t, anna.url, anna.cookies...)
	worked, began := processorTime(t, s.Command.Process.Pid), time.Now()
	time.Sleep(length)
	took := time.Since(began).Seconds()
	cores := (processorTime(t, s.Command.Process.Pid) - worked).Seconds() / took
	memory := resident(t, s.Command.Process.Pid)
	_, after := scrape(t, anna.url, anna.cookies...)
	rate := (after["tidegate_readings_total"] - before["tidegate_readings_total"]) / took
	t.Logf("%d devices: %.0f readings/s, %.1f %% of one core (%.1f us a reading), %d MB", devices, rate, 100*cores, 1e6*cores/rate, memory>>20)
	if rate*took < scaleDelivery*all*took-all { // the readings of the moment may be counted or not
		t.Errorf("%.0f readings/s of %.0f", rate, all)
	}
	published := after[`tidegate_broker_messages_total{direction="in",qos="1"}`] - before[`tidegate_broker_messages_total{direction="in",qos="1"}`]
	t.Logf("published: %.0f", published/took)
	for _, name := range []string{`tidegate_points{quality="bad"}`, `tidegate_points{quality="uncertain"}`} {
		if after[name] > 0 {
			t.Errorf("%s %g", name, after[name])
		}
	}
	if devices >= scaleFull && (cores > scaleOneCore || memory > scaleMemory) {
		t.Errorf("more than %g of a core or %d MB", scaleOneCore, scaleMemory>>20)
	}
}

// manyDevices starts simulators, in processes of their own, and gives connections and devices to read them.
func manyDevices(t *testing.T, devices int) func(*gateway.Config) {
	t.Helper()
	points := make([]gateway.Point, scalePoints)
	for i := range points {
		points[i] = gateway.Point{ID: fmt.Sprintf("p%d", i), Name: fmt.Sprintf("Point %d", i), Address: fmt.Sprintf("holding:%d", i), Type: gateway.Uint16}
	}
	var ports []string
	for range (devices + scaleMasters - 1) / scaleMasters {
		ports = append(ports, startSimulator(t))
	}
	return func(c *gateway.Config) {
		for i := range devices {
			id := fmt.Sprintf("d%d", i)
			address := fmt.Sprintf("tcp://127.0.1.%d:%s", i%scaleMasters+1, ports[i/scaleMasters])
			c.Connections = append(c.Connections, gateway.Connection{ID: id, Name: id, URL: address})
			c.Devices = append(c.Devices, gateway.Device{ID: id, Name: id, Connection: id, Unit: 1, ScanClass: "normal", Points: points})
		}
	}
}

// startSimulator gives the port of a slave whose registers hold their addresses.
func startSimulator(t *testing.T) string {
	t.Helper()
	port := freePort(t)
	p := programtest.Start(t, nil, program, "sim", "tcp://0.0.0.0:"+port)
	programtest.Eventually(t, 5*time.Second, "the simulator listens", func() bool { return len(p.Output()) > 0 })
	return port
}

// importConfig changes the configuration in force.
func (a administrator) importConfig(change func(*gateway.Config)) {
	a.t.Helper()
	_, text := a.do(http.MethodGet, "config", nil)
	var config gateway.Config
	if err := json.Unmarshal(text, &config); err != nil {
		a.t.Fatal(err)
	}
	change(&config)
	document, err := json.Marshal(config) // JSON is YAML
	if err != nil {
		a.t.Fatal(err)
	}
	response, text := a.do(http.MethodPost, "config/import", map[string]any{"document": string(document), "revision": config.Revision})
	if response.StatusCode != http.StatusOK {
		a.t.Fatalf("import: %s: %.1000s", response.Status, text)
	}
}

// processorTime is what a process has used of all cores.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var ticks time.Duration
	for _, field := range fields[11:13] { // utime and stime, proc(5) 14 and 15, in hundredths of a second
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		ticks += time.Duration(n)
	}
	return ticks * 10 * time.Millisecond
}
