package live_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/live"
)

func reading(point string, value int64) gateway.Reading {
	return gateway.Reading{
		Point: gateway.PointKey{Device: "d", Point: point}, Value: gateway.IntValue(value), Quality: gateway.Good, Time: time.Now(),
	}
}

func put(hub *live.Hub, point string, value int64) { hub.Put([]gateway.Reading{reading(point, value)}) }

func next(t *testing.T, w gateway.Watch) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	readings, err := w.Next(ctx)
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	text := ""
	for _, r := range readings {
		text += fmt.Sprintf("%s=%s ", r.Point.Point, r.Value)
	}
	return text
}

func TestAWatchGetsTheSnapshotThenTheNewestOfWhatChanged(t *testing.T) {
	hub := live.New(1)
	put(hub, "b", 1)
	put(hub, "a", 1)
	w := hub.Watch()
	defer w.Close()
	if got := next(t, w); got != "a=1 b=1 " {
		t.Errorf("snapshot %q", got)
	}
	for i := range 100 {
		put(hub, "b", int64(i))
	}
	put(hub, "c", 5)
	if got := next(t, w); got != "b=99 c=5 " {
		t.Errorf("changes %q", got)
	}
	if got := len(hub.Snapshot()); got != 3 {
		t.Errorf("%d points in the snapshot", got)
	}
}

func TestTheFirstNextDoesNotWaitForPoints(t *testing.T) {
	w := live.New(1).Watch()
	defer w.Close()
	if got := next(t, w); got != "" {
		t.Errorf("snapshot of nothing %q", got)
	}
}

func TestNextWaitsForAChangeTheContextOrClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := live.New(1)
		w := hub.Watch()
		next(t, w)
		time.AfterFunc(time.Second, func() { put(hub, "a", 3) })
		if got := next(t, w); got != "a=3 " {
			t.Errorf("change %q", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.Next(ctx); err == nil {
			t.Error("Next without a change returned before its context ended")
		}
		time.AfterFunc(time.Second, w.Close)
		if _, err := w.Next(t.Context()); err == nil {
			t.Error("Next of a closed watch has no error")
		}
		w.Close()
	})
}

func TestRemovedPointsAreShownAsGoneOnce(t *testing.T) {
	hub := live.New(1)
	put(hub, "a", 1)
	put(hub, "b", 1)
	w := hub.Watch()
	defer w.Close()
	next(t, w)
	hub.Remove([]gateway.PointKey{{Device: "d", Point: "a"}, {Device: "d", Point: "unknown"}})
	if got := next(t, w); got != "a=null " {
		t.Errorf("after the removal %q", got)
	}
	if left := hub.Snapshot(); len(left) != 1 || left[0].Point.Point != "b" {
		t.Errorf("snapshot %v", left)
	}
	late := hub.Watch()
	defer late.Close()
	if got := next(t, late); got != "b=1 " {
		t.Errorf("a late watch sees %q", got)
	}
	put(hub, "a", 7)
	if got := next(t, w); got != "a=7 " {
		t.Errorf("a point that came back %q", got)
	}
}

func TestASlowWatchDelaysNobodyAndEndsWithTheNewest(t *testing.T) {
	hub := live.New(1)
	slow, fast := hub.Watch(), hub.Watch()
	defer slow.Close()
	var wait sync.WaitGroup
	wait.Go(func() {
		defer fast.Close()
		for {
			readings, err := fast.Next(t.Context())
			if err != nil {
				t.Errorf("Next: %v", err)
				return
			}
			for _, r := range readings {
				if value, _ := r.Value.Whole(); r.Point.Point == "p0" && value == 999 {
					return
				}
			}
		}
	})
	for writer := range 4 {
		wait.Go(func() {
			for i := range 1000 {
				put(hub, fmt.Sprintf("p%d", writer), int64(i))
			}
		})
	}
	wait.Wait()
	if got := next(t, slow); got != "p0=999 p1=999 p2=999 p3=999 " {
		t.Errorf("the slow watch gets %q", got)
	}
}
