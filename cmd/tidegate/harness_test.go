package main_test

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// program is the built tidegate that the tests of the whole product run.
var program string

func TestMain(m *testing.M) { os.Exit(programtest.Main(m, &program)) }

// demo is a running demo on ports of its own.
type demo struct {
	*programtest.Process
	runtime string
}

// startDemo runs the demo on free ports with data in dir.
func startDemo(t *testing.T, dir string, args ...string) demo {
	t.Helper()
	runtime := filepath.Join(dir, "run")
	all := append([]string{
		"demo", "--data", filepath.Join(dir, "data"), "--runtime", runtime,
		"--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0", "--cloud-listen", "127.0.0.1:0",
	}, args...)
	d := demo{programtest.Start(t, nil, program, all...), runtime}
	programtest.Eventually(t, 15*time.Second, "the demo prints its link", func() bool { return d.Value("control") != "" })
	return d
}

// run calls a sub-command for this demo.
func (d demo) run(t *testing.T, args ...string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), program, append(args, "--runtime", d.runtime)...).Output()
	if err != nil {
		if exit, failed := errors.AsType[*exec.ExitError](err); failed {
			t.Fatalf("tidegate %v: %v: %s", args, err, exit.Stderr)
		}
		t.Fatalf("tidegate %v: %v", args, err)
	}
	return string(output)
}

// status is what the running demo says of itself.
func (d demo) status(t *testing.T) gateway.Status {
	t.Helper()
	var status gateway.Status
	if err := json.Unmarshal([]byte(d.run(t, "status", "--demo")), &status); err != nil {
		t.Fatalf("read the status: %v", err)
	}
	return status
}

// freePort finds a port that is free now.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// startMosquitto runs Debian's Mosquitto as the cloud and returns its port.
func startMosquitto(t *testing.T, more ...string) string {
	t.Helper()
	port, _ := startMosquittoProcess(t, more...)
	return port
}

func startMosquittoProcess(t *testing.T, more ...string) (string, *programtest.Process) {
	t.Helper()
	port := freePort(t)
	file := filepath.Join(t.TempDir(), "mosquitto.conf")
	config := "listener " + port + " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 100\n" + strings.Join(more, "\n")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	process := programtest.Start(t, nil, "/usr/sbin/mosquitto", "-c", file)
	programtest.Eventually(t, 5*time.Second, "mosquitto listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return port, process
}
