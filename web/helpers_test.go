package web_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/live"
	"github.com/tidegate/tidegate/web"
)

// Secrets that no answer and no log line may have.
const (
	canaryPassword = "canary-bridge-password"
	canaryToken    = "canary-token-of-alice"
	internalDetail = "canary: dial 10.9.8.7 refused"
)

// plant is everything behind the page, in memory.
type plant struct {
	changed chan struct{} // closed and made anew with each change of readings

	mu       sync.Mutex // guards everything that follows
	config   gateway.Config
	author   string
	readings []gateway.Reading
	fail     error
	written  map[gateway.PointKey]gateway.Value
	endings  []string             // of clients and sessions
	askedFor gateway.SessionQuery // of sessions
	tested   []gateway.Connection
	traced   gateway.FrameQuery
	outage   time.Duration
	asked    gateway.PastQuery
	ended    map[string]bool // tokens
	accounts []string        // what was asked for: "add pump by administrator"
	password string          // of the account that was added or changed last
	backups  backups
	recorded []gateway.AuditEntry
	// auditFails is what Record answers.
	auditFails error
	pending    pendingChanges
	waiting    int64 // in the bridge cloud
	levels     gateway.LevelQuery
	published  []gateway.BrokerMessage
	unwatched  chan struct{} // one for each watch of messages that was closed
	alarms     alarmsAsked
	bridged    []string // what was asked for: "pause cloud by operator"
}

var (
	_ gateway.Control = (*plant)(nil)
	_ gateway.Monitor = (*plant)(nil)
	_ gateway.Live    = (*plant)(nil)
	_ gateway.History = (*plant)(nil)
	_ gateway.Access  = (*plant)(nil)
	_ gateway.Demo    = (*plant)(nil)

	_ gateway.Users     = (*plant)(nil)
	_ gateway.MQTTUsers = (*plant)(nil)
	_ gateway.Logins    = (*plant)(nil)
	_ gateway.Tokens    = (*plant)(nil)
	_ gateway.Backups   = (*plant)(nil)
	_ gateway.Backlogs  = (*plant)(nil)
)

func reading(device, point string, value float64) gateway.Reading {
	return gateway.Reading{
		Point: gateway.PointKey{Device: device, Point: point}, Value: gateway.FloatValue(value), Quality: gateway.Good,
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

func newPlant() *plant {
	return &plant{
		changed: make(chan struct{}), unwatched: make(chan struct{}, 10), written: map[gateway.PointKey]gateway.Value{}, ended: map[string]bool{},
		readings: []gateway.Reading{reading("boiler", "flow", 21.5)},
		config: gateway.Config{
			Revision: 7, Name: "plant", ScanClasses: gateway.DefaultScanClasses(),
			Connections: []gateway.Connection{
				{ID: "bus", Name: "Bus", URL: "tcp://10.0.0.5:502", Timeout: gateway.DefaultTimeout},
				{ID: "hall", Name: "Hall", URL: "tcp://10.0.0.6:502", Timeout: gateway.DefaultTimeout},
			},
			Devices: []gateway.Device{
				{ID: "boiler", Name: "Boiler", Connection: "bus", Unit: 1, ScanClass: "normal", Points: []gateway.Point{
					{ID: "flow", Name: "Flow", Address: "holding:0", Type: gateway.Float32, Writable: true},
				}},
				{ID: "fan", Name: "Fan", Connection: "hall", Unit: 1, ScanClass: "normal"},
			},
			Bridges: []gateway.Bridge{{
				ID: "cloud", Name: "Cloud", URL: "mqtts://cloud.example:8883", Username: "u", Password: canaryPassword,
				Routes: []gateway.Route{{Direction: gateway.Out, Filter: "plant/#", QoS: 1}},
			}},
		},
	}
}

func (p *plant) failing(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = err
}

func (p *plant) Config() gateway.Config {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.config
}

func (p *plant) Apply(_ context.Context, next gateway.Config, author string) (gateway.Config, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return gateway.Config{}, p.fail
	}
	if next.Revision != p.config.Revision {
		return gateway.Config{}, gateway.Errorf(gateway.Conflict, "the configuration was changed meanwhile")
	}
	if err := next.Validate(); err != nil {
		return gateway.Config{}, err
	}
	next.Revision++
	p.config, p.author = next, author
	return next, nil
}

func (p *plant) Test(_ context.Context, connection gateway.Connection, device gateway.Device) ([]gateway.Reading, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tested = append(p.tested, connection)
	var result []gateway.Reading
	for _, point := range device.Points {
		result = append(result, reading(device.ID, point.ID, 1))
	}
	return result, p.fail
}

func (p *plant) Disconnect(_ context.Context, id string) error { return p.endClient("disconnect", id) }

func (p *plant) RemoveSession(_ context.Context, id string) error { return p.endClient("remove", id) }

func (p *plant) endClient(what, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endings = append(p.endings, what+" "+id)
	return p.fail
}

func (p *plant) FindUnits(_ context.Context, connection gateway.Connection, search gateway.UnitSearch) ([]gateway.FoundUnit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tested = append(p.tested, connection)
	return []gateway.FoundUnit{{Unit: search.From, Answer: "holding:0 is 7"}}, p.fail
}

func (p *plant) Raw(_ context.Context, _ gateway.Connection, _ int, pdu []byte) ([]byte, error) {
	return append(pdu, 7), nil
}

func (p *plant) DetectLine(_ context.Context, c gateway.Connection, s gateway.LineSearch) ([]gateway.FoundLine, error) {
	return nil, nil
}

func (p *plant) Broadcast(context.Context, gateway.Connection, gateway.Point, gateway.Value) error {
	return nil
}

func (p *plant) ReadRange(_ context.Context, connection gateway.Connection, span gateway.Range) ([]gateway.Place, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tested = append(p.tested, connection)
	return []gateway.Place{{Address: span.Address, Raw: new(7)}}, p.fail
}

func (p *plant) Plan(connection gateway.Connection, device gateway.Device) (gateway.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tested = append(p.tested, connection)
	return gateway.Plan{Requests: []gateway.PlannedRequest{{Points: len(device.Points)}}, Classes: []gateway.PlannedClass{}}, p.fail
}

func (p *plant) ForgetLearned(_ context.Context, device string) error {
	return p.endClient("forget", device)
}

func (p *plant) PointProblems(next gateway.Config, device string) []*gateway.Error {
	return next.PointProblems(device, func(gateway.Point) error { return nil })
}

func (p *plant) Write(_ context.Context, point gateway.PointKey, value gateway.Value) (gateway.Reading, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return gateway.Reading{}, p.fail
	}
	p.written[point] = value
	return gateway.Reading{Point: point, Value: value, Quality: gateway.Good, Time: time.Now().UTC()}, nil
}

func (p *plant) Status() gateway.Status {
	return gateway.Status{Version: "test", Storage: gateway.StorageStatus{State: gateway.StateUp, Durability: "full"}, Connections: []gateway.ConnectionStatus{{ID: "bus", State: gateway.StateUp}}}
}

func (p *plant) Sessions(q gateway.SessionQuery) gateway.SessionPage {
	p.askedFor = q
	return gateway.SessionPage{Total: 7, Sessions: []gateway.SessionStatus{{ID: "<script>alert(1)</script>", Protocol: "5.0"}}}
}

func (p *plant) SessionDetail(id string) (gateway.SessionDetail, error) {
	return gateway.SessionDetail{Session: gateway.SessionStatus{ID: id}, Will: true}, p.fail
}

func (p *plant) GivenUp(context.Context) ([]gateway.GivenUp, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return []gateway.GivenUp{{
		Session: "line 1", Reason: "queue-age", Topic: "plant/flow", Messages: 7, Bytes: 210, First: at, Last: at,
	}}, p.fail
}

func (p *plant) Snapshot() []gateway.Reading {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.readings)
}

func (p *plant) Past(_ context.Context, q gateway.PastQuery) (gateway.Past, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = q
	value := 21.5
	return gateway.Past{Source: gateway.PastRaw, Buckets: []gateway.Bucket{
		{Time: q.From, Min: &value, Mean: &value, Max: &value, Count: 1}, {Time: q.From.Add(time.Second)},
	}}, p.fail
}

func (p *plant) Walk(_ context.Context, q gateway.PastQuery, each func(gateway.PastSource, gateway.Bucket) error) error {
	low, high := 20.5, 22.5
	return errors.Join(
		each(gateway.PastMinutes, gateway.Bucket{Time: q.From, Min: &low, Mean: &high, Max: &high, Count: 60}),
		each(gateway.PastRaw, gateway.Bucket{Time: q.From.Add(time.Hour), Min: &high, Mean: &high, Max: &high, Count: 1, Uncertain: true}),
		each(gateway.PastRaw, gateway.Bucket{Time: q.From.Add(2 * time.Hour), Bad: true}),
		each(gateway.PastRaw, gateway.Bucket{Time: q.From.Add(3 * time.Hour), Text: "=1+1", Count: 1}),
		each(gateway.PastRaw, gateway.Bucket{Time: q.From.Add(4 * time.Hour)}),
	)
}

func (p *plant) put(r gateway.Reading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readings = []gateway.Reading{r}
	close(p.changed)
	p.changed = make(chan struct{})
}

type watch struct {
	plant *plant
	next  <-chan struct{}
}

func (p *plant) Watch() gateway.Watch { return &watch{plant: p} }

func (w *watch) Next(ctx context.Context) ([]gateway.Reading, error) {
	if w.next != nil {
		select {
		case <-w.next:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	w.plant.mu.Lock()
	defer w.plant.mu.Unlock()
	w.next = w.plant.changed
	return slices.Clone(w.plant.readings), nil
}

func (w *watch) Close() {}

func (p *plant) Outage(_ context.Context, duration time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outage = duration
	return p.fail
}

// Everybody's password is "right", and the name says the role; tokens are the names.
func (p *plant) SetUpDone() bool { return true }

func (p *plant) SetUp(context.Context, string, string, string, string) (gateway.Login, error) {
	return gateway.Login{}, gateway.Errorf(gateway.Conflict, "done before")
}

func (p *plant) Login(_ context.Context, name, password, _ string) (gateway.Login, error) {
	if password != "right" {
		return gateway.Login{}, gateway.Errorf(gateway.Unauthorized, "name or password is wrong")
	}
	return gateway.Login{User: gateway.User{Name: name, Role: gateway.Role(name)}, Token: canaryToken}, nil
}

func (p *plant) Session(token string) (gateway.Login, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	role := gateway.Role(cmp.Or(strings.TrimPrefix(token, canaryToken), string(gateway.RoleAdministrator)))
	return gateway.Login{ID: string(role), User: gateway.User{Name: string(role), Role: role}}, role.Valid() && !p.ended[token]
}

func (p *plant) Logout(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended[token] = true
}

// page is a server with a plant, and a log.
type page struct {
	*plant
	server *web.Server
	log    *lockedBuffer
	logs   *live.LogRing
}

type lockedBuffer struct {
	mu     sync.Mutex // guards buffer
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(data)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

func newPage(change ...func(*web.Options)) *page {
	p := &page{plant: newPlant(), log: &lockedBuffer{}, logs: live.New(100).Logs()}
	options := web.Options{
		Control: p.plant, Alarms: p.plant, Revisions: p.plant, Audit: p.plant, Exploration: p.plant, Tracing: p.plant, Profiles: templates{}, Backlogs: p.plant, BridgeTests: p.plant, RoutePreviews: p.plant, ClientCertificates: p.plant, Clients: p.plant, Monitor: p.plant, Live: p.plant, History: p.plant, Access: p.plant, Logins: p.plant, Tokens: p.plant, Users: p.plant, MQTTUsers: p.plant, Backups: p.plant, Demo: p.plant,
		Messages: p.plant, Parking: p.plant, Learned: p.plant,
		Pending:      &p.pending,
		Certificates: p.plant, Machine: p.plant, Logs: p.logs,
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "up 1\n") }),
		SerialPorts: func(c gateway.Config) []gateway.SerialPort {
			return []gateway.SerialPort{{Path: "/dev/ttyUSB0", Product: "adapter", Connection: c.Connections[0].ID}}
		},
		Logger: slog.New(slog.NewTextHandler(p.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		UI:     http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the page") }),
	}
	for _, c := range change {
		c(&options)
	}
	p.server = web.New(options)
	return p
}

// as sends a request of somebody with a role.
func (p *page) as(role gateway.Role, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if role != gateway.RoleNone {
		request.AddCookie(&http.Cookie{Name: "tidegate", Value: canaryToken + string(role)})
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	p.server.Handler().ServeHTTP(recorder, request)
	return recorder
}

func (p *page) asAdministrator(method, path string, body any) *httptest.ResponseRecorder {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return p.as(gateway.RoleAdministrator, method, path, string(data))
}

func mustDecode[T any](t *testing.T, answer *httptest.ResponseRecorder) T {
	t.Helper()
	var result T
	if err := json.Unmarshal(answer.Body.Bytes(), &result); err != nil {
		t.Fatalf("%v: %d %s", err, answer.Code, answer.Body)
	}
	return result
}

func wantProblem(t *testing.T, answer *httptest.ResponseRecorder, status int, code gateway.Code, field string) web.Problem {
	t.Helper()
	p := mustDecode[web.Problem](t, answer)
	if answer.Code != status || p.Status != status || p.Code != code || p.Field != field || p.Detail == "" || p.Title == "" {
		t.Errorf("%d %s, want %d %s at %q", answer.Code, answer.Body, status, code, field)
	}
	if kind := answer.Header().Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("Content-Type %q", kind)
	}
	return p
}

func mustJar(t *testing.T) *cookiejar.Jar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}

var errInternal = errors.New(internalDetail)
