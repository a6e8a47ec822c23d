package history_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
)

// walked writes a walk in a short form: source:seconds:mean*count, source:seconds:bad or :none.
func walked(t *testing.T, h *history.History, from, to time.Time) string {
	t.Helper()
	var words []string
	err := h.Walk(t.Context(), gateway.PastQuery{Point: key, From: from, To: to}, func(source gateway.PastSource, b gateway.Bucket) error {
		what := "none"
		switch {
		case b.Count > 0:
			what = fmt.Sprintf("%g*%d", *b.Mean, b.Count)
		case b.Bad:
			what = "bad"
		}
		words = append(words, fmt.Sprintf("%s:%g:%s", source[:1], b.Time.Sub(start).Seconds(), what))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(words, " ")
}

func TestAWalkHasEveryReading(t *testing.T) {
	path := t.TempDir() + "/history.db"
	h := written(t, path, good(key, at(0), 1), good(key, at(1), 2), bad(key, at(5)), good(key, at(40_000), 3))
	if got := walked(t, h, start.Add(-time.Hour), start.Add(24*time.Hour)); got != "r:0:1*1 r:1:2*1 r:5:bad r:40000:3*1" {
		t.Error(got)
	}
	if got := walked(t, h, at(1), at(2)); got != "r:1:2*1" {
		t.Errorf("a part: %s", got)
	}
	if got := walked(t, h, at(-200), at(-100)); got != "" {
		t.Errorf("of before: %s", got)
	}
}

func TestAWalkHasMinutesWhereReadingsAreGone(t *testing.T) {
	path := t.TempDir() + "/history.db"
	h, stop := MustRun(t, path, history.Options{})
	h.Put([]gateway.Reading{good(key, at(0), 1), good(key, at(1), 3), good(key, at(70), 5), bad(key, at(80)), good(key, at(125), 7), good(key, at(130), 9)})
	stop()
	db := MustOpen(t, path)
	// The readings up to 125 s are too old, as if by age.
	for _, table := range []string{"raw", "recent"} {
		if _, err := db.ExecContext(t.Context(), "DELETE FROM "+table+" WHERE time <= ?", at(125).UnixMilli()); err != nil {
			t.Fatal(err)
		}
	}
	h, _ = MustRun(t, path, history.Options{})
	if got := walked(t, h, start.Add(-time.Hour), start.Add(time.Hour)); got != "m:0:2*2 m:60:5*1 m:119.999:bad m:120:8*2" {
		t.Error(got)
	}
}

func TestAWalkEndsWithTheFirstError(t *testing.T) {
	h := written(t, t.TempDir()+"/history.db", good(key, at(0), 1), good(key, at(1), 2))
	full, calls := errors.New("the disk of the reader is full"), 0
	q := gateway.PastQuery{Point: key, From: start, To: start.Add(time.Hour)}
	err := h.Walk(context.Background(), q, func(gateway.PastSource, gateway.Bucket) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
	other := gateway.PastQuery{Point: gateway.PointKey{Device: "no", Point: "such"}, From: start, To: start.Add(time.Hour)}
	if err := h.Walk(t.Context(), other, func(gateway.PastSource, gateway.Bucket) error { return full }); err != nil {
		t.Errorf("a point that nobody knows: %v", err)
	}
}

func TestChangedBoundsHold(t *testing.T) {
	h, _ := MustRun(t, t.TempDir()+"/history.db", history.Options{})
	h.SetBounds(history.Bounds{RawAge: 3 * day, MaxBytes: 9 << 20})
	if got, want := h.Status().Limits, (gateway.HistoryLimits{RawDays: 3, MinuteDays: 365, MaxBytes: 9 << 20}); got != want {
		t.Errorf("%+v", got)
	}
}
