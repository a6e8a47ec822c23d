package history_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
)

const day = 24 * time.Hour

// runFor lets a gateway run, with a reading of the point every ten minutes; the wall clock of its readings is shifted.
func runFor(h *history.History, duration, shift time.Duration) {
	for end := time.Now().Add(duration); time.Now().Before(end); <-time.After(10 * time.Minute) {
		h.Put([]gateway.Reading{good(key, time.Now().Add(shift), 1)})
	}
}

func count(t *testing.T, h *history.History, from, to time.Time) (raw, minutes int64) {
	t.Helper()
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		past := MustPast(t, h, gateway.PastQuery{Point: key, From: at, To: at.Add(time.Hour - 1), Limit: 2000})
		for _, b := range past.Buckets {
			if past.Source == gateway.PastRaw {
				raw += b.Count
			} else {
				minutes += b.Count
			}
		}
	}
	return raw, minutes
}

func TestOldRowsGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, stop := MustRun(t, t.TempDir()+"/history.db", history.Options{Bounds: history.Bounds{RawAge: day, MinuteAge: 2 * day}})
		defer stop()
		began := time.Now()
		runFor(h, 4*day, 0)
		raw, minutes := count(t, h, began, time.Now())
		if raw < 142 || raw > 150 || minutes < 140 || minutes > 150 {
			t.Errorf("raw rows of %d, minutes of %d readings, want about 144 of each", raw, minutes)
		}
		// Rows go in steps, and hours as a whole.
		if oldest := h.Status().Oldest; oldest == nil || time.Since(*oldest) > 2*day+2*time.Hour {
			t.Errorf("the oldest is of %v", oldest)
		}
	})
}

// TestAJumpOfTheClockDeletesNothing: a day forward for some hours, and back.
func TestAJumpOfTheClockDeletesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, stop := MustRun(t, t.TempDir()+"/history.db", history.Options{Bounds: history.Bounds{RawAge: day, MinuteAge: day}})
		defer stop()
		began := time.Now()
		runFor(h, 12*time.Hour, 0)
		runFor(h, 11*time.Hour, 30*day)
		if raw, _ := count(t, h, began, began.Add(12*time.Hour)); raw != 72 {
			t.Errorf("%d readings are left of 72 from before the jump", raw)
		}
		// What stays for more than a day is believed.
		runFor(h, 14*time.Hour, 30*day)
		if raw, minutes := count(t, h, began, began.Add(12*time.Hour)); raw+minutes != 0 {
			t.Errorf("%d and %d readings are left that are 30 days old", raw, minutes)
		}
	})
}

func TestTooManyBytesCostTheOldestRawRowsFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const bound = 1 << 20
		h, stop := MustRun(t, t.TempDir()+"/history.db", history.Options{Bounds: history.Bounds{MaxBytes: bound}, BytesPerDay: 1 << 40})
		defer stop()
		began := time.Now()
		for range 2 * 3600 / 10 {
			var readings []gateway.Reading
			for second := range 10 {
				for p := range 20 {
					point := gateway.PointKey{Device: "boiler", Point: fmt.Sprint("flow", p)}
					readings = append(readings, good(point, time.Now().Add(time.Duration(second)*time.Second), float64(second)+0.1))
				}
			}
			h.Put(readings)
			<-time.After(10 * time.Second)
		}
		<-time.After(20 * time.Minute)
		first := gateway.PastQuery{Point: gateway.PointKey{Device: "boiler", Point: "flow0"}, From: began, To: began.Add(5 * time.Minute), Limit: 2000}
		if past := MustPast(t, h, first); past.Source != gateway.PastMinutes || len(past.Buckets) != 5 {
			t.Errorf("of the beginning there are %d %s", len(past.Buckets), past.Source)
		}
		last := first
		last.From, last.To = began.Add(110*time.Minute), began.Add(115*time.Minute)
		if past := MustPast(t, h, last); past.Source != gateway.PastRaw || len(past.Buckets) < 290 {
			t.Errorf("of the end there are %d %s", len(past.Buckets), past.Source)
		}
		if s := h.Status(); s.Bytes > 8*bound || s.Dropped > 0 {
			t.Errorf("%+v", s)
		}
	})
}
