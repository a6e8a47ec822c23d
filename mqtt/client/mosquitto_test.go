package client_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const mosquittoPath = "/usr/sbin/mosquitto"

// mosquitto is Debian's broker on 127.0.0.1, as a program of its own.
type mosquitto struct {
	address string
	log     *bytes.Buffer
}

// MustMosquitto starts it with a configuration of which the listener is given.
func MustMosquitto(tb testing.TB, config string) *mosquitto {
	tb.Helper()
	address := freeAddress(tb)
	_, port, _ := net.SplitHostPort(address)
	file := filepath.Join(tb.TempDir(), "mosquitto.conf")
	text := fmt.Sprintf("listener %s 127.0.0.1\nuser root\n%s\n", port, config)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	m := &mosquitto{address: address, log: &bytes.Buffer{}}
	command := exec.CommandContext(tb.Context(), mosquittoPath, "-c", file)
	command.Stderr = m.log
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 5 * time.Second
	if err := command.Start(); err != nil {
		tb.Fatalf("start mosquitto, of Debian's package of that name: %v", err)
	}
	tb.Cleanup(func() {
		_ = command.Process.Kill() // it ends with the test's context as well
		_ = command.Wait()
		if tb.Failed() {
			tb.Logf("mosquitto says:\n%s", m.log)
		}
	})
	eventually(tb, "mosquitto listens", func() bool {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return m
}

// anonymous lets everybody in.
const anonymous = "allow_anonymous true\n"

func freeAddress(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// eventually polls until the condition holds.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(10 * time.Second)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			tb.Fatalf("not within 10 s: %s", what)
		}
	}
}
