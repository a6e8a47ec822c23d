package modbus_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// mustRunPeer starts the slave on pymodbus, which we did not write, and waits until it listens.
func mustRunPeer(t *testing.T, arguments ...string) {
	t.Helper()
	const python = "/usr/bin/python3" // Debian's, which has python3-pymodbus
	mustRun(t, python, append([]string{"testdata/pymodbus_slave.py"}, arguments...)...)
}

// mustRun starts a peer and waits until it says that it listens.
func mustRun(t *testing.T, name string, arguments ...string) {
	t.Helper()
	command := exec.Command(name, arguments...)
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("%v: make prerequisites installs what is missing", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	if line, err := bufio.NewReader(output).ReadString('\n'); err != nil {
		t.Fatalf("the peer says %q, %v: make prerequisites installs what is missing", line, err)
	}
}

// mustCross joins two pseudo terminals as a null-modem cable does, and gives the paths of both ends.
func mustCross(t *testing.T) (string, string) {
	t.Helper()
	a, pathA := mustTerminal(t)
	b, pathB := mustTerminal(t)
	for _, path := range []string{pathA, pathB} {
		mustBeRaw(t, path)
	}
	var copying sync.WaitGroup
	copying.Go(func() { _, _ = io.Copy(a, b) })
	copying.Go(func() { _, _ = io.Copy(b, a) })
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
		copying.Wait()
	})
	return pathA, pathB
}

// mustBeRaw keeps the terminal from echoing before a program has configured it.
func mustBeRaw(t *testing.T, path string) {
	t.Helper()
	port, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Close()
	settings, err := unix.IoctlGetTermios(int(port.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	settings.Lflag, settings.Oflag, settings.Iflag = 0, 0, 0
	if err := unix.IoctlSetTermios(int(port.Fd()), unix.TCSETS, settings); err != nil {
		t.Fatal(err)
	}
}

func TestPymodbus(t *testing.T) {
	for _, kind := range framings {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := ""
			if kind == "tcp" {
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				port := listener.Addr().(*net.TCPAddr).Port
				_ = listener.Close()
				mustRunPeer(t, kind, fmt.Sprint(port))
				url = fmt.Sprintf("tcp://127.0.0.1:%d", port)
			} else {
				theirs, ours := mustCross(t)
				mustRunPeer(t, kind, theirs)
				url = fmt.Sprintf("%s://%s?baud=115200&data=8&parity=N", kind, ours)
			}
			talkToPeer(t, url)
		})
	}
}

func talkToPeer(t *testing.T, url string) { talkOver(t, mustOpen(t, url, 2*time.Second), 1, 2, 247) }

// talkOver reads and writes units that are alike; what it writes goes to unit 1.
func talkOver(t *testing.T, d *modbus.Driver, units ...int) {
	points := []gateway.Point{
		point("holding:100", gateway.Uint16), point("holding:110", gateway.Uint32), point("input:7", gateway.Int16),
		point("coil:9", gateway.Bool), point("coil:10", gateway.Bool), point("discrete:33", gateway.Bool), point("holding:224", gateway.Uint16),
	}
	want := []gateway.Value{
		gateway.UintValue(100), gateway.UintValue(110<<16 | 111), gateway.IntValue(7),
		gateway.BoolValue(true), gateway.BoolValue(false), gateway.BoolValue(true), gateway.UintValue(224),
	}
	for _, unit := range units {
		for i, r := range mustPoll(t, d, unit, points...) {
			if r.Value != want[i] || r.Quality != gateway.Good {
				t.Errorf("unit %d: %+v, want %s", unit, r, want[i])
			}
		}
	}
	if r := mustPoll(t, d, 1, point("holding:5000", gateway.Uint16))[0]; r.Quality != gateway.Bad {
		t.Errorf("a register that is not there: %+v", r)
	}
	text := point("holding:300", gateway.String)
	text.Length = 8
	for _, c := range []struct {
		point gateway.Point
		value gateway.Value
	}{
		{point("holding:10", gateway.Uint16), gateway.UintValue(4711)},
		{point("holding:12", gateway.Float32), gateway.FloatValue(21.4)},
		{point("coil:1", gateway.Bool), gateway.BoolValue(true)},
		{text, gateway.TextValue("Tidegate")},
		{point("holding:8.0", gateway.Bool), gateway.BoolValue(true)},
	} {
		if r, err := d.Write(t.Context(), device(1), c.point, c.value); err != nil || r.Value != c.value || r.Quality != gateway.Good {
			t.Errorf("%s: %+v, %v", c.point.Address, r, err)
		}
	}
}
