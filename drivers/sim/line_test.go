package sim_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
)

// faulty is a slave whose faults are switched while it runs.
type faulty interface {
	Run(ctx context.Context) error
	Set(next sim.Faults)
}

// simulated is a slave of each kind, and the URL of a connection to it.
var simulated = map[string]func(t *testing.T, units map[byte]*sim.Unit) (faulty, string){
	"rtu":       onTerminal("rtu", sim.RTU),
	"ascii":     onTerminal("ascii", sim.ASCII),
	"tcp":       onNetwork("tcp", nil),
	"rtu+tcp":   onNetwork("rtu+tcp", sim.RTU),
	"ascii+tcp": onNetwork("ascii+tcp", sim.ASCII),
}

func onTerminal(scheme string, framing sim.Framing) func(*testing.T, map[byte]*sim.Unit) (faulty, string) {
	return func(t *testing.T, units map[byte]*sim.Unit) (faulty, string) {
		t.Helper()
		slave, err := sim.OpenLine(framing, 115200, units)
		if err != nil {
			t.Fatal(err)
		}
		return slave, scheme + "://" + slave.Path() + "?baud=115200&data=8&parity=N"
	}
}

func onNetwork(scheme string, framing sim.Framing) func(*testing.T, map[byte]*sim.Unit) (faulty, string) {
	return func(t *testing.T, units map[byte]*sim.Unit) (faulty, string) {
		t.Helper()
		slave, err := sim.ListenLine(t.Context(), framing, "127.0.0.1:0", units)
		if err != nil {
			t.Fatal(err)
		}
		return slave, scheme + "://" + slave.Addr()
	}
}

// Each fault is switched on and off while the slave runs: the driver says what is wrong, and all is well again.
func TestFaultsAreSwitched(t *testing.T) {
	faults := []struct {
		faults sim.Faults
		reason string // of the reading, empty for a good one
	}{
		{sim.Faults{Silent: true}, "no answer"},
		{sim.Faults{Truncate: true}, "no "},
		{sim.Faults{WrongUnit: true}, "no "},
		{sim.Faults{Exception: 4}, "exception 4"},
		{sim.Faults{Delay: 150 * time.Millisecond}, "no answer"},
		{sim.Faults{Slow: time.Millisecond}, ""},
	}
	for kind, open := range simulated {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			slave, url := open(t, map[byte]*sim.Unit{1: sim.NewAddresses()})
			run(t, slave.Run)
			d, err := modbus.Open(t.Context(), gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(100 * time.Millisecond)})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			for i, f := range faults {
				slave.Set(f.faults)
				readRegister(t, d, 100+i, f.reason)
				slave.Set(sim.Faults{})
				readRegister(t, d, 200+i, "")
			}
		})
	}
}

// A broadcast reaches all units of a line but a deaf one, and nobody answers it.
func TestBroadcastReachesAllUnits(t *testing.T) {
	for kind, open := range map[string]func(*testing.T, map[byte]*sim.Unit) (faulty, string){
		"rtu": simulated["rtu"], "ascii": simulated["ascii"], "rtu+tcp": simulated["rtu+tcp"],
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			units := map[byte]*sim.Unit{1: sim.NewAddresses(), 2: sim.NewAddresses(), 3: sim.NewAddresses()}
			slave, url := open(t, units)
			run(t, slave.Run)
			d, err := modbus.Open(t.Context(), gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(time.Second)})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			units[3].Set(sim.Faults{Silent: true})
			point := gateway.Point{ID: "p", Address: "holding:9", Type: gateway.Uint16}
			if err := d.Broadcast(t.Context(), point, gateway.UintValue(5)); err != nil {
				t.Fatal(err)
			}
			units[3].Set(sim.Faults{})
			for unit, want := range map[int]string{1: "5", 2: "5", 3: "9"} {
				readings, err := d.Poll(t.Context(), gateway.Device{ID: "d", Unit: unit}, []gateway.Point{point})
				if err != nil || readings[0].Value.String() != want {
					t.Errorf("unit %d: %+v, %v", unit, readings, err)
				}
			}
		})
	}
}

// readRegister reads a register that holds its address, some times when there is no value although there should be one: a late
// reply costs the next.
func readRegister(t *testing.T, d *modbus.Driver, address int, reason string) {
	t.Helper()
	text := gateway.IntValue(int64(address)).String()
	point := gateway.Point{ID: "p", Address: "holding:" + text, Type: gateway.Uint16}
	var last gateway.Reading
	for range 4 {
		readings, err := d.Poll(t.Context(), gateway.Device{ID: "d", Unit: 1}, []gateway.Point{point})
		if err != nil {
			t.Fatal(err)
		}
		last = readings[0]
		if good := last.Quality == gateway.Good; good && last.Value.String() != text {
			t.Fatalf("register %s reads as %s", text, last.Value)
		} else if good || reason != "" {
			break
		}
	}
	if (last.Quality == gateway.Good) != (reason == "") || !strings.Contains(last.Reason, reason) {
		t.Errorf("%s: %+v, want %q", text, last, reason)
	}
}

// A line takes the time that its characters take: 33 of RTU at 9600 baud, 67 of ASCII.
func TestALineHasItsPace(t *testing.T) {
	for kind, c := range map[string]struct {
		framing sim.Framing
		least   time.Duration
	}{"rtu": {sim.RTU, 34 * time.Millisecond}, "ascii": {sim.ASCII, 69 * time.Millisecond}} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			slave, err := sim.OpenLine(c.framing, 9600, map[byte]*sim.Unit{1: sim.NewAddresses()})
			if err != nil {
				t.Fatal(err)
			}
			run(t, slave.Run)
			url := kind + "://" + slave.Path() + "?baud=9600&data=8&parity=N"
			d, err := modbus.Open(t.Context(), gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(5 * time.Second)})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			point := gateway.Point{ID: "p", Address: "holding:1", Type: gateway.String, Length: 20}
			begin := time.Now()
			if _, err := d.Poll(t.Context(), gateway.Device{ID: "d", Unit: 1}, []gateway.Point{point}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); took < c.least {
				t.Errorf("10 registers in %s, but the line takes %s", took, c.least)
			}
		})
	}
}

// A connection that is closed instead of an answer is seen as such, over a serial server too.
func TestDisconnect(t *testing.T) {
	for _, kind := range []string{"tcp", "rtu+tcp"} {
		slave, url := simulated[kind](t, map[byte]*sim.Unit{1: sim.NewAddresses()})
		run(t, slave.Run)
		slave.Set(sim.Faults{Disconnect: true})
		d, err := modbus.Open(t.Context(), gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(time.Second)})
		if err != nil {
			t.Fatal(err)
		}
		point := gateway.Point{ID: "p", Address: "holding:1", Type: gateway.Uint16}
		if r, err := d.Poll(t.Context(), gateway.Device{ID: "d", Unit: 1}, []gateway.Point{point}); err == nil {
			t.Errorf("%s: %+v", kind, r)
		}
		_ = d.Close()
	}
}

// An ASCII request is found behind noise and behind a frame that was broken off, also with lower-case digits and LF alone.
func TestASCIIIsFound(t *testing.T) {
	slave, err := sim.ListenLine(t.Context(), sim.ASCII, "127.0.0.1:0", map[byte]*sim.Unit{1: sim.NewAddresses()})
	if err != nil {
		t.Fatal(err)
	}
	run(t, slave.Run)
	conn, err := net.Dial("tcp", slave.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, request := range []string{":010300090001F2\r\n", "##:0103:01030009" + "0001F2\n", ":010300090001f2\n", ":010300090001F3\r\n:010300090001F2\r\n"} {
		if _, err := conn.Write([]byte(request)); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		reply := make([]byte, 64)
		if n, err := conn.Read(reply); err != nil || string(reply[:n]) != ":0103020009F1\r\n" {
			t.Errorf("%q is answered with %q, %v", request, reply[:n], err)
		}
	}
}
