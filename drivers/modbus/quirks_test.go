package modbus_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

func quirky(quirks gateway.DeviceQuirks) gateway.Device {
	d := device(1)
	d.Quirks = quirks
	return d
}

// asked polls points of a device with quirks and gives the requests that the slave saw.
func asked(t *testing.T, quirks gateway.DeviceQuirks, points ...gateway.Point) ([]gateway.Reading, [][]byte) {
	t.Helper()
	s := newSlave("tcp")
	d := mustOpen(t, mustStart(t, s), time.Second)
	readings, err := d.Poll(t.Context(), quirky(quirks), points)
	if err != nil {
		t.Fatal(err)
	}
	return readings, s.seen()
}

func quantities(requests [][]byte) (counts []int) {
	for _, pdu := range requests {
		counts = append(counts, int(pdu[3])<<8|int(pdu[4]))
	}
	return counts
}

func TestQuirksOfAPlan(t *testing.T) {
	var coils []gateway.Point
	for _, address := range []string{"coil:0", "coil:1", "coil:2", "coil:3"} {
		coils = append(coils, point(address, gateway.Bool))
	}
	for name, c := range map[string]struct {
		quirks  gateway.DeviceQuirks
		points  []gateway.Point
		largest int
		number  int
	}{
		"none":          {gateway.DeviceQuirks{}, registers(0, 1, 2, 3), 4, 1},
		"max registers": {gateway.DeviceQuirks{MaxRegisters: 2}, registers(0, 1, 2, 3), 2, 2},
		"max bits":      {gateway.DeviceQuirks{MaxBits: 3}, coils, 3, 2},
		"one per point": {gateway.DeviceQuirks{OnePerPoint: true}, registers(0, 1, 2, 3), 1, 4},
	} {
		t.Run(name, func(t *testing.T) {
			readings, requests := asked(t, c.quirks, c.points...)
			counts := quantities(requests)
			largest := 0
			for _, n := range counts {
				largest = max(largest, n)
			}
			if len(counts) != c.number || largest > c.largest {
				t.Errorf("quantities %v, want %d requests of at most %d", counts, c.number, c.largest)
			}
			for _, r := range readings {
				if r.Quality != gateway.Good {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

func TestReadFunctionAndAddressBase(t *testing.T) {
	for name, c := range map[string]struct {
		quirks   gateway.DeviceQuirks
		address  string
		function byte
		place    byte
	}{
		"as it is":      {gateway.DeviceQuirks{}, "input:5", 4, 5},
		"input by 3":    {gateway.DeviceQuirks{ReadFunction: 3}, "input:5", 3, 5},
		"holding by 4":  {gateway.DeviceQuirks{ReadFunction: 4}, "holding:5", 4, 5},
		"counts from 1": {gateway.DeviceQuirks{AddressBase: 1}, "holding:5", 3, 4},
		"reference":     {gateway.DeviceQuirks{AddressBase: 1}, "40005", 3, 4},
	} {
		t.Run(name, func(t *testing.T) {
			readings, requests := asked(t, c.quirks, point(c.address, gateway.Uint16))
			if len(requests) != 1 || requests[0][0] != c.function || requests[0][2] != c.place || readings[0].Quality != gateway.Good {
				t.Errorf("requests % x, reading %+v", requests, readings[0])
			}
		})
	}
	if err := modbus.Check(gateway.DeviceQuirks{AddressBase: 1}, point("holding:0", gateway.Uint16)); fieldOf(err) != "address" {
		t.Errorf("place 0 of a device that counts from 1: %v", err)
	}
}

// Some devices answer over TCP as unit 0 or 255, whoever was asked. Such an answer counts only when somebody said so, and
// only to its own transaction.
func TestAnswersAsAnotherUnit(t *testing.T) {
	for _, other := range []byte{0, 255} {
		s := newSlave("tcp")
		s.fault = func(_, reply []byte) []chunk {
			late := bytes.Clone(reply)
			late[1]--
			late[9], late[10] = 0xAA, 0xAA // of another transaction, from the same unit
			reply[6] = other
			late[6] = other
			return []chunk{{data: append(late, reply...)}}
		}
		d := mustOpen(t, mustStart(t, s), 200*time.Millisecond)
		if r := mustPoll(t, d, 1, registers(7)...)[0]; r.Quality != gateway.Bad || !strings.Contains(r.Reason, "answer as any unit") {
			t.Errorf("unit %d without the setting: %+v", other, r)
		}
		if d.Damaged() == 0 {
			t.Error("an answer that could not be used is not counted")
		}
		readings, err := d.Poll(t.Context(), quirky(gateway.DeviceQuirks{AnyUnit: true}), registers(7, 8))
		if err != nil || readings[0].Value != gateway.UintValue(7) || readings[1].Value != gateway.UintValue(8) {
			t.Errorf("unit %d: %+v, %v", other, readings, err)
		}
		r, err := d.Write(t.Context(), quirky(gateway.DeviceQuirks{AnyUnit: true}), point("holding:9", gateway.Uint16), gateway.UintValue(3))
		if err != nil || r.Value != gateway.UintValue(3) {
			t.Errorf("unit %d: %+v, %v", other, r, err)
		}
	}
	// On a serial line nothing else tells units apart.
	s := newSlave("rtu")
	s.fault = func(request, _ []byte) []chunk { return []chunk{{data: packRTU(2, []byte{3, 2, 0xAA, 0xAA})}} }
	d := mustOpen(t, mustStart(t, s), 30*time.Millisecond)
	if readings, err := d.Poll(t.Context(), quirky(gateway.DeviceQuirks{AnyUnit: true}), registers(7)); err != nil || readings[0].Quality != gateway.Bad {
		t.Errorf("%+v, %v", readings, err)
	}
}

// A write to a device with quirks goes to the place that is read.
func TestWriteWithAddressBase(t *testing.T) {
	s := newSlave("tcp")
	d := mustOpen(t, mustStart(t, s), time.Second)
	r, err := d.Write(t.Context(), quirky(gateway.DeviceQuirks{AddressBase: 1}), point("holding:5", gateway.Uint16), gateway.UintValue(77))
	if err != nil || r.Value != gateway.UintValue(77) || s.written[4] != 77 {
		t.Errorf("%+v, %v, written %v", r, err, s.written)
	}
}

func TestPauseBetweenRequests(t *testing.T) {
	const wait = 30 * time.Millisecond
	begin := time.Now()
	asked(t, gateway.DeviceQuirks{OnePerPoint: true, Pause: gateway.Duration(wait)}, registers(0, 1, 2, 3)...)
	if took := time.Since(begin); took < 3*wait {
		t.Errorf("four requests with pauses of %s took %s", wait, took)
	}
}

// The connection is given up after each poll, and made again for the next one, for a write and for a look.
func TestCloseAfterPoll(t *testing.T) {
	s := newSlave("tcp")
	connection := gateway.Connection{ID: "c", URL: mustStart(t, s), Timeout: gateway.Duration(time.Second)}
	connection.Quirks = gateway.ConnectionQuirks{CloseAfterPoll: true, PauseAfterConnect: gateway.Duration(20 * time.Millisecond)}
	begin := time.Now()
	d, err := modbus.Open(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 3 {
		if r := mustPoll(t, d, 1, registers(7)...)[0]; r.Value != gateway.UintValue(7) {
			t.Errorf("%+v", r)
		}
	}
	if took := time.Since(begin); took < 60*time.Millisecond {
		t.Errorf("three connections with pauses of 20 ms took %s", took)
	}
	if r, err := d.Write(t.Context(), device(1), point("holding:9", gateway.Uint16), gateway.UintValue(1)); err != nil || r.Quality != gateway.Good {
		t.Errorf("write after a poll: %+v, %v", r, err)
	}
	mustPoll(t, d, 1, registers(7)...)
	if places, err := d.ReadRange(t.Context(), gateway.Range{Unit: 1, Address: "holding:0", Count: 2}); err != nil || places[1].Raw == nil {
		t.Errorf("look after a poll: %+v, %v", places, err)
	}
}
