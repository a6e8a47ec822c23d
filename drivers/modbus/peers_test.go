package modbus_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
)

// peerWires are what the peers that we did not write speak over: the kind and place for the peer, and the URL for us.
var peerWires = map[string]func(t *testing.T) (place, url string){
	"tcp": func(t *testing.T) (place, url string) {
		t.Helper()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		port := listener.Addr().(*net.TCPAddr).Port
		return fmt.Sprint(port), fmt.Sprintf("tcp://127.0.0.1:%d", port)
	},
	"rtu": func(t *testing.T) (place, url string) {
		t.Helper()
		theirs, ours := mustCross(t)
		return theirs, fmt.Sprintf("rtu://%s?baud=115200&data=8&parity=N", ours)
	},
}

// TestModbusSerial: the driver reads and writes a slave on modbus-serial (Node.js).
func TestModbusSerial(t *testing.T) {
	t.Parallel()
	for kind, wire := range peerWires {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			place, url := wire(t)
			mustRun(t, "node", "peers/slave.mjs", kind, place)
			talkToPeer(t, url)
		})
	}
}

// TestModbusSerialReadsTheSimulator: what modbus-serial as a master sees of the simulator is what it should be.
func TestModbusSerialReadsTheSimulator(t *testing.T) {
	t.Parallel()
	units := func() map[byte]*sim.Unit { return map[byte]*sim.Unit{1: sim.NewAddresses(), 2: sim.NewAddresses()} }
	network, err := sim.ListenTCP(t.Context(), "127.0.0.1:0", units())
	if err != nil {
		t.Fatal(err)
	}
	line, err := sim.OpenRTU(115200, units())
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(network.Addr())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind, place string
		run         func(context.Context) error
	}{{"tcp", port, network.Run}, {"rtu", line.Path(), line.Run}} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- c.run(ctx) }()
			defer func() {
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}()
			if output, err := exec.CommandContext(t.Context(), "node", "peers/master.mjs", c.kind, c.place).CombinedOutput(); err != nil {
				t.Errorf("%v: %s (make prerequisites installs it)", err, output)
			}
		})
	}
}

// mustCompile makes the slave on libmodbus.
func mustCompile(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "slave")
	output, err := exec.CommandContext(t.Context(), "gcc", "-O1", "-Wall", "-o", program, "peers/libmodbus_slave.c", "-I/usr/include/modbus", "-lmodbus").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s (make prerequisites installs libmodbus-dev)", err, output)
	}
	return program
}

// TestLibmodbus: a slave on libmodbus is read and written, and none of its faults makes a wrong value or harms the read
// that follows.
func TestLibmodbus(t *testing.T) {
	t.Parallel()
	program := mustCompile(t)
	for kind, wire := range peerWires {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			place, url := wire(t)
			mustRun(t, program, kind, place)
			open := func() *modbus.Driver {
				return mustOpenConnection(t, gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(200 * time.Millisecond)})
			}
			d := open()
			talkOver(t, d, 1)
			for _, fault := range []struct {
				address, count int
				reason         string // empty: a good value
			}{
				{0x170, 1, "busy"}, {0x171, 1, "no "}, {0x172, 1, "no "}, {0x173, 1, ""}, {0x174, 2, "no "},
			} {
				d = readFaulty(t, d, open, fault.address, fault.count, fault.reason)
			}
		})
	}
}

// readFaulty gives the driver that goes on: one that lost its patience with the slave is opened again.
func readFaulty(t *testing.T, d *modbus.Driver, open func() *modbus.Driver, address, count int, reason string) *modbus.Driver {
	t.Helper()
	p := point(fmt.Sprintf("holding:%d", address), gateway.Uint16)
	want := gateway.UintValue(uint64(address))
	if count == 2 {
		p.Type = gateway.Uint32
	}
	r := mustPoll(t, d, 1, p)[0]
	good := r.Quality == gateway.Good
	if good != (reason == "") || good && r.Value != want || !strings.Contains(r.Reason, reason) {
		t.Errorf("%#x: %+v, want %q", address, r, reason)
	}
	// A slave that still thinks about the last question may lose some more.
	for range 20 {
		readings, err := d.Poll(t.Context(), device(1), []gateway.Point{point("holding:500", gateway.Uint16)})
		if err != nil {
			_ = d.Close() // the slave takes one connection at a time
			d = open()
			continue
		}
		if next := readings[0]; next.Quality == gateway.Good {
			if next.Value != gateway.UintValue(500) {
				t.Errorf("the read behind %#x: %+v", address, next)
			}
			return d
		}
	}
	t.Errorf("no read behind %#x has a value", address)
	return d
}
