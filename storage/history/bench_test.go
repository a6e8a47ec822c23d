package history_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
)

// BenchmarkPut is what a poller pays.
func BenchmarkPut(b *testing.B) {
	h, _ := MustRun(b, b.TempDir()+"/history.db", history.Options{})
	readings := make([]gateway.Reading, 100)
	i := 0
	for b.Loop() {
		for j := range readings {
			readings[j] = good(gateway.PointKey{Device: "d", Point: "p"}, at(i), float64(j))
		}
		h.Put(readings)
		i++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(readings)), "ns/reading")
}

// BenchmarkTenThousandPerSecond writes a minute of 10,000 points, each once per second: what part of a core it takes and
// how many bytes go to the system, without and with the budget of the default.
func BenchmarkTenThousandPerSecond(b *testing.B) {
	for name, budget := range map[string]int64{"default budget": 0, "no budget": 1 << 50} {
		b.Run(name, func(b *testing.B) {
			keys := make([]gateway.PointKey, 10_000)
			for i := range keys {
				keys[i] = gateway.PointKey{Device: fmt.Sprint("device", i/100), Point: fmt.Sprint("point", i%100)}
			}
			for b.Loop() {
				cpu, bytes := usage(b)
				for batch := range 6 {
					h, stop := MustRun(b, b.TempDir()+"/history.db", history.Options{BytesPerDay: budget})
					readings := make([]gateway.Reading, len(keys))
					for second := range 10 {
						for i, k := range keys {
							readings[i] = good(k, at(batch*10+second), float64(i)+0.5)
						}
						h.Put(readings)
					}
					stop()
				}
				cpu2, bytes2 := usage(b)
				b.ReportMetric(100*(cpu2-cpu).Seconds()/60, "%core")
				b.ReportMetric(float64(bytes2-bytes)/600_000, "B/reading")
			}
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

// TestThirtyDaysTakeAtMost200Milliseconds has 50 points with 30 days of minutes, and a week of raw rows, one per
// second, for the one that is asked for.
func TestThirtyDaysTakeAtMost200Milliseconds(t *testing.T) {
	path := t.TempDir() + "/history.db"
	_, stop := MustRun(t, path, history.Options{})
	stop()
	fillMonth(t, path)
	h, _ := MustRun(t, path, history.Options{})
	end := start.Add(30 * day)
	for name, span := range map[string]time.Duration{"30 days": 30 * day, "7 days": 7 * day, "a day": day, "16 hours": 16 * time.Hour, "an hour": time.Hour} {
		var took []time.Duration
		var past gateway.Past
		for range 5 {
			began := time.Now()
			past = MustPast(t, h, gateway.PastQuery{Point: key, From: end.Add(-span), To: end, Limit: gateway.MaxHistory})
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.Logf("%s: %d buckets from %s in %s, at most %s", name, len(past.Buckets), past.Source, took[2], took[4])
		if len(past.Buckets) < 900 || len(past.Buckets) > gateway.MaxHistory {
			t.Errorf("%s: %d buckets", name, len(past.Buckets))
		}
		if took[2] > 200*time.Millisecond*slower {
			t.Errorf("%s took %s", name, took[2])
		}
	}
}
