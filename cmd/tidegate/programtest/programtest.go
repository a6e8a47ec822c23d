// Package programtest builds tidegate and runs it, for tests that look at the program from outside.
package programtest

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// tags are those of every build of the program.
const tags = "nomsgpack,sqlite_omit_load_extension"

// Main is for TestMain: it builds the program, with more tags where there are any, leaves its path in program, runs the
// tests and gives their exit code.
func Main(m *testing.M, program *string, more ...string) int {
	dir, err := os.MkdirTemp("", "tidegate")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	*program = filepath.Join(dir, "tidegate")
	command := exec.CommandContext(context.Background(), "go", "build", "-ldflags=-s -w", "-o", *program,
		"-tags="+strings.Join(append([]string{tags}, more...), ","), "github.com/tidegate/tidegate/cmd/tidegate")
	if flags, set := os.LookupEnv("PROGRAM_CFLAGS"); set { // tests may be compiled with others
		command.Env = append(os.Environ(), "CGO_CFLAGS="+flags)
	}
	if output, err := command.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build tidegate: %v\n%s", err, output)
		return 1
	}
	return m.Run()
}

// Process is a started program whose lines of standard output are kept.
type Process struct {
	Command *exec.Cmd
	// Ended is closed when the program has ended.
	Ended chan struct{}

	mu    sync.Mutex // guards lines
	lines []string
}

// Start runs a program until the test ends, with more in its environment.
func Start(t *testing.T, environment []string, name string, args ...string) *Process {
	t.Helper()
	p := &Process{Command: exec.Command(name, args...), Ended: make(chan struct{})}
	p.Command.Env = append(os.Environ(), environment...)
	p.Command.Stderr = t.Output()
	p.Command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := p.Command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Command.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		defer close(p.Ended)
		scanner := bufio.NewScanner(stdout)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, scanner.Text())
			p.mu.Unlock()
		}
		_ = p.Command.Wait()
	}()
	t.Cleanup(p.Kill)
	return p
}

// Output is what the program has printed so far.
func (p *Process) Output() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.lines)
}

// Lines is how many lines the program has printed so far.
func (p *Process) Lines() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.lines)
}

// Value finds "name   value" in what the program printed at its start; control is the last one.
func (p *Process) Value(name string) string {
	for _, line := range p.Output() {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			return fields[1]
		}
	}
	return ""
}

// Kill is kill -9, as a power switch would be for the process, and returns when it has ended.
func (p *Process) Kill() {
	_ = p.Command.Process.Kill()
	<-p.Ended
}

// Interrupt is Ctrl-C; it returns how long the program took to end.
func (p *Process) Interrupt(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	if err := p.Command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the program does not end at Ctrl-C")
	}
	return time.Since(began)
}

// Eventually polls until check is true.
func Eventually(t *testing.T, within time.Duration, what string, check func() bool) {
	t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !check() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}

// ShortDir is a temporary directory whose path is short enough for unix sockets.
func ShortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tg") //nolint:usetesting // that of the test is too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
