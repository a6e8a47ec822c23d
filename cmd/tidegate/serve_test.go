package main_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// TestServeListens: a fresh service opens what it says and nothing else: the page, and MQTT on loopback and a unix socket.
func TestServeListens(t *testing.T) {
	dir := programtest.ShortDir(t)
	securePort, plainPort, mqttPort := freePort(t), freePort(t), freePort(t)
	service := programtest.Start(t, nil, program, "serve", "--data", filepath.Join(dir, "data"), "--runtime", filepath.Join(dir, "run"),
		"--https", ":"+securePort, "--http", "127.0.0.1:"+plainPort, "--mqtt", "127.0.0.1:"+mqttPort)
	programtest.Eventually(t, 10*time.Second, "the service prints its links", func() bool { return service.Value("control") != "" })

	got := listening(t, service.Command.Process.Pid)
	want := []string{"*:" + securePort, "127.0.0.1:" + plainPort, "127.0.0.1:" + mqttPort}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("it listens on %v, want %v", got, want)
	}
	if service.Value("certificate") == "" {
		t.Error("the fingerprint of the device's CA is not printed")
	}
	setup, err := exec.CommandContext(t.Context(), program, "setup", "--runtime", filepath.Join(dir, "run")).Output()
	if err != nil || !strings.Contains(string(setup), service.Value("page")) || !strings.Contains(string(setup), "SHA-256 of the device's CA ") {
		t.Errorf("setup lacks the link or the fingerprint: %s%v", setup, err)
	}
	output, err := exec.CommandContext(t.Context(), "mosquitto_pub", "--unix", filepath.Join(dir, "run", "mqtt.sock"),
		"-t", "a", "-m", "b", "-q", "1").CombinedOutput()
	if err != nil {
		t.Errorf("publish over the unix socket: %v: %s", err, output)
	}
	for _, name := range []string{"config.db", "queue.db", "tls/ca.pem"} {
		info, err := os.Stat(filepath.Join(dir, "data", name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode().Perm())
		}
	}
	if took := service.Interrupt(t); took > 3*time.Second {
		t.Errorf("Ctrl-C took %s, 3 s are allowed", took)
	}
}

// listening asks the system for the TCP sockets of a process.
func listening(t *testing.T, pid int) []string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "ss", "-ltnpH").Output()
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for line := range strings.Lines(string(output)) {
		if strings.Contains(line, "pid="+strconv.Itoa(pid)+",") {
			addresses = append(addresses, strings.Fields(line)[3])
		}
	}
	slices.Sort(addresses)
	return addresses
}

// TestStartTakenPort: the service says which port is taken, the demo takes another one and names it.
func TestStartTakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	dir := programtest.ShortDir(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, program, "serve", "--data", filepath.Join(dir, "serve"),
		"--runtime", filepath.Join(dir, "run"), "--https", "off", "--http", "127.0.0.1:0", "--mqtt", address).CombinedOutput()
	if err == nil || !strings.Contains(string(output), address+" is taken") {
		t.Errorf("the service with a taken port: %v, %s", err, output)
	}
	gate := startDemo(t, dir, "--mqtt", address)
	if got := gate.Value("mqtt"); got == address || got == "" {
		t.Errorf("the demo names %q for MQTT, %s is taken", got, address)
	}
}

// TestStartTwice: two programs never share a data directory.
func TestStartTwice(t *testing.T) {
	dir := programtest.ShortDir(t)
	startDemo(t, dir)
	output, err := exec.CommandContext(t.Context(), program, "demo", "--data", filepath.Join(dir, "data"),
		"--runtime", filepath.Join(dir, "run2")).CombinedOutput()
	if err == nil || !strings.Contains(string(output), "another tidegate uses") {
		t.Errorf("the second one: %v, %s", err, output)
	}
}

// TestDemoCanBeViewed: within 3 s of the start values are there for everybody; changes need the set-up.
func TestDemoCanBeViewed(t *testing.T) {
	began := time.Now()
	gate := startDemo(t, programtest.ShortDir(t))
	page, token, _ := strings.Cut(gate.Value("page"), "#setup=")
	if token == "" {
		t.Fatalf("the link %q has no token", gate.Value("page"))
	}
	programtest.Eventually(t, 5*time.Second, "values are there", func() bool {
		var readings []gateway.Reading
		return getJSON(t, page+"api/v1/values", &readings) == http.StatusOK && len(readings) >= 20
	})
	programtest.Eventually(t, 5*time.Second, "messages are in the cloud", func() bool { return gate.status(t).Bridges[0].Forwarded > 0 })
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("from the start to values and forwarded messages it took %s, 3 s are allowed", took)
	}
	response, err := http.Post(page+"api/v1/demo/outage", "application/json", strings.NewReader(`{"seconds":5}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a visitor cuts the link: %s, want 401", response.Status)
	}
}

func getJSON(t *testing.T, url string, into any) int {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s answers %s", url, body)
	}
	return response.StatusCode
}
