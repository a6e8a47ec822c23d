package faults_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/storage/storagetest"
)

// program is the built tidegate, with its fault points.
var program string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "tidegate")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "tidegate")
	command := exec.CommandContext(context.Background(), "go", "build", "-o", program,
		"-tags=nomsgpack,sqlite_omit_load_extension,faultpoints", "github.com/tidegate/tidegate/cmd/tidegate")
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

// diskSize in MB leaves room beside what the gateway keeps free; the file behind it takes what is written.
const diskSize = 512

// site is where a gateway runs, again and again: its data, and how it is told to stop at a point.
type site struct {
	data    string
	runtime string
	point   string
	options []string
}

// newSite keeps the data below folder, everything else outside of it.
func newSite(t *testing.T, folder string, options ...string) *site {
	t.Helper()
	// Short, because paths of unix sockets are limited.
	dir, err := os.MkdirTemp("", "tg") //nolint:usetesting // that of the test is too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return &site{
		data: filepath.Join(folder, "data"), runtime: filepath.Join(dir, "run"), point: filepath.Join(dir, "point"),
		options: options,
	}
}

// gate is one life of the gateway.
type gate struct {
	*site
	command *exec.Cmd
	ended   chan struct{}
	started chan struct{}
	values  map[string]string
}

// launch starts the gateway and does not wait for anything.
func (s *site) launch(t *testing.T) *gate {
	t.Helper()
	args := append([]string{
		"serve", "--data", s.data, "--runtime", s.runtime, "--mqtt", "127.0.0.1:0", "--https", "off", "--http", "off",
		"--log-level", "error",
	}, s.options...)
	g := &gate{
		site: s, command: exec.Command(program, args...), ended: make(chan struct{}), started: make(chan struct{}),
		values: map[string]string{},
	}
	g.command.Env = append(os.Environ(), "TIDEGATE_FAULT_POINT="+s.point)
	g.command.Stderr = t.Output()
	g.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := g.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := g.command.Start(); err != nil {
		t.Fatalf("start the gateway: %v", err)
	}
	go func() {
		defer close(g.ended)
		g.read(bufio.NewScanner(stdout))
		_ = g.command.Wait()
	}()
	t.Cleanup(g.kill)
	return g
}

// read takes the lines "name   value" that the program prints at its start; control is the last one.
func (g *gate) read(lines *bufio.Scanner) {
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 {
			g.values[fields[0]] = fields[1]
			if fields[0] == "control" {
				close(g.started)
			}
		}
	}
}

// start starts the gateway and waits until it serves.
func (s *site) start(t *testing.T) *gate {
	t.Helper()
	g := s.launch(t)
	select {
	case <-g.started:
	case <-g.ended:
		t.Fatal("the gateway ended at its start")
	case <-time.After(20 * time.Second):
		t.Fatal("the gateway does not start")
	}
	return g
}

// address is where MQTT is served.
func (g *gate) address() string { return g.values["mqtt"] }

// kill is kill -9.
func (g *gate) kill() {
	_ = g.command.Process.Kill()
	<-g.ended
}

// cut is a power cut.
func (g *gate) cut(disk *storagetest.Disk) {
	disk.CutPower(g.command.Process)
	<-g.ended
}

// stopAt makes the gateway stop at a point of a file that fits the pattern, until forget.
func (s *site) stopAt(t *testing.T, name, pattern string) {
	t.Helper()
	// Renamed into place, so that nobody reads half of it.
	err := os.WriteFile(s.point+".new", []byte(name+" "+pattern), 0o600)
	if err = errors.Join(err, os.Rename(s.point+".new", s.point)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.forget)
}

// forget takes stopAt back.
func (s *site) forget() { _ = os.Remove(s.point) }

// awaitStop waits until the gateway has stopped itself.
func (g *gate) awaitStop(t *testing.T) {
	t.Helper()
	eventually(t, 10*time.Second, "the gateway gets to the point", func() bool { return storagetest.Frozen(g.command.Process) })
}

// eventually polls until check is true.
func eventually(t *testing.T, within time.Duration, what string, check func() bool) {
	t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !check() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}
