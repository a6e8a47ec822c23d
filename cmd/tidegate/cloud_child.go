package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// cloudChild is the second, independent broker of the demo, in a process of its own. It dies with its parent, also at
// kill -9: the kernel sends it SIGKILL, and it ends by itself when its standard input does.
type cloudChild struct {
	command *exec.Cmd
	stdin   interface{ Close() error }
	// Address is where it listens.
	Address string

	ended chan struct{} // closed when the process is gone; err is set before
	err   error
}

// startCloudChild starts this program as "cloud" and returns when it listens.
func startCloudChild(ctx context.Context, dir, address string) (*cloudChild, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program: %w", err)
	}
	child := &cloudChild{
		// Not CommandContext: the child is ended orderly by Close.
		command: exec.Command(program, "cloud", "--data", dir, "--mqtt", address), //nolint:noctx // see above
		ended:   make(chan struct{}),
	}
	child.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	child.command.Stderr = os.Stderr
	stdin, err := child.command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the cloud: %w", err)
	}
	child.stdin = stdin
	stdout, err := child.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the cloud: %w", err)
	}
	started := make(chan error)
	go child.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start the cloud: %w", err)
	}
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(stdout).ReadString('\n')
		line <- strings.TrimSpace(text)
	}()
	select {
	case child.Address = <-line:
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
	}
	if child.Address == "" {
		return nil, errors.Join(errors.New("start the cloud: it does not listen; its messages are above"), child.Close())
	}
	return child, nil
}

// run keeps the thread that started the child: the kernel ties the death signal to it, not to the process.
func (c *cloudChild) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.command.Start()
	started <- err
	if err != nil {
		close(c.ended)
		return
	}
	c.err = c.command.Wait()
	close(c.ended)
}

// Close ends the child in an orderly way, by force after 2 s.
func (c *cloudChild) Close() error {
	_ = c.stdin.Close()
	select {
	case <-c.ended:
	case <-time.After(2 * time.Second):
		_ = c.command.Process.Kill()
		<-c.ended
	}
	return c.err
}
