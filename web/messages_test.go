package web_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.Messages = (*plant)(nil)

func (p *plant) Levels(q gateway.LevelQuery) gateway.LevelPage {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.levels = q
	return gateway.LevelPage{Total: 7, Levels: []gateway.TopicLevel{{Name: "tank", Below: 3, Retained: true, Size: 2, Preview: "21"}}}
}

func (p *plant) Retained(topic string) (gateway.BrokerMessage, error) {
	return gateway.BrokerMessage{Topic: topic, Payload: []byte{0, 255}, Size: 2, QoS: 1, Retain: true}, p.fail
}

func (p *plant) Publish(_ context.Context, m gateway.BrokerMessage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published = append(p.published, m)
	return p.fail
}

// messageWatch gives one batch, then nothing.
type messageWatch struct {
	batch  chan gateway.PassedMessages
	closed chan struct{}
}

func (p *plant) Follow(_ context.Context, filter string) (gateway.MessageWatch, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &messageWatch{batch: make(chan gateway.PassedMessages, 1), closed: p.unwatched}
	w.batch <- gateway.PassedMessages{Messages: []gateway.BrokerMessage{{Topic: filter, Payload: []byte("x"), Size: 1}}, Dropped: 3}
	return w, p.fail
}

func (w *messageWatch) Next(ctx context.Context) (gateway.PassedMessages, error) {
	select {
	case passed := <-w.batch:
		return passed, nil
	case <-ctx.Done():
		return gateway.PassedMessages{}, ctx.Err()
	}
}

func (w *messageWatch) Close() { w.closed <- struct{}{} }

func TestTopicsAreALevelAtATime(t *testing.T) {
	for query, want := range map[string]gateway.LevelQuery{
		"":                                       {Limit: 100},
		"?prefix=a%2F&search=t&offset=5&limit=9": {Prefix: "a/", Search: "t", Offset: 5, Limit: 9},
	} {
		p := newPage()
		answer := p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/broker/topics"+query, "")
		page := mustDecode[gateway.LevelPage](t, answer)
		if p.levels != want || page.Total != 7 || page.Levels[0].Preview != "21" {
			t.Errorf("%q: %+v, %s", query, p.levels, answer.Body)
		}
	}
}

func TestARetainedMessageIsShown(t *testing.T) {
	p := newPage()
	answer := p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/broker/retained?topic=a%2Fb", "")
	if m := mustDecode[gateway.BrokerMessage](t, answer); m.Topic != "a/b" || string(m.Payload) != "\x00\xff" {
		t.Errorf("%s", answer.Body)
	}
	p.failing(gateway.Errorf(gateway.NotFound, "nothing is retained"))
	wantProblem(t, p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/broker/retained?topic=x", ""), http.StatusNotFound, gateway.NotFound, "")
}

func TestAPublicationIsInTheAuditLogWithoutItsPayload(t *testing.T) {
	p := newPage()
	body := `{"topic":"a/b","payload":"c2VjcmV0","qos":2,"retain":true}`
	if answer := p.as(gateway.RoleOperator, "POST", "/api/v1/broker/publish", body); answer.Code/100 != 2 {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if m := p.published[0]; m.Topic != "a/b" || string(m.Payload) != "secret" || m.QoS != 2 || !m.Retain {
		t.Errorf("%+v", m)
	}
	entry, err := json.Marshal(p.recorded)
	if err != nil || !strings.Contains(string(entry), `"a/b"`) || strings.Contains(string(entry), "secret") ||
		strings.Contains(string(entry), "c2VjcmV0") {
		t.Errorf("%v %s", err, entry)
	}
	for field, wrong := range map[string]string{
		"topic": `{"topic":"","qos":0,"retain":false}`, "qos": `{"topic":"a","qos":3,"retain":false}`,
	} {
		wantProblem(t, p.as(gateway.RoleOperator, "POST", "/api/v1/broker/publish", wrong), http.StatusUnprocessableEntity, gateway.Invalid, field)
	}
}

func TestMessagesAreAStream(t *testing.T) {
	p := newPage()
	answer, stream := openStreamAt(t, p, gateway.RoleViewer, "/api/v1/broker/messages/events?filter=a/%23")
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("%s", kind)
	}
	var passed gateway.PassedMessages
	if err := json.Unmarshal([]byte(next(t, stream, "messages")), &passed); err != nil {
		t.Fatal(err)
	}
	if len(passed.Messages) != 1 || passed.Messages[0].Topic != "a/#" || passed.Dropped != 3 {
		t.Errorf("%+v", passed)
	}
	if sign := next(t, stream, "messages"); sign != `{"messages":[],"dropped":0}` {
		t.Errorf("the sign of life: %s", sign)
	}
	p.Logout(canaryToken + string(gateway.RoleViewer))
	wantEnd(t, stream)
	select {
	case <-p.unwatched:
	case <-time.After(5 * time.Second):
		t.Error("the watch goes on")
	}
}

func TestAFilterThatDoesNotDoIsAProblem(t *testing.T) {
	p := newPage()
	p.failing(gateway.FieldErrorf("filter", "# must be the last level"))
	answer := p.as(gateway.RoleViewer, http.MethodGet, "/api/v1/broker/messages/events?filter=%23/a", "")
	wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, "filter")
}
