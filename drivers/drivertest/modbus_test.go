package drivertest_test

import (
	"context"
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/drivers/drivertest"
	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
)

func TestModbusTCP(t *testing.T) {
	drivertest.Run(t, drivers.Open, func(t *testing.T) drivertest.Peer {
		t.Helper()
		unit := modbusUnit()
		slave, err := sim.ListenTCP(t.Context(), "127.0.0.1:0", map[byte]*sim.Unit{1: unit})
		if err != nil {
			t.Fatal(err)
		}
		return modbusPeer("tcp://"+slave.Addr(), unit, start(t, slave.Run))
	})
}

func TestModbusRTU(t *testing.T) {
	drivertest.Run(t, drivers.Open, func(t *testing.T) drivertest.Peer {
		t.Helper()
		unit := modbusUnit()
		slave, err := sim.OpenRTU(115200, map[byte]*sim.Unit{1: unit})
		if err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(t.TempDir(), "rtu")
		if err := slave.Link(link); err != nil {
			t.Fatal(err)
		}
		return modbusPeer("rtu://"+link+"?baud=115200", unit, start(t, slave.Run))
	})
}

// start runs a slave until the test ends or the returned function is called.
func start(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil {
			t.Errorf("slave: %v", err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

func modbusUnit() *sim.Unit {
	// Room behind the points lets the driver tag its requests after a silence, instead of waiting for late answers.
	u := sim.NewUnit(64, 64, 64, 64)
	u.Coils[3], u.Discretes[1] = true, true
	float := math.Float32bits(21.4)
	u.Inputs[0], u.Inputs[1] = uint16(float), uint16(float>>16) // CDAB
	u.Inputs[2] = 0xFF85                                        // -123
	u.Inputs[20], u.Inputs[21] = 0xFEDC, 0xBA98
	u.Holdings[5] = 0x0008
	u.Holdings[7] = 4711
	return u
}

func modbusPeer(url string, unit *sim.Unit, unplug func()) drivertest.Peer {
	return drivertest.Peer{
		Connection: gateway.Connection{ID: "wire", URL: url, Timeout: gateway.Duration(300 * time.Millisecond)},
		Device: gateway.Device{ID: "plc", Connection: "wire", Unit: 1, Points: []gateway.Point{
			{ID: "float", Address: "input:0", Type: gateway.Float32, ByteOrder: "CDAB"},
			{ID: "negative", Address: "input:2", Type: gateway.Int16},
			{ID: "large", Address: "input:20", Type: gateway.Uint32},
			{ID: "coil", Address: "coil:3", Type: gateway.Bool},
			{ID: "discrete", Address: "discrete:1", Type: gateway.Bool},
			{ID: "bit", Address: "holding:5.3", Type: gateway.Bool},
			{ID: "setpoint", Address: "holding:7", Type: gateway.Uint16, Writable: true},
		}},
		Want: []gateway.Value{
			gateway.FloatValue(21.4), gateway.IntValue(-123), gateway.UintValue(0xFEDCBA98),
			gateway.BoolValue(true), gateway.BoolValue(true), gateway.BoolValue(true), gateway.UintValue(4711),
		},
		Write:   gateway.UintValue(815),
		Silence: func(silent bool) { unit.Set(sim.Faults{Silent: silent}) },
		Unplug:  unplug,
	}
}
