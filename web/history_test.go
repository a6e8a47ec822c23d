package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

func TestTheHistoryOfAPoint(t *testing.T) {
	const route = "/api/v1/points/boiler/flow/history"
	from := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	t.Run("OK", func(t *testing.T) {
		p := newPage()
		answer := p.as(gateway.RoleViewer, "GET", route+"?from=2026-01-02T03:00:00Z&to=2026-01-02T05:00:00%2B01:00&limit=50", "")
		past := mustDecode[gateway.Past](t, answer)
		if len(past.Buckets) != 2 || *past.Buckets[0].Mean != 21.5 || past.Buckets[1].Count != 0 {
			t.Errorf("%s", answer.Body)
		}
		p.asked.To = p.asked.To.UTC()
		want := gateway.PastQuery{
			Point: gateway.PointKey{Device: "boiler", Point: "flow"}, From: from, To: from.Add(time.Hour), Limit: 50,
		}
		if diff := cmp.Diff(want, p.asked); diff != "" {
			t.Error(diff)
		}
	})
	for name, query := range map[string]string{
		"limit": "?from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z&limit=3000",
		"from":  "?to=2026-01-02T04:00:00Z",
		"to":    "?from=2026-01-02T03:00:00Z&to=yesterday",
	} {
		t.Run("Err "+name, func(t *testing.T) {
			wantProblem(t, newPage().as(gateway.RoleViewer, "GET", route+query, ""), http.StatusUnprocessableEntity, gateway.Invalid, name)
		})
	}
	t.Run("ErrUnavailable", func(t *testing.T) {
		p := newPage()
		p.failing(gateway.Errorf(gateway.Unavailable, "the history cannot be read at present"))
		answer := p.as(gateway.RoleViewer, "GET", route+"?from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z", "")
		wantProblem(t, answer, http.StatusServiceUnavailable, gateway.Unavailable, "")
	})
}
