package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

const exportRoute = "/api/v1/history/export?points="

func TestTheHistoryAsCSV(t *testing.T) {
	t.Run("over the end of summer time", func(t *testing.T) {
		p := newPage()
		p.config.TimeZone = "Europe/Berlin"
		answer := p.as(gateway.RoleViewer, "GET", exportRoute+"boiler/flow&from=2026-10-24T23:30:00Z&to=2026-10-25T04:00:00Z", "")
		want := []string{
			"time_utc,time_site,device,point,unit,source,value,minimum,maximum,readings,quality",
			"2026-10-24T23:30:00.000Z,2026-10-25T01:30:00.000+02:00,boiler,flow,,minute,22.5,20.5,22.5,60,good",
			"2026-10-25T00:30:00.000Z,2026-10-25T02:30:00.000+02:00,boiler,flow,,reading,22.5,22.5,22.5,1,uncertain",
			"2026-10-25T01:30:00.000Z,2026-10-25T02:30:00.000+01:00,boiler,flow,,reading,,,,0,bad",
			"2026-10-25T02:30:00.000Z,2026-10-25T03:30:00.000+01:00,boiler,flow,,reading,'=1+1,,,1,good",
			"2026-10-25T03:30:00.000Z,2026-10-25T04:30:00.000+01:00,boiler,flow,,reading,,,,0,not recorded",
		}
		if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(answer.Body.String()), "\n")); diff != "" {
			t.Error(diff)
		}
		if name := answer.Header().Get("Content-Disposition"); !strings.Contains(name, "20261024-2330-20261025-0400.csv") {
			t.Error(name)
		}
	})
	t.Run("over the beginning of summer time", func(t *testing.T) {
		p := newPage()
		p.config.TimeZone = "Europe/Berlin"
		answer := p.as(gateway.RoleViewer, "GET", exportRoute+"a/b,c/d&decimal=comma&from=2026-03-29T00:30:00Z&to=2026-03-29T04:00:00Z", "")
		lines := strings.Split(strings.TrimSpace(answer.Body.String()), "\n")
		if len(lines) != 11 || !strings.HasPrefix(lines[1], "2026-03-29T00:30:00.000Z;2026-03-29T01:30:00.000+01:00;a;b;;minute;22,5;20,5") ||
			!strings.HasPrefix(lines[7], "2026-03-29T01:30:00.000Z;2026-03-29T03:30:00.000+02:00;c;d;") {
			t.Error(answer.Body)
		}
	})
	for name, query := range map[string]string{
		"to":        "a/b&from=2026-01-02T03:00:00Z&to=2027-02-02T04:00:00Z",
		"points":    "a&from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z",
		"points[8]": "",
	} {
		if query == "" {
			name, query = "points", strings.Repeat("a/b,", 8)+"a/b&from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z"
		}
		t.Run("Err "+name, func(t *testing.T) {
			wantProblem(t, newPage().as(gateway.RoleViewer, "GET", exportRoute+query, ""), http.StatusUnprocessableEntity, gateway.Invalid, name)
		})
	}
}
