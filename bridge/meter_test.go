package bridge_test

import (
	"math"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/mqtt"
)

// run observes a queue for a time that gets in and out messages of 10 bytes per second.
func observe(m *bridge.Meter, q *mqtt.Queue, at *time.Time, seconds, in, out int, up bool) {
	for range seconds {
		*at = at.Add(time.Second)
		q.Added.Messages += uint64(in)
		q.Added.Bytes += uint64(in * 10)
		done := min(int64(out), q.Messages+int64(in))
		q.Done.Messages += uint64(done)
		q.Done.Bytes += uint64(done * 10)
		q.Messages += int64(in) - done
		q.Bytes = q.Messages * 10
		m.Observe(*at, *q, up, time.Minute, q.Messages > 0)
	}
}

func TestMeterMeasuresAnOutage(t *testing.T) {
	m, q, at := bridge.NewMeter(), &mqtt.Queue{}, time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	observe(m, q, &at, 600, 100, 100, true)
	if b := m.Backlog(); b.Messages != 0 || b.In.Messages != 100 || b.Out.Bytes != 1000 || b.DrainSeconds != nil || b.Oldest != nil {
		t.Errorf("in balance: %+v", b)
	}
	observe(m, q, &at, 7200, 100, 0, false)
	if b := m.Backlog(); b.Messages != 720_000 || b.In.Messages != 100 || b.Out.Messages != 0 || b.DrainSeconds != nil ||
		!b.Oldest.Equal(at.Add(-time.Minute)) {
		t.Errorf("in the outage: %+v", b)
	}
	observe(m, q, &at, 60, 100, 1100, true)
	b := m.Backlog()
	if b.DrainSeconds == nil || math.Abs(*b.DrainSeconds-660) > 1 {
		t.Errorf("while draining: %+v", b)
	}
	course := m.Course(time.Time{})
	if course.IntervalSeconds != 300 || len(course.Samples) < 25 || len(course.Samples) > 30 {
		t.Fatalf("%d samples of %f s", len(course.Samples), course.IntervalSeconds)
	}
	first, top := course.Samples[0], course.Samples[len(course.Samples)-1]
	if first.Messages != 0 || !first.Up || top.Up || top.Messages < 690_000 || top.In.Messages != 100 || top.Out.Messages != 0 {
		t.Errorf("first %+v, last %+v", first, top)
	}
	if recent := m.Course(at.Add(-10 * time.Minute)); recent.IntervalSeconds != 10 || len(recent.Samples) < 58 {
		t.Errorf("%d samples of %f s", len(recent.Samples), recent.IntervalSeconds)
	}
}

// TestMeterIsBounded over half a year, and goes on when counters and clock begin anew.
func TestMeterIsBounded(t *testing.T) {
	m, q, at := bridge.NewMeter(), &mqtt.Queue{}, time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	for range 180 * 24 {
		at = at.Add(time.Hour)
		observe(m, q, &at, 2, 5, 0, false)
	}
	course := m.Course(time.Time{})
	if len(course.Samples) > 800 || course.IntervalSeconds != 3600 {
		t.Errorf("%d samples of %f s", len(course.Samples), course.IntervalSeconds)
	}
	*q, at = mqtt.Queue{}, at.Add(-365*24*time.Hour)
	observe(m, q, &at, 40, 7, 0, false)
	if b := m.Backlog(); b.In.Messages != 7 {
		t.Errorf("after a new beginning: %+v", b)
	}
}
