package modbus_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// someUnits answers as units 2, 3 (which has no registers), 7 (with an identification) and as a gateway that finds nobody
// at 5. All others are silent.
func someUnits(unit byte, pdu []byte) []byte {
	switch {
	case unit == 7 && pdu[0] == 43:
		return identity(unit, pdu)
	case unit == 2 && pdu[0] == 43:
		return []byte{43 | 0x80, 1}
	case unit == 2, unit == 7:
		return nil
	case unit == 3:
		return []byte{pdu[0] | 0x80, 2}
	case unit == 5:
		return []byte{pdu[0] | 0x80, 0x0B}
	}
	return []byte{}
}

func TestFindUnits(t *testing.T) {
	for _, framing := range framings {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			s := newSlave(framing)
			s.answer = someUnits
			d := mustOpen(t, mustStart(t, s), time.Second)
			for range 2 { // what stayed silent the first time does not spoil the second one
				begin := time.Now()
				found, err := d.FindUnits(t.Context(), gateway.UnitSearch{From: 1, To: 8, Timeout: gateway.Duration(100 * time.Millisecond)})
				if err != nil || len(found) != 3 {
					t.Fatalf("%+v, %v", found, err)
				}
				if found[0].Unit != 2 || found[0].Answer != "holding:0 is 0" {
					t.Errorf("%+v", found[0])
				}
				if found[1].Unit != 3 || !strings.Contains(found[1].Answer, "exception 2") {
					t.Errorf("%+v", found[1])
				}
				if found[2].Unit != 7 || len(found[2].Identification) != 3 || found[2].Identification[0] != "Acme" {
					t.Errorf("%+v", found[2])
				}
				if took := time.Since(begin); took > 3*time.Second {
					t.Errorf("it took %s", took)
				}
			}
			// The time-out of the wire is its own again.
			if mustPoll(t, d, 2, registers(5)...)[0].Quality != gateway.Good {
				t.Error("no poll after a search")
			}
		})
	}
}

func TestFindUnitsRefuses(t *testing.T) {
	s := newSlave("rtu")
	d := mustOpen(t, mustStart(t, s), time.Second)
	for field, search := range map[string]gateway.UnitSearch{
		"unit":    {From: 0, To: 3},
		"to":      {From: 1, To: 40},
		"timeout": {From: 1, To: 2, Timeout: gateway.Duration(time.Second)},
	} {
		_, err := d.FindUnits(t.Context(), search)
		if problem, is := err.(*gateway.Error); !is || problem.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if len(s.seen()) != 0 {
		t.Error("something was asked")
	}
}

// TestAFloatIsFoundWhereNobodyKnewIt: at an address and in an order that only the device knows.
func TestAFloatIsFoundWhereNobodyKnewIt(t *testing.T) {
	s := newSlave("rtu")
	s.written = map[uint16]uint16{72: 0x3333, 73: 0x4366} // 230.2 as CDAB
	d := mustOpen(t, mustStart(t, s), time.Second)
	places, err := d.ReadRange(t.Context(), gateway.Range{Unit: 1, Address: "holding:0", Count: 125})
	if err != nil || len(places) != 125 {
		t.Fatalf("%d places, %v", len(places), err)
	}
	for _, m := range places[72].Meanings {
		if m.Type == gateway.Float32 && m.ByteOrder == "CDAB" {
			if got, _ := m.Value.Float(); got != 230.2 || !m.Plausible {
				t.Errorf("%+v", m)
			}
		}
	}
	if *places[10].Raw != 10 || places[10].Address != "holding:10" {
		t.Errorf("%+v", places[10])
	}
	if n := len(places[124].Meanings); n != 2 {
		t.Errorf("the last register has %d meanings, want the two of 16 bits", n)
	}
}

// TestALookGoesAroundWhatIsRefused, and nothing is read over a hole.
func TestALookGoesAroundWhatIsRefused(t *testing.T) {
	s := newSlave("tcp")
	s.answer = refuse(2, func(start, quantity int) bool { return start <= 9 && 9 < start+quantity || start+quantity > 200 })
	d := mustOpen(t, mustStart(t, s), time.Second)
	places, err := d.ReadRange(t.Context(), gateway.Range{Unit: 1, Address: "40001", Count: 250})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range places[:190] {
		if (p.Raw == nil) != (i == 9) || (p.Reason == "") != (p.Raw != nil) {
			t.Errorf("%+v", p)
		}
	}
	if n := len(places[8].Meanings); n != 2 {
		t.Errorf("%d meanings in front of a hole, want 2", n)
	}
	for _, p := range places[200:] {
		if p.Raw != nil || p.Reason == "" {
			t.Errorf("%+v", p)
		}
	}
	if n := len(s.seen()); n > 40 {
		t.Errorf("%d requests", n)
	}
}

func TestALookAtASilentDeviceIsShort(t *testing.T) {
	s := newSlave("tcp")
	s.answer = func(byte, []byte) []byte { return []byte{} }
	d := mustOpen(t, mustStart(t, s), 50*time.Millisecond)
	places, err := d.ReadRange(t.Context(), gateway.Range{Unit: 1, Address: "coil:0", Count: 250})
	if err != nil || len(places) != 250 || !strings.Contains(places[249].Reason, "no answer") || len(s.seen()) != 1 {
		t.Errorf("%v, %d requests", err, len(s.seen()))
	}
}

func TestBitsAreReadAsTheyAre(t *testing.T) {
	d := mustOpen(t, mustStart(t, newSlave("tcp")), time.Second)
	places, err := d.ReadRange(t.Context(), gateway.Range{Unit: 1, Address: "coil:3", Count: 2})
	if err != nil || *places[0].Raw != 1 || *places[1].Raw != 0 || places[0].Meanings != nil {
		t.Errorf("%+v, %v", places, err)
	}
}

// TestPreview: a 9600 baud line and two scan classes, one of which cannot be kept.
func TestPreview(t *testing.T) {
	address, err := line.Parse("rtu:///dev/ttyUSB0?baud=9600")
	if err != nil {
		t.Fatal(err)
	}
	fast := gateway.ScanClass{ID: "fast", Interval: gateway.Duration(40 * time.Millisecond)}
	slow := gateway.ScanClass{ID: "slow", Interval: gateway.Duration(10 * time.Second)}
	d := device(1)
	d.Points = append(registers(0, 1, 2, 1000), point("coil:5", gateway.Bool))
	classOf := func(p gateway.Point) gateway.ScanClass {
		if strings.HasPrefix(p.Address, "coil") {
			return slow
		}
		return fast
	}
	plan := modbus.Preview(address, d, gateway.Learned{}, classOf)
	if len(plan.Requests) != 3 || plan.Requests[0].Address != "holding:0" || plan.Requests[0].Count != 3 || plan.Requests[0].Points != 3 ||
		plan.Requests[2].ScanClass != "slow" {
		t.Errorf("%+v", plan.Requests)
	}
	if len(plan.Classes) != 2 || !plan.Classes[0].Late || plan.Classes[1].Late || plan.Load < 1 {
		t.Errorf("%+v, load %v", plan.Classes, plan.Load)
	}
	// 13 bytes around the data and 6 of it at 1.04 ms each, the silences and 5 ms of thinking.
	if ms := plan.Requests[0].Milliseconds; ms < 25 || ms > 35 {
		t.Errorf("%v ms", ms)
	}
	known := gateway.Learned{Tables: []gateway.LearnedTable{{Table: "holding", Holes: []gateway.LearnedHole{{From: 1, To: 1}}}}}
	plan = modbus.Preview(address, d, known, classOf)
	if len(plan.Requests) != 5 || plan.Learned == nil || len(plan.Learned.Tables) != 1 {
		t.Errorf("around what the device refuses: %+v", plan)
	}
}
