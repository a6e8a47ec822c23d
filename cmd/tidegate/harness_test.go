package main_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// program is the built tidegate that the tests of the whole product run.
var program string

func TestMain(m *testing.M) {
	os.Exit(build(m))
}

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tidegate")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "tidegate")
	command := exec.CommandContext(context.Background(), "go", "build", "-o", program, ".")
	if flags, set := os.LookupEnv("PROGRAM_CFLAGS"); set { // tests may be compiled with others
		command.Env = append(os.Environ(), "CGO_CFLAGS="+flags)
	}
	output, err := command.CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "build tidegate: %v\n%s", err, output)
		return 1
	}
	return m.Run()
}

// process is a started program whose lines of standard output are kept.
type process struct {
	command *exec.Cmd
	done    chan struct{}

	mu    sync.Mutex // guards lines
	lines []string
}

// start runs a program until the test ends.
func start(t *testing.T, name string, args ...string) *process {
	t.Helper()
	return startWith(t, os.Environ(), name, args...)
}

// startWith runs a program in an environment of its own.
func startWith(t *testing.T, environment []string, name string, args ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(name, args...), done: make(chan struct{})}
	p.command.Env = environment
	p.command.Stderr = t.Output()
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		defer close(p.done)
		scanner := bufio.NewScanner(stdout)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, scanner.Text())
			p.mu.Unlock()
		}
		_ = p.command.Wait()
	}()
	t.Cleanup(func() { p.kill() })
	return p
}

func (p *process) output() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...)
}

// kill is kill -9, as a power switch would be for the process.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.done
}

// interrupt is Ctrl-C; it returns how long the program took to end.
func (p *process) interrupt(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	if err := p.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		t.Fatal("the program does not end at Ctrl-C")
	}
	return time.Since(began)
}

// value finds "name   value" in what the program printed at its start.
func (p *process) value(name string) string {
	for _, line := range p.output() {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			return fields[1]
		}
	}
	return ""
}

// eventually polls until check is true.
func eventually(t *testing.T, within time.Duration, what string, check func() bool) {
	t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !check() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}

// demo is a running demo on ports of its own.
type demo struct {
	*process
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
	d := demo{start(t, program, all...), runtime}
	eventually(t, 15*time.Second, "the demo prints its link", func() bool { return d.value("control") != "" })
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

// shortDir is a temporary directory whose path is short enough for unix sockets.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tg") //nolint:usetesting // that of the test is too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
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
func startMosquitto(t *testing.T) string {
	t.Helper()
	port := freePort(t)
	file := filepath.Join(t.TempDir(), "mosquitto.conf")
	config := "listener " + port + " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 100\n"
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "/usr/sbin/mosquitto", "-c", file)
	eventually(t, 5*time.Second, "mosquitto listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return port
}
