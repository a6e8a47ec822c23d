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
// TIDEGATE_HISTORY_MINUTES says, else a few for a short time.
func plant(t *testing.T) (points []gateway.PointKey, duration time.Duration) {
	t.Helper()
	devices, duration := 10, 2*time.Minute
	if text := os.Getenv("TIDEGATE_HISTORY_MINUTES"); text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		devices, duration = 200, time.Duration(minutes)*time.Minute
	}
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
	points, duration := plant(t)
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
