package history_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
)

// TestSortingInGoesOnWhereItStopped lets it fail after the first points, ends the gateway there, and lets it go on.
func TestSortingInGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		path := t.TempDir() + "/history.db"
		_, stop := MustRun(t, path, history.Options{})
		stop()
		execute(t, path, "CREATE TRIGGER stop BEFORE INSERT ON hour WHEN NEW.point > 256 BEGIN SELECT raise(ABORT, 'stop'); END")
		began := time.Now().Truncate(time.Hour).Add(time.Hour)
		<-time.After(time.Until(began))
		points := make([]gateway.PointKey, 300)
		for i := range points {
			points[i] = gateway.PointKey{Device: "d", Point: fmt.Sprint(i)}
		}
		put := func(h *history.History) {
			for i, p := range points {
				h.Put([]gateway.Reading{good(p, time.Now(), float64(i))})
			}
			<-time.After(90 * time.Second)
		}
		h, stop := MustRun(t, path, history.Options{})
		put(h)
		put(h)
		wantAll(t, h, points, began, 2)
		<-time.After(3 * time.Hour)
		if h.Status().Failure == "" {
			t.Error("sorting in did not fail")
		}
		wantAll(t, h, points, began, 2)
		stop()
		execute(t, path, "DROP TRIGGER stop")
		h, stop = MustRun(t, path, history.Options{})
		defer stop()
		wantAll(t, h, points, began, 2)
		put(h)
		wantAll(t, h, points, began, 3)
		<-time.After(3 * time.Hour)
		wantAll(t, h, points, began, 3)
	})
}

// TestAnswersAreTheSameAfterSortingIn: what SQLite puts together is what comes out of looking at each row.
func TestAnswersAreTheSameAfterSortingIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, stop := MustRun(t, t.TempDir()+"/history.db", history.Options{BytesPerDay: 1 << 50})
		defer stop()
		began := time.Now()
		putMixed(h, began)
		<-time.After(time.Minute)
		ask := func() (answers []gateway.Past) {
			for _, span := range []time.Duration{time.Hour, 5 * time.Hour, 12 * time.Hour, 36 * time.Hour} {
				for limit := 2; limit <= gateway.MaxHistory; limit = limit*3/2 + 1 {
					q := gateway.PastQuery{Point: key, From: began.Add(7 * time.Second), To: began.Add(span), Limit: limit}
					if span < time.Hour*time.Duration(limit/2) {
						answers = append(answers, MustPast(t, h, q))
					}
				}
			}
			return answers
		}
		before := ask()
		<-time.After(3 * time.Hour)
		if diff := cmp.Diff(before, ask()); diff != "" {
			t.Error(diff)
		}
	})
}

// putMixed gives readings of 12 hours: every few seconds or minutes, with bad and uncertain ones and breaks among them.
func putMixed(h *history.History, began time.Time) {
	random := rand.New(rand.NewPCG(1, 2))
	longest := 5
	for at := began; at.Before(began.Add(12 * time.Hour)); at = at.Add(time.Duration(1+random.IntN(longest)) * time.Second) {
		r := good(key, at, float64(random.IntN(1000))/8)
		switch random.IntN(200) {
		case 0:
			r = bad(key, at)
		case 1:
			r.Quality = gateway.Uncertain
		case 2:
			h.Remove([]gateway.PointKey{key})
		case 3:
			longest = 1 + random.IntN(300)
		case 4, 5:
			longest = 5
		}
		h.Put([]gateway.Reading{r})
	}
}

func execute(t *testing.T, path, statement string) {
	t.Helper()
	db := MustOpen(t, path)
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// wantAll looks at all levels: each point has had the same number of readings.
func wantAll(t *testing.T, h *history.History, points []gateway.PointKey, began time.Time, readings int64) {
	t.Helper()
	for _, span := range []time.Duration{20 * time.Hour, 10 * day, 400 * day} {
		for _, p := range []int{0, 255, 256, 299} {
			past := MustPast(t, h, gateway.PastQuery{Point: points[p], From: began.Add(-time.Hour), To: began.Add(span), Limit: gateway.MaxHistory})
			var count int64
			for _, b := range past.Buckets {
				count += b.Count
			}
			if count != readings {
				t.Errorf("point %d: %d readings in %s from %s, want %d", p, count, span, past.Source, readings)
			}
		}
	}
}
