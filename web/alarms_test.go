package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/gateway"
)

const someAlarm = `{"code":"bridge_parked","subject":"cloud","since":"2026-01-02T03:04:05.006Z"}`

var aboutSomeAlarm = gateway.AlarmKey{
	Code: gateway.AlarmBridgeParked, Subject: "cloud", Since: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC),
}

// alarmsAsked is what was asked of the alarms.
type alarmsAsked struct {
	key   gateway.AlarmKey
	by    string
	query gateway.AlarmQuery
}

func (p *plant) AcknowledgeAlarm(_ context.Context, key gateway.AlarmKey, by string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alarms.key, p.alarms.by = key, by
	return p.fail
}

func (p *plant) PastAlarms(_ context.Context, q gateway.AlarmQuery) ([]gateway.AlarmEvent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alarms.query = q
	return []gateway.AlarmEvent{{Number: 7, Alarm: gateway.Alarm{Code: gateway.AlarmBridgeParked, Subject: "cloud"}}}, p.fail
}

func TestAnAlarmIsAcknowledgedInTheNameOfWhoAsks(t *testing.T) {
	p := newPage()
	if got := p.as(gateway.RoleOperator, "POST", "/api/v1/alarms/acknowledge", someAlarm); got.Code >= 300 {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if p.alarms.by != "operator" || p.alarms.key != aboutSomeAlarm {
		t.Errorf("%+v", p.alarms)
	}
	p.failing(gateway.Errorf(gateway.NotFound, "this alarm does not hold any more"))
	answer := p.as(gateway.RoleOperator, "POST", "/api/v1/alarms/acknowledge", someAlarm)
	wantProblem(t, answer, http.StatusNotFound, gateway.NotFound, "")
}

func TestThePastOfAlarmsIsAskedInPages(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleViewer, "GET", "/api/v1/alarms/past?before=9&limit=5&code=bridge_parked&subject=Clo", "")
	want := gateway.AlarmQuery{Before: 9, Limit: 5, Code: gateway.AlarmBridgeParked, Subject: "Clo"}
	if diff := cmp.Diff(want, p.alarms.query); diff != "" || !strings.Contains(answer.Body.String(), `"number":7`) {
		t.Errorf("%s %s", diff, answer.Body)
	}
	if p.as(gateway.RoleViewer, "GET", "/api/v1/alarms/past", ""); p.alarms.query != (gateway.AlarmQuery{Limit: 100}) {
		t.Errorf("%+v", p.alarms.query)
	}
}
