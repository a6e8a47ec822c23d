package history_test

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
)

// start is when the readings of tests begin: on a full minute.
var start = time.UnixMilli(1_750_000_020_000).UTC()

var key = gateway.PointKey{Device: "boiler", Point: "flow"}

// MustRun runs a history until stop or the end of the test.
func MustRun(tb testing.TB, path string, o history.Options) (h *history.History, stop func()) {
	tb.Helper()
	h = history.New(path, o)
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		if err := h.Run(ctx); err != nil {
			tb.Errorf("run: %v", err)
		}
	})
	stop = func() { cancel(); group.Wait() }
	tb.Cleanup(stop)
	eventually(tb, func() bool { return h.Status().Failure == "" })
	return h, stop
}

func eventually(tb testing.TB, ready func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ready(); <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatal("it did not happen within 20 s")
		}
	}
}

func good(point gateway.PointKey, at time.Time, value float64) gateway.Reading {
	return gateway.Reading{Point: point, Value: gateway.FloatValue(value), Quality: gateway.Good, Time: at}
}

func bad(point gateway.PointKey, at time.Time) gateway.Reading {
	return gateway.Reading{Point: point, Quality: gateway.Bad, Reason: "no answer", Time: at}
}

func MustPast(tb testing.TB, h *history.History, q gateway.PastQuery) gateway.Past {
	tb.Helper()
	past, err := h.Past(tb.Context(), q)
	if err != nil {
		tb.Fatal(err)
	}
	return past
}

// written writes everything by an orderly stop and opens the file again.
func written(tb testing.TB, path string, readings ...gateway.Reading) *history.History {
	tb.Helper()
	h, stop := MustRun(tb, path, history.Options{})
	for _, r := range readings {
		h.Put([]gateway.Reading{r})
	}
	stop()
	h, _ = MustRun(tb, path, history.Options{})
	return h
}

// MustOpen opens a closed file behind the product's back.
func MustOpen(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_synchronous=OFF")
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}
