package history_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
	"github.com/tidegate/tidegate/storage/storagetest"
)

func hour(limit int) gateway.PastQuery {
	return gateway.PastQuery{Point: key, From: start, To: start.Add(time.Hour), Limit: limit}
}

// text writes buckets in a short form: seconds:min/mean/max*count, ! for a gap inside, seconds:gap.
func text(past gateway.Past) string {
	var words []string
	for _, b := range past.Buckets {
		at := b.Time.Sub(start).Seconds()
		switch {
		case b.Count == 0:
			words = append(words, fmt.Sprintf("%g:gap", at))
		case b.Text != "":
			words = append(words, fmt.Sprintf("%g:%q*%d", at, b.Text, b.Count))
		default:
			word := fmt.Sprintf("%g:%g/%g/%g*%d", at, *b.Min, *b.Mean, *b.Max, b.Count)
			if b.Gap {
				word += "!"
			}
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func TestAnOrderlyStopWritesEverything(t *testing.T) {
	h := written(t, t.TempDir()+"/history.db", good(key, at(0), 1.5), good(key, at(10), 2))
	if got := text(MustPast(t, h, hour(1000))); got != "0:1.5/1.5/1.5*1 10:2/2/2*1" {
		t.Error(got)
	}
	if s := h.Status(); s.Rows != 3 || s.Bytes == 0 || s.Dropped != 0 || s.Thinned != 0 || s.IntervalMs != 1000 {
		t.Errorf("%+v", s)
	}
}

func TestABadStretchIsAGap(t *testing.T) {
	h := written(t, t.TempDir()+"/history.db",
		good(key, at(0), 1), bad(key, at(100)), bad(key, at(101)), bad(key, at(600)), good(key, at(700), 3), bad(key, at(800)))
	if got := text(MustPast(t, h, hour(1000))); got != "0:1/1/1*1 100:gap 700:3/3/3*1 800:gap" {
		t.Errorf("raw: %s", got)
	}
	wide := gateway.PastQuery{Point: key, From: start, To: start.Add(24 * time.Hour), Limit: 100}
	past := MustPast(t, h, wide)
	// A gap within a bucket of 29 minutes is noted there.
	if got := text(past); got != "0:1/2/3*2! 780:gap" || past.Source != gateway.PastMinutes {
		t.Errorf("%s: %s", past.Source, got)
	}
}

func TestTheTimeWithoutTheGatewayIsAGap(t *testing.T) {
	path := t.TempDir() + "/history.db"
	for second := 0; second < 1000; second += 500 {
		h, stop := MustRun(t, path, history.Options{})
		h.Put([]gateway.Reading{good(key, at(second), 1), good(key, at(second+100), 2)})
		stop()
	}
	h, _ := MustRun(t, path, history.Options{})
	if got := text(MustPast(t, h, hour(1000))); got != "0:1/1/1*1 100:2/2/2*1 100.001:gap 500:1/1/1*1 600:2/2/2*1" {
		t.Error(got)
	}
}

func TestAPointThatIsReadAgainDoesNotContinueItsLine(t *testing.T) {
	path := t.TempDir() + "/history.db"
	h, stop := MustRun(t, path, history.Options{})
	h.Put([]gateway.Reading{good(key, at(0), 1)})
	h.Remove([]gateway.PointKey{key})
	h.Put([]gateway.Reading{good(key, at(500), 2)})
	stop()
	h, _ = MustRun(t, path, history.Options{})
	if got := text(MustPast(t, h, hour(1000))); got != "0:1/1/1*1 0.001:gap 500:2/2/2*1" {
		t.Error(got)
	}
}

func TestTextsAndTruthValues(t *testing.T) {
	long := strings.Repeat("ä", 100)
	reading := func(second int, v gateway.Value) gateway.Reading {
		return gateway.Reading{Point: key, Value: v, Quality: gateway.Uncertain, Time: at(second)}
	}
	h := written(t, t.TempDir()+"/history.db", reading(0, gateway.TextValue("run")), reading(5, gateway.TextValue("run")),
		reading(10, gateway.TextValue(long)))
	if got := text(MustPast(t, h, hour(1000))); got != fmt.Sprintf("0:%q*1 10:%q*1", "run", strings.Repeat("ä", 64)) {
		t.Error(got)
	}
	h = written(t, t.TempDir()+"/history.db", reading(0, gateway.BoolValue(true)), reading(2000, gateway.UintValue(1<<63)))
	if got := text(MustPast(t, h, hour(1000))); got != "0:1/1/1*1 2000:9.223372036854776e+18/9.223372036854776e+18/9.223372036854776e+18*1" {
		t.Error(got)
	}
}

func TestFastReadingsAreThinnedButMinutesHaveThemAll(t *testing.T) {
	path := t.TempDir() + "/history.db"
	h, stop := MustRun(t, path, history.Options{})
	for i := range 600 {
		h.Put([]gateway.Reading{good(key, start.Add(time.Duration(i)*100*time.Millisecond), float64(i))})
	}
	if got := h.Status().Thinned; got < 500 || got > 545 {
		t.Errorf("thinned %d of 600", got)
	}
	stop()
	h, _ = MustRun(t, path, history.Options{})
	past := MustPast(t, h, gateway.PastQuery{Point: key, From: start, To: start.Add(24 * time.Hour), Limit: 2000})
	if got := text(past); got != "0:0/299.5/599*600" {
		t.Errorf("minutes: %s", got)
	}
}

func TestTheBudgetThinsMoreAndLetsGoAgain(t *testing.T) {
	h, _ := MustRun(t, t.TempDir()+"/history.db", history.Options{BytesPerDay: 10 << 20, Every: 50 * time.Millisecond})
	second := 0
	put := func() bool {
		for range 20 {
			h.Put([]gateway.Reading{good(key, at(second), 1)})
			second++
		}
		return h.Status().IntervalMs > 10_000
	}
	eventually(t, put)
	eventually(t, func() bool { return h.Status().IntervalMs == 1000 })
}

func TestADayThatWasMissedInTheClockDoesNotMixTheOrder(t *testing.T) {
	h := written(t, t.TempDir()+"/history.db",
		good(key, time.UnixMilli(5000), 1), good(key, at(100), 4), good(key, at(50), 3), good(key, at(0), 2), good(key, at(100), 5))
	if got := text(MustPast(t, h, hour(1000))); got != "0:2/2/2*1 50:3/3/3*1 100:5/5/5*1" {
		t.Error(got)
	}
}

func TestWrongQueriesAreRefused(t *testing.T) {
	h, _ := MustRun(t, t.TempDir()+"/history.db", history.Options{})
	for field, q := range map[string]gateway.PastQuery{
		"from":  {Point: key, From: start, To: start, Limit: 10},
		"limit": {Point: key, From: start, To: start.Add(1), Limit: gateway.MaxHistory + 1},
	} {
		_, err := h.Past(t.Context(), q)
		if e, is := errors.AsType[*gateway.Error](err); !is || e.Field != field || e.Code != gateway.Invalid {
			t.Errorf("%s: %v", field, err)
		}
	}
	if past := MustPast(t, h, hour(10)); len(past.Buckets) > 0 {
		t.Errorf("an unknown point has %s", text(past))
	}
}

func TestBeforeItIsOpenItIsUnavailable(t *testing.T) {
	h := history.New(t.TempDir()+"/history.db", history.Options{})
	_, err := h.Past(t.Context(), hour(10))
	if e, is := errors.AsType[*gateway.Error](err); !is || e.Code != gateway.Unavailable || h.Status().Failure == "" {
		t.Error(err)
	}
}

func TestADamagedFileIsSetAsideWhileRunning(t *testing.T) {
	path := t.TempDir() + "/history.db"
	var readings []gateway.Reading
	for i := range 20_000 {
		readings = append(readings, good(key, at(i), float64(i)))
	}
	h, stop := MustRun(t, path, history.Options{})
	h.Put(readings)
	stop()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 16 << 10; i < len(data); i++ {
		data[i] = 0xA5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	h, stop = MustRun(t, path, history.Options{Every: 10 * time.Millisecond})
	second := 20_000
	eventually(t, func() bool {
		h.Put([]gateway.Reading{good(key, at(second), 1)})
		second++
		past, err := h.Past(t.Context(), gateway.PastQuery{Point: key, From: at(20_000), To: at(100_000), Limit: 100})
		aside, _ := filepath.Glob(path + "*damaged-*")
		return err == nil && len(past.Buckets) > 0 && len(aside) > 0
	})
	stop()
}

func TestAFileThatCannotBeOpenedStopsNobody(t *testing.T) {
	path := t.TempDir() + "/history.db"
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	h := history.New(path, history.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	eventually(t, func() bool {
		h.Put([]gateway.Reading{good(key, start, 1)})
		return strings.Contains(h.Status().Failure, "open history")
	})
	select {
	case err := <-ended:
		t.Errorf("it has ended: %v", err)
	default:
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeWrittenIsDroppedAndCounted(t *testing.T) {
	t.Parallel()
	h := history.New(t.TempDir()+"/history.db", history.Options{}) // nobody writes
	readings := make([]gateway.Reading, 1000)
	for i := range 200 {
		for j := range readings {
			readings[j] = good(gateway.PointKey{Device: "d", Point: fmt.Sprint(j)}, at(i), 1)
		}
		h.Put(readings)
	}
	if got := h.Status().Dropped; got < 200_000-1<<17 {
		t.Errorf("dropped %d", got)
	}
}

func TestManyPutAndLookAtTheSameTime(t *testing.T) {
	h, stop := MustRun(t, t.TempDir()+"/history.db", history.Options{Every: time.Millisecond, BytesPerDay: 1 << 50})
	var group sync.WaitGroup
	for p := range 4 {
		point := gateway.PointKey{Device: "d", Point: fmt.Sprint(p)}
		group.Go(func() {
			for i := range 500 {
				h.Put([]gateway.Reading{good(point, at(i), float64(i))})
				if i%100 == 0 {
					h.Remove([]gateway.PointKey{point})
				}
			}
		})
		group.Go(func() {
			for range 50 {
				_ = h.Status()
				if _, err := h.Past(t.Context(), gateway.PastQuery{Point: point, From: start, To: at(5000), Limit: 2000}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	eventually(t, func() bool { return h.Status().Rows >= 2000 })
	stop()
}

func TestEverySchemaThatEverLandedIsBroughtUpToDate(t *testing.T) {
	readings := []gateway.Reading{good(key, at(0), 1.25), bad(key, at(70)), good(key, at(200), -3)}
	fill := func(t *testing.T, path string) {
		h, stop := MustRun(t, path, history.Options{})
		h.Put(readings)
		stop()
	}
	check := func(t *testing.T, path string, _ int) {
		h, stop := MustRun(t, path, history.Options{})
		defer stop()
		want := "0:1.25/1.25/1.25*1 70:gap 200:-3/-3/-3*1"
		if diff := cmp.Diff(want, text(MustPast(t, h, hour(1000)))); diff != "" {
			t.Error(diff)
		}
	}
	storagetest.Schemas(t, "migrations", "testdata/schema", fill, check)
}
