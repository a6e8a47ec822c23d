package history_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
	"github.com/tidegate/tidegate/storage/storagetest"
)

// model is what a history knows, in the simplest form: rows by time, for each point.
type model struct {
	rows  map[gateway.PointKey]map[int64]modelRow
	known map[gateway.PointKey]bool // in this run
	last  map[gateway.PointKey]bool // bad
}

type modelRow struct {
	value         float64
	bad, breaking bool
}

func (m *model) put(r gateway.Reading) {
	bad := r.Quality == gateway.Bad
	if bad && m.known[r.Point] && m.last[r.Point] {
		return
	}
	value, _ := r.Value.Float()
	if m.rows[r.Point] == nil {
		m.rows[r.Point] = map[int64]modelRow{}
	}
	at := r.Time.UnixMilli()
	m.rows[r.Point][at] = modelRow{value: value, bad: bad, breaking: !m.known[r.Point] || m.rows[r.Point][at].breaking}
	m.known[r.Point], m.last[r.Point] = true, bad
}

// past is the answer when every row is a bucket of its own.
func (m *model) past(q gateway.PastQuery) []gateway.Bucket {
	var times []int64
	for at := range m.rows[q.Point] {
		if at >= q.From.UnixMilli() && at <= q.To.UnixMilli() {
			times = append(times, at)
		}
	}
	slices.Sort(times)
	var result []gateway.Bucket
	gapAt, gapBad := int64(-1), false
	for i, at := range times {
		row := m.rows[q.Point][at]
		if row.breaking && len(result) > 0 && gapAt < 0 {
			gapAt = lastValue(m.rows[q.Point], times[:i]) + 1
		}
		if row.bad {
			if gapAt < 0 {
				gapAt = at
			}
			gapBad = true
			continue
		}
		if gapAt >= 0 && len(result) > 0 {
			result = append(result, gateway.Bucket{Time: time.UnixMilli(gapAt).UTC(), Bad: gapBad})
		}
		gapAt, gapBad = -1, false
		result = append(result, gateway.Bucket{
			Time: time.UnixMilli(at).UTC(), Min: &row.value, Mean: &row.value, Max: &row.value, Count: 1,
		})
	}
	if gapAt >= 0 && len(result) > 0 {
		result = append(result, gateway.Bucket{Time: time.UnixMilli(gapAt).UTC(), Bad: gapBad})
	}
	return result
}

func lastValue(rows map[int64]modelRow, times []int64) int64 {
	for _, at := range slices.Backward(times) {
		if !rows[at].bad {
			return at
		}
	}
	return 0
}

// TestItKnowsWhatTheModelKnows puts readings at any time and restarts at any step. Readings are at least a second apart
// or step back, so that none is thinned.
func TestItKnowsWhatTheModelKnows(t *testing.T) {
	storagetest.Checks(t, "25")
	dirs := 0
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dirs++
		path := filepath.Join(root, fmt.Sprint(dirs), "history.db")
		m := &model{rows: map[gateway.PointKey]map[int64]modelRow{}, known: map[gateway.PointKey]bool{}, last: map[gateway.PointKey]bool{}}
		h, stop := mustRun(t, path)
		defer func() { stop() }()
		points := []gateway.PointKey{{Device: "a", Point: "x"}, {Device: "a", Point: "y"}, {Device: "b", Point: "x"}}
		now := map[gateway.PointKey]int64{}
		point := rapid.SampledFrom(points)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				p := point.Draw(t, "point")
				now[p] += int64(rapid.IntRange(1, 20).Draw(t, "seconds"))
				if rapid.IntRange(0, 9).Draw(t, "step") == 0 && now[p] > 50 {
					now[p] -= 50
				}
				r := good(p, at(int(now[p])), float64(rapid.IntRange(-1000, 1000).Draw(t, "value"))/4)
				if rapid.IntRange(0, 3).Draw(t, "quality") == 0 {
					r = bad(p, r.Time)
				}
				m.put(r)
				h.Put([]gateway.Reading{r})
			},
			"remove": func(t *rapid.T) {
				p := point.Draw(t, "point")
				delete(m.known, p)
				h.Remove([]gateway.PointKey{p})
			},
			"restart": func(t *rapid.T) {
				stop()
				h, stop = mustRun(t, path)
				clear(m.known)
				for _, p := range points {
					checkAgainst(t, h, m, p)
				}
			},
		})
	})
}

func mustRun(t *rapid.T, path string) (*history.History, func()) {
	h := history.New(path, history.Options{BytesPerDay: 1 << 50})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); h.Status().Failure != ""; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the history does not open")
		}
	}
	stopped := false
	return h, func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	}
}

func checkAgainst(t *rapid.T, h *history.History, m *model, p gateway.PointKey) {
	q := gateway.PastQuery{Point: p, From: start.Add(-time.Second), To: start.Add(998 * time.Second), Limit: gateway.MaxHistory}
	past, err := h.Past(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	// Buckets of a second: rows at whole seconds never share one.
	if diff := cmp.Diff(m.past(q), past.Buckets, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s from %s: %s", p, past.Source, diff)
	}
	wide := gateway.PastQuery{Point: p, From: start.Add(-30 * day), To: start.Add(30 * day), Limit: rapid.IntRange(2, 50).Draw(t, "limit")}
	past, err = h.Past(context.Background(), wide)
	if err != nil || len(past.Buckets) > wide.Limit {
		t.Fatalf("%d buckets, the limit is %d: %v", len(past.Buckets), wide.Limit, err)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, b := range past.Buckets {
		if b.Count > 0 {
			low, high = min(low, *b.Min), max(high, *b.Max)
		}
	}
	for at, row := range m.rows[p] {
		if !row.bad && (row.value < low || row.value > high) {
			t.Fatalf("%s: %g of %d is not between %g and %g", p, row.value, at, low, high)
		}
	}
}
