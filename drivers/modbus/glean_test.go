package modbus_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Points that lie between those that were asked for are in the answer too: they are given without another request, with the
// time and the poll of that answer. What was not asked for along is not made up.
func TestPointsBetweenAreGleaned(t *testing.T) {
	s := newSlave("tcp")
	d := mustOpen(t, mustStart(t, s), time.Second)
	polled := mustPoll(t, d, 1, append(registers(10, 20), point("coil:3", gateway.Bool))...)
	asked := len(s.seen())
	between := append(registers(9, 12, 20, 21), point("holding:19", gateway.Uint32), point("holding:20", gateway.Uint32), point("input:12", gateway.Uint16),
		point("coil:3", gateway.Bool), point("coil:6", gateway.Bool), point("nowhere", gateway.Bool))
	got := d.Glean(device(1), between)
	want := map[string]gateway.Value{
		"holding-12": gateway.UintValue(12), "holding-20": gateway.UintValue(20), "holding-19": gateway.UintValue(19<<16 | 20), "coil-3": gateway.BoolValue(true),
	}
	for _, r := range got {
		if r.Value != want[r.Point.Point] || r.Quality != gateway.Good || r.Point.Device != "meter" || r.Point.Point[0] == 'h' && (r.Poll != polled[0].Poll || r.Time != polled[0].Time) {
			t.Errorf("%+v", r)
		}
	}
	if len(got) != len(want) || len(s.seen()) != asked {
		t.Errorf("%d readings with %d requests", len(got), len(s.seen())-asked)
	}
	if of := d.Glean(device(2), between); len(of) != 0 {
		t.Errorf("of another unit: %+v", of)
	}
	mustPoll(t, d, 1, registers(500)...)
	if old := d.Glean(device(1), between); len(old) != 0 {
		t.Errorf("of an earlier poll: %+v", old)
	}
}
