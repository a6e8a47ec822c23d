package modbus_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// What one driver has found out, the next one knows from its first request on, until somebody has it forgotten.
func TestWhatWasLearnedIsPassedOn(t *testing.T) {
	s := newSlave("tcp")
	s.answer = refuse(2, func(start, quantity int) bool { return start <= 105 && 105 < start+quantity })
	url := mustStart(t, s)
	points := registers(100, 101, 110, 111)
	requests := func(d *modbus.Driver) int {
		before := len(s.seen())
		for _, r := range mustPoll(t, d, 1, points...) {
			if r.Quality != gateway.Good {
				t.Errorf("%+v", r)
			}
		}
		return len(s.seen()) - before
	}
	first := mustOpen(t, url, time.Second)
	if n := first.Discoveries(); n != 0 {
		t.Errorf("%d discoveries before the first poll", n)
	}
	requests(first)
	known := first.Learned(device(1))
	want := []gateway.LearnedTable{{Table: "holding", Holes: []gateway.LearnedHole{{From: 102, To: 109}}}}
	if diff := cmp.Diff(want, known.Tables); diff != "" || first.Discoveries() == 0 || time.Since(known.Since) > time.Minute {
		t.Errorf("%d discoveries since %s: %s", first.Discoveries(), known.Since, diff)
	}
	if other := first.Learned(device(2)); !other.Empty() {
		t.Errorf("of another unit: %+v", other)
	}
	second := mustOpen(t, url, time.Second)
	second.Learn(device(1), known)
	if n := requests(second); n != 2 {
		t.Errorf("%d requests with what was learned, want 2", n)
	}
	if diff := cmp.Diff(known, second.Learned(device(1))); diff != "" {
		t.Error(diff)
	}
	before := second.Discoveries()
	second.Learn(device(1), gateway.Learned{})
	if !second.Learned(device(1)).Empty() || second.Discoveries() == before {
		t.Error("not forgotten, or not said")
	}
	if n := requests(second); n != 3 {
		t.Errorf("%d requests after it was forgotten, want 3", n)
	}
}

// What was learned more than a day ago is tried again; what makes no sense is not taken.
func TestWhatWasLearnedIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := modbus.On(nil, line.Address{Protocol: line.ModbusTCP}, gateway.Connection{})
		since := time.Now().Add(-23 * time.Hour).UTC()
		told := gateway.Learned{Since: since, Tables: []gateway.LearnedTable{
			{Table: "coil", Cuts: []int{7, -1, 70_000}},
			{Table: "holding", Holes: []gateway.LearnedHole{{From: 9, To: 5}, {From: 5, To: 9}, {From: 65_000, To: 65_536}}},
			{Table: "drawer", Cuts: []int{3}},
		}}
		d.Learn(device(1), told)
		want := gateway.Learned{Since: since, Tables: []gateway.LearnedTable{
			{Table: "coil", Cuts: []int{7}}, {Table: "holding", Holes: []gateway.LearnedHole{{From: 5, To: 9}}},
		}}
		if diff := cmp.Diff(want, d.Learned(device(1))); diff != "" {
			t.Error(diff)
		}
		<-time.After(time.Hour)
		modbus.Recheck(d, 1)
		if got := d.Learned(device(1)); !got.Empty() {
			t.Errorf("after a day: %+v", got)
		}
	})
}
