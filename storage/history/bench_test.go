package history_test

import (
	"os"
	"slices"
	"strconv"
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

// TestThirtyDaysTakeAtMost200Milliseconds asks for one of 50 points, or of as many as TIDEGATE_HISTORY_POINTS says, while
// there is much that is not sorted in. It wants half of the time, since the machine of the tests is no gateway.
func TestThirtyDaysTakeAtMost200Milliseconds(t *testing.T) {
	points := 50
	if text := os.Getenv("TIDEGATE_HISTORY_POINTS"); text != "" {
		var err error
		if points, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	path := t.TempDir() + "/history.db"
	large := history.Options{Bounds: history.Bounds{MaxBytes: 1 << 40}}
	_, stop := MustRun(t, path, large)
	stop()
	fillMonth(t, path, points)
	addRecent(t, path, points)
	h, _ := MustRun(t, path, large)
	end := start.Add(30*day + 15*time.Minute)
	for _, c := range []struct {
		span    time.Duration
		buckets int
	}{{30 * day, 1000}, {30 * day, gateway.MaxHistory}, {7 * day, 1000}, {day, gateway.MaxHistory}, {16 * time.Hour, gateway.MaxHistory}, {time.Hour, gateway.MaxHistory}} {
		var took []time.Duration
		var past gateway.Past
		for range 9 {
			began := time.Now()
			past = MustPast(t, h, gateway.PastQuery{Point: key, From: end.Add(-c.span), To: end, Limit: c.buckets})
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.Logf("%d points, %s, limit %d: %d buckets from %s in %s, at most %s", points, c.span, c.buckets, len(past.Buckets), past.Source, took[4], took[8])
		if len(past.Buckets) < c.buckets/3 || len(past.Buckets) > c.buckets {
			t.Errorf("%s: %d buckets", c.span, len(past.Buckets))
		}
		if took[4] > 100*time.Millisecond*slower {
			t.Errorf("%s took %s", c.span, took[4])
		}
	}
}
