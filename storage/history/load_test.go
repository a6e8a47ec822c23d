package history_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
)

// plant is how many points there are and for how long each gives a reading per second: 10,000 for the minutes that
// TIDEGATE_HISTORY_MINUTES says, else 50 per device.
func plant(t *testing.T, devices int, duration time.Duration) ([]gateway.PointKey, time.Duration) {
	t.Helper()
	if text := os.Getenv("TIDEGATE_HISTORY_MINUTES"); text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		devices, duration = 200, time.Duration(minutes)*time.Minute
	}
	var points []gateway.PointKey
	for d := range devices {
		for p := range 50 {
			points = append(points, gateway.PointKey{Device: fmt.Sprint("device", d), Point: fmt.Sprint("point", p)})
		}
	}
	return points, duration
}

// feed gives a reading of each point per second, device by device.
func feed(h *history.History, points []gateway.PointKey, duration time.Duration) {
	readings := make([]gateway.Reading, 50)
	for end := time.Now().Add(duration); time.Now().Before(end); <-time.After(time.Second) {
		for i, point := range points {
			readings[i%50] = good(point, time.Now(), float64(time.Now().Unix()%3600)+float64(i)/100)
			if i%50 == 49 {
				h.Put(readings)
			}
		}
	}
}

// TestWhatTenThousandPerSecondCost prints what part of a core the history takes and how many bytes go to the disk.
func TestWhatTenThousandPerSecondCost(t *testing.T) {
	points, duration := plant(t, 10, 2*time.Minute)
	for name, budget := range map[string]int64{"default budget": 0, "no budget": 1 << 50} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, stop := MustRun(t, t.TempDir()+"/history.db", history.Options{BytesPerDay: budget})
				defer stop()
				cpu, bytes := usage(t)
				feed(h, points, duration)
				<-time.After(time.Minute)
				cpu2, bytes2 := usage(t)
				share := 100 * (cpu2 - cpu).Seconds() / duration.Seconds() * 10_000 / float64(len(points))
				s := h.Status()
				readings := float64(len(points)) * duration.Seconds()
				t.Logf("%d points, %s: %.1f %% of a core for 10,000/s, %.0f bytes written per reading; %+v",
					len(points), duration, share, float64(bytes2-bytes)/readings, s)
				if share > 50*slower {
					t.Errorf("it takes %.0f %% of a core", share)
				}
				if s.Dropped > 0 || s.Failure != "" {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestBoundsHoldUnderLoad has bounds that are small enough to be met: raw rows of a quarter of the time, minutes of half,
// and then few bytes.
func TestBoundsHoldUnderLoad(t *testing.T) {
	points, duration := plant(t, 1, 40*time.Minute)
	for name, o := range map[string]history.Options{
		"age":   {Bounds: history.Bounds{RawAge: duration / 4, MinuteAge: duration / 2, MaxBytes: 1 << 40}},
		"bytes": {Bounds: history.Bounds{MaxBytes: 1<<20 + 6400*int64(len(points))}},
	} {
		o.BytesPerDay = 1 << 50
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := t.TempDir() + "/history.db"
				h, stop := MustRun(t, path, o)
				feed(h, points, duration)
				s := h.Status()
				stop()
				t.Logf("%d points, %s: %+v", len(points), duration, s)
				if s.Bytes > o.MaxBytes*5/4 || s.Dropped > 0 || s.Failure != "" {
					t.Errorf("%+v", s)
				}
				// Ages are looked at every ten minutes, and rows go in steps of a part of their age.
				if name == "age" {
					wantSpan(t, path, "raw", 1, o.RawAge, 13*time.Minute)
					wantSpan(t, path, "minute", 60_000, o.MinuteAge, 13*time.Minute)
				}
			})
		})
	}
}

// wantSpan looks into a closed file: how far a table goes back from now.
func wantSpan(t *testing.T, path, table string, unit int64, atLeast, more time.Duration) {
	t.Helper()
	db := MustOpen(t, path)
	var oldest int64
	if err := db.QueryRowContext(t.Context(), "SELECT min(time) FROM "+table).Scan(&oldest); err != nil {
		t.Fatal(err)
	}
	if back := time.Since(time.UnixMilli(oldest * unit)); back < atLeast-time.Minute || back > atLeast+more {
		t.Errorf("%s goes back %s, want %s and at most %s more", table, back, atLeast, more)
	}
}

// usage is the processor time and the bytes written by this process.
func usage(tb testing.TB) (cpu time.Duration, bytes int64) {
	tb.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		tb.Fatal(err)
	}
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "wchar: %d", &bytes); err == nil {
			break
		}
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), bytes
}
