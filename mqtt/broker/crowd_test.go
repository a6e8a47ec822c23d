package broker_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/tidegate/tidegate/mqtt/packet"
)

// crowdVariable says what the crowd's process has to do.
const crowdVariable = "TIDEGATE_TEST_CROWD"

// TestMain is the crowd when the tests start themselves again: its ends of the connections would count as the broker's
// memory and descriptors. No test may leave a goroutine.
func TestMain(m *testing.M) {
	if order := os.Getenv(crowdVariable); order != "" {
		if err := crowd(order); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// startCrowd opens n idle connections, and gives what ends them.
func startCrowd(t *testing.T, address string, n int) (leave func()) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", crowdVariable, address, n))
	stay, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	leave = sync.OnceFunc(func() {
		_ = stay.Close()
		_ = command.Wait()
	})
	t.Cleanup(leave)
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "here\n" {
		t.Fatalf("the crowd says %q, %v", line, err)
	}
	return leave
}

// crowd connects, says so, and stays until its input ends.
func crowd(order string) error {
	var address string
	var n int
	if _, err := fmt.Sscan(order, &address, &n); err != nil {
		return err
	}
	for i := range n {
		// One address has not ports enough.
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, 0, byte(i%100+1))}, Timeout: patience}
		conn, err := dialer.Dial("tcp", address) //nolint:noctx // the process is the bound
		if err != nil {
			return err
		}
		defer conn.Close() //nolint:errcheck // the process ends
		if err := hello(conn, fmt.Sprintf("idle-%d", i)); err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
	}
	fmt.Println("here")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func hello(conn net.Conn, id string) error {
	request := packet.Connect{Version: packet.V311, ClientID: id, CleanStart: true, KeepAlive: 60}
	data, err := packet.Append(nil, packet.V311, &request)
	if err != nil {
		return err
	}
	if _, err := conn.Write(data); err != nil {
		return err
	}
	answer := make([]byte, 4)
	if _, err := io.ReadFull(conn, answer); err != nil || answer[3] != 0 {
		return fmt.Errorf("CONNACK % x: %w", answer, err)
	}
	return nil
}
