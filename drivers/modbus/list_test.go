package modbus_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

func several(address string, kind gateway.Type, count int) gateway.Point {
	p := point(address, kind)
	p.Count = count
	return p
}

func mustList(t *testing.T, text string) (v gateway.Value) {
	t.Helper()
	if err := v.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return v
}

// A list is read in one request, so all its values are of one time, and it is planned together with others.
func TestListsAreRead(t *testing.T) {
	for _, framing := range framings {
		s := newSlave(framing)
		s.written = map[uint16]uint16{200: 2341, 201: 25, 202: 0xFFFF}
		d := mustOpen(t, mustStart(t, s), time.Second)
		scaled := several("holding:200", gateway.Int16, 2)
		scaled.Decoding.ScaleFrom = "holding:202"
		readings := mustPoll(t, d, 1,
			several("holding:100", gateway.Uint16, 3), several("holding:103", gateway.Uint32, 2), scaled,
			several("coil:9", gateway.Bool, 11), several("input:5", gateway.Int16, 2))
		for i, want := range []string{
			"[100,101,102]", "[6750312,6881386]", "[234.1,2.5]",
			"[true,false,false,true,false,false,true,false,false,true,false]", "[1005,1006]",
		} {
			if r := readings[i]; r.Value.String() != want || r.Quality != gateway.Good || r.Poll == 0 {
				t.Errorf("%s: %+v, want %s", framing, r, want)
			}
		}
		if n := len(s.seen()); n > 4 {
			t.Errorf("%s: %d requests, want 4 at most", framing, n)
		}
	}
}

// What is missing in a list is null there, and the reading is uncertain and says where.
func TestAListWithAGap(t *testing.T) {
	s := newSlave("tcp")
	s.written = map[uint16]uint16{10: 1, 11: 0x8000, 12: 3}
	d := mustOpen(t, mustStart(t, s), time.Second)
	p := several("holding:10", gateway.Int16, 3)
	p.Decoding.Invalid = gateway.InvalidSunSpec
	r := mustPoll(t, d, 1, p)[0]
	if r.Value.String() != "[1,null,3]" || r.Quality != gateway.Uncertain || r.Reason == "" {
		t.Errorf("%+v", r)
	}
}

func TestListsAreWritten(t *testing.T) {
	s := newSlave("tcp")
	d := mustOpen(t, mustStart(t, s), time.Second)
	for _, c := range []struct {
		point gateway.Point
		value string
	}{
		{several("holding:10", gateway.Int16, 3), "[1,-2,3]"},
		{several("holding:20", gateway.Float32, 2), "[21.4,0.5]"},
		{several("coil:3", gateway.Bool, 10), "[true,true,false,false,true,false,true,false,true,true]"},
	} {
		r, err := d.Write(t.Context(), device(1), c.point, mustList(t, c.value))
		if err != nil || r.Value.String() != c.value || r.Quality != gateway.Good {
			t.Errorf("%s: %+v, %v", c.point.Address, r, err)
		}
	}
	before := len(s.seen())
	for value, p := range map[string]gateway.Point{"[1,2]": several("holding:10", gateway.Int16, 3), "[true,2]": several("coil:3", gateway.Bool, 2)} {
		if r, err := d.Write(t.Context(), device(1), p, mustList(t, value)); gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%s: %+v, %v", value, r, err)
		}
	}
	if n := len(s.seen()) - before; n != 0 {
		t.Errorf("%d requests for values that cannot be", n)
	}
}

// What one request cannot hold is no list, and neither is one bit of a register.
func TestCheckLists(t *testing.T) {
	for _, c := range []struct {
		point gateway.Point
		field string
	}{
		{several("holding:0", gateway.Uint16, 123), ""},
		{several("input:0", gateway.Uint16, 125), ""},
		{several("holding:0", gateway.Float64, 32), "type"},
		{several("holding:65534", gateway.Uint16, 3), "address"},
		{several("holding:0", gateway.Uint16, 124), "writable"},
		{several("holding:0.3", gateway.Bool, 2), "count"},
	} {
		if err := modbus.Check(gateway.DeviceQuirks{}, c.point); c.field == "" && err != nil || c.field != "" && fieldOf(err) != c.field {
			t.Errorf("%s x%d: %v, want %q", c.point.Address, c.point.Count, err, c.field)
		}
	}
}
