package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

// ask notes what was asked about a bridge.
func (p *plant) ask(id, what string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail == nil && id != "cloud" {
		return gateway.Errorf(gateway.NotFound, "there is no bridge %q", id)
	}
	p.bridged = append(p.bridged, what)
	return p.fail
}

func (p *plant) Course(id string, since time.Time) (gateway.BacklogCourse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, exists := p.config.Bridge(id); !exists {
		return gateway.BacklogCourse{}, gateway.Errorf(gateway.NotFound, "there is no bridge %q", id)
	}
	course := gateway.BacklogCourse{Backlog: gateway.Backlog{Messages: p.waiting, In: gateway.Rate{Messages: float64(p.waiting)}}, IntervalSeconds: 10}
	if !since.IsZero() {
		course.Samples = []gateway.BacklogSample{{At: since, Messages: p.waiting, Up: true}}
	}
	return course, nil
}

func (p *plant) SetPaused(_ context.Context, id string, paused bool, author string) error {
	return p.ask(id, fmt.Sprintf("paused %v by %s", paused, author))
}

func (p *plant) SetPace(_ context.Context, id string, pace gateway.BridgePace, author string) error {
	if err := pace.Validate(); err != nil {
		return err
	}
	return p.ask(id, fmt.Sprintf("pace %d, %d, %d by %s", pace.MessagesPerSecond, pace.BytesPerSecond, pace.LiveShare, author))
}

func (p *plant) Flush(id string) error { return p.ask(id, "flush") }

func (p *plant) Purge(_ context.Context, id, name, author string) (gateway.Purged, error) {
	return gateway.Purged{Removed: 5, Left: 2}, p.ask(id, "purge "+name+" by "+author)
}

func (p *plant) Parked(_ context.Context, id string, from uint64) ([]gateway.ParkedMessage, error) {
	return []gateway.ParkedMessage{{Position: from + 1, Topic: "a", Reason: "not authorized"}}, p.ask(id, "parked")
}

func (p *plant) ExportParked(_ context.Context, id string) (gateway.Export, error) {
	return export{"parked-" + id + ".jsonl"}, p.ask(id, "export parked")
}

func (p *plant) SendParked(_ context.Context, id string, order gateway.ParkedOrder, author string) (gateway.ParkedDone, error) {
	return gateway.ParkedDone{Messages: 3}, p.ask(id, fmt.Sprintf("send parked %v by %s", order.Positions, author))
}

func (p *plant) DiscardParked(_ context.Context, id string, order gateway.ParkedOrder, author string) (gateway.ParkedDone, error) {
	return gateway.ParkedDone{Messages: 3}, p.ask(id, fmt.Sprintf("discard parked %v by %s", order.Positions, author))
}

type export struct{ name string }

func (e export) Name() string { return e.name }
func (export) Close() error   { return nil }

func (export) Write(w io.Writer) error {
	_, err := io.WriteString(w, `{"position":1,"topic":"a"}`+"\n")
	return err
}

func (p *plant) Export(_ context.Context, id string) (gateway.Export, error) {
	return export{"backlog-" + id + ".jsonl"}, p.ask(id, "export")
}

func TestBacklogIsHandled(t *testing.T) {
	p := newPage()
	for _, test := range []struct {
		role gateway.Role
		path string
		body string
		want string
	}{
		{gateway.RoleOperator, "pause", "", "paused true by operator"},
		{gateway.RoleOperator, "resume", "", "paused false by operator"},
		{gateway.RoleOperator, "flush", "", "flush"},
		{gateway.RoleOperator, "pace", `{"messagesPerSecond":5,"bytesPerSecond":6,"liveShare":7}`, "pace 5, 6, 7 by operator"},
		{gateway.RoleAdministrator, "purge", `{"name":"Cloud"}`, "purge Cloud by administrator"},
		{gateway.RoleOperator, "parked/send", `{"positions":[7,9]}`, "send parked [7 9] by operator"},
		{gateway.RoleAdministrator, "parked/discard", `{}`, "discard parked [] by administrator"},
	} {
		p.bridged = nil
		answer := p.as(test.role, "POST", "/api/v1/bridges/cloud/"+test.path, test.body)
		if answer.Code/100 != 2 || !slices.Equal(p.bridged, []string{test.want}) {
			t.Errorf("%s: %d %s, %q", test.path, answer.Code, answer.Body, p.bridged)
		}
		wantProblem(t, p.as(test.role, "POST", "/api/v1/bridges/other/"+test.path, test.body), http.StatusNotFound, gateway.NotFound, "")
	}
	answer := p.as(gateway.RoleOperator, "POST", "/api/v1/bridges/cloud/pace", `{"messagesPerSecond":-1}`)
	wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "messagesPerSecond")
	parked := mustDecode[[]gateway.ParkedMessage](t, p.as(gateway.RoleViewer, "GET", "/api/v1/bridges/cloud/parked?from=6", ""))
	if len(parked) != 1 || parked[0].Position != 7 || parked[0].Reason != "not authorized" {
		t.Errorf("%+v", parked)
	}
	answer = p.as(gateway.RoleAdministrator, "GET", "/api/v1/bridges/cloud/parked/export", "")
	if answer.Header().Get("Content-Disposition") != "attachment; filename=parked-cloud.jsonl" {
		t.Errorf("%v", answer.Header())
	}
	answer = p.as(gateway.RoleAdministrator, "GET", "/api/v1/bridges/cloud/backlog/export", "")
	if got := answer.Body.String(); got != `{"position":1,"topic":"a"}`+"\n" || answer.Header().Get("Content-Disposition") != "attachment; filename=backlog-cloud.jsonl" {
		t.Errorf("%q, %v", got, answer.Header())
	}
}

func TestBacklogIsShown(t *testing.T) {
	p := newPage()
	p.waiting = 12
	course := mustDecode[gateway.BacklogCourse](t, p.as(gateway.RoleViewer, "GET", "/api/v1/bridges/cloud/backlog", ""))
	if course.Backlog.Messages != 12 || course.Samples == nil || course.Backlog.GivenUp == nil {
		t.Errorf("%+v", course)
	}
	course = mustDecode[gateway.BacklogCourse](t, p.as(gateway.RoleViewer, "GET", "/api/v1/bridges/cloud/backlog?since=2026-01-02T03:00:00Z", ""))
	if len(course.Samples) != 1 || course.Samples[0].At.Hour() != 3 {
		t.Errorf("%+v", course)
	}
}

// TestABridgeWithABacklogIsNotRemovedByAccident: it answers with a problem of its own until that is confirmed.
func TestABridgeWithABacklogIsNotRemovedByAccident(t *testing.T) {
	p := newPage()
	p.waiting = 12
	remove := "/api/v1/bridges/cloud?revision=7"
	wantProblem(t, p.asAdministrator("DELETE", remove, nil), http.StatusConflict, gateway.HasBacklog, "")
	if len(p.Config().Bridges) != 1 {
		t.Error("it is gone")
	}
	saved := mustDecode[web.Saved](t, p.asAdministrator("DELETE", remove+"&discardBacklog=true", nil))
	if saved.Revision != 8 || len(p.Config().Bridges) != 0 {
		t.Errorf("revision %d, %+v", saved.Revision, p.Config().Bridges)
	}
	p = newPage()
	mustDecode[web.Saved](t, p.asAdministrator("DELETE", remove, nil)) // nothing waits
}

// TestSecretsDoNotFollowABridgeToABackup that somebody else may run.
func TestSecretsDoNotFollowABridgeToABackup(t *testing.T) {
	p := newPage()
	bridge := p.Config().Bridges[0]
	bridge.Password = gateway.Redacted
	bridge.Link.Backup = "mqtts://elsewhere.example:8883"
	edit := web.BridgeEdit{Revision: 7, Bridge: bridge}
	answer := p.asAdministrator("PUT", "/api/v1/bridges/cloud", edit)
	wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "bridge.password")
	edit.Bridge.Link.Backup = ""
	mustDecode[web.BridgeSaved](t, p.asAdministrator("PUT", "/api/v1/bridges/cloud", edit))
}
