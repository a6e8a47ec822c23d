package drivers_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/drivers"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/drivers/sim"
	"github.com/tidegate/tidegate/gateway"
)

// sunSpecMap is an inverter with a meter behind it, as registers from a place on. What is not set is "not implemented", as
// a real device has it.
func sunSpecMap(blocks ...[]uint16) []uint16 {
	registers := []uint16{0x5375, 0x6e53}
	for _, b := range blocks {
		registers = append(registers, b...)
	}
	return append(registers, 0xFFFF, 0)
}

func words(length int, text string) []uint16 {
	result := make([]uint16, length)
	for i, c := range []byte(text) {
		result[i/2] |= uint16(c) << (8 * (1 - i%2))
	}
	return result
}

func common() []uint16 {
	return slices.Concat([]uint16{1, 66}, words(16, "Maker"), words(16, "Roof 8000"), words(8, ""), words(8, "1.4"), words(16, "S-77"), []uint16{1, 0x8000})
}

// inverter is model 103: 7.35 kW at 229.9 V, with all marks where the device has nothing.
func inverter() []uint16 {
	b := make([]uint16, 52)
	for i := range b {
		b[i] = 0xFFFF
	}
	copy(b, []uint16{103, 50, 3200, 1066, 1067, 1067, 0xFFFE}) // A_SF -2
	copy(b[7:], []uint16{0xFFFF, 0xFFFF, 0xFFFF, 2299, 2301, 2302, 0xFFFF})
	copy(b[14:], []uint16{735, 1, 4999, 0xFFFE})                           // W_SF 1, Hz_SF -2
	copy(b[18:], []uint16{0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000}) // VA, VAr, PF
	copy(b[24:], []uint16{0x0001, 0x86A0, 1})                              // 100,000 * 10 Wh
	copy(b[27:], []uint16{0xFFFF, 0x8000, 0xFFFF, 0x8000, 0x8000, 0x8000})
	copy(b[33:], []uint16{412, 0x8000, 0x8000, 0x8000, 0xFFFF, 4, 0xFFFF, 0, 0x0080})
	return b
}

// meter is model 203: it takes power in.
func meter() []uint16 {
	b := make([]uint16, 107)
	for i := range b {
		b[i] = 0x8000
	}
	copy(b, []uint16{203, 105})
	b[18], b[22] = 0xFE0C, 0 // W -500, W_SF
	return b
}

func discover(t *testing.T, at int, registers []uint16) (gateway.SunSpecDevice, gateway.Connection, error) {
	t.Helper()
	unit := sim.NewUnit(0, 0, 0, 65536)
	copy(unit.Holdings[at:], registers)
	slave, err := sim.ListenTCP(t.Context(), "127.0.0.1:0", map[byte]*sim.Unit{1: unit})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { _ = slave.Run(ctx) })
	t.Cleanup(func() { stop(); serving.Wait() })
	connection := gateway.Connection{ID: "roof", URL: "tcp://" + slave.Addr(), Timeout: gateway.DefaultTimeout}
	driver, err := modbus.Open(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = driver.Close() })
	device, err := (drivers.Profiles{}).SunSpec(func(address, count int) ([]uint16, error) {
		return registersOf(t.Context(), driver, address, count)
	})
	return device, connection, err
}

func registersOf(ctx context.Context, explorer gateway.Explorer, address, count int) ([]uint16, error) {
	found, err := explorer.ReadRange(ctx, gateway.Range{Unit: 1, Address: fmt.Sprintf("holding:%d", address), Count: count})
	if err != nil {
		return nil, err
	}
	var registers []uint16
	for _, p := range found {
		if p.Raw == nil {
			return nil, gateway.Errorf(gateway.NotFound, "%s", p.Reason)
		}
		registers = append(registers, uint16(*p.Raw))
	}
	return registers, nil
}

func TestSunSpecFollowsTheChain(t *testing.T) {
	for _, place := range []int{40000, 0, 50000} {
		device, connection, err := discover(t, place, sunSpecMap(common(), inverter(), []uint16{64999, 3, 1, 2, 3}, meter()))
		if err != nil {
			t.Fatalf("at %d: %v", place, err)
		}
		if device.Address != place || device.Manufacturer != "Maker" || device.Model != "Roof 8000" || device.Version != "1.4" || device.Serial != "S-77" {
			t.Errorf("at %d: %+v", place, device)
		}
		var ids []int
		for _, m := range device.Models {
			ids = append(ids, m.ID)
		}
		if !slices.Equal(ids, []int{1, 103, 64999, 203}) {
			t.Errorf("at %d: models %v", place, ids)
		}
		want := map[string]string{
			"A": "32", "AphA": "10.66", "PhVphA": "229.9", "W": "7350", "Hz": "49.99", "WH": "1000000", "TmpCab": "41.2", "St": "MPPT",
			"Evt1": "OVER_TEMP", "W_203": "-500",
		}
		got := readAll(t, connection, device.Points)
		for id, value := range want {
			if got[id] != value {
				t.Errorf("at %d: %s is %q, want %q", place, id, got[id], value)
			}
		}
		for _, absent := range []string{"VA", "PF", "DCV", "TmpSnk", "PPVphAB", "A_203"} {
			if _, there := got[absent]; there {
				t.Errorf("at %d: %s is there, which the device does not have", place, absent)
			}
		}
	}
}

func readAll(t *testing.T, connection gateway.Connection, points []gateway.Point) map[string]string {
	t.Helper()
	device := gateway.Device{ID: "roof", Connection: "roof", Unit: 1, ScanClass: "normal", Points: points}
	config := gateway.Config{
		Name: "site", ScanClasses: gateway.DefaultScanClasses(), Connections: []gateway.Connection{connection},
		Devices: []gateway.Device{device},
	}
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	if err := drivers.Validate(config); err != nil {
		t.Fatal(err)
	}
	driver, err := drivers.Open(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = driver.Close() }()
	readings, err := driver.Poll(t.Context(), device, points)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for i, r := range readings {
		values[r.Point.Point] = points[i].EngineeringReading(r).Value.String()
	}
	return values
}

func TestSunSpecModelsAreAsLongAsTheStandardSays(t *testing.T) {
	float := math.Float32bits(230.5)
	filled := func(id, length int) []uint16 {
		b := []uint16{uint16(id), uint16(length)}
		for range length {
			b = append(b, 1)
		}
		return b
	}
	floats := filled(113, 60)
	floats[2+14], floats[2+15] = uint16(float>>16), uint16(float)
	modules := filled(160, 8+2*20)
	for _, test := range []struct {
		block    []uint16
		last, id string
		count    int
	}{
		{filled(101, 50), "Evt1", "", 0}, {floats, "Evt1", "PhVphA", 0}, {filled(204, 105), "Evt", "", 0}, {modules, "DCSt2", "DCA2", 12},
	} {
		device, connection, err := discover(t, 40000, sunSpecMap(common(), test.block))
		if err != nil {
			t.Fatal(err)
		}
		last := device.Points[len(device.Points)-1]
		if last.ID != test.last || test.count > 0 && len(device.Points) != test.count {
			t.Errorf("model %d: %d points, the last is %s", test.block[0], len(device.Points), last.ID)
		}
		if test.id == "PhVphA" {
			if got := readAll(t, connection, device.Points)[test.id]; got != "230.5" {
				t.Errorf("model %d: %s", test.block[0], got)
			}
		}
	}
}

func TestADeviceWithoutSunSpec(t *testing.T) {
	_, _, err := discover(t, 40000, []uint16{1, 2, 3})
	if gateway.CodeOf(err) != gateway.NotFound {
		t.Errorf("%v", err)
	}
}
