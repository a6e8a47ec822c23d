package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

// What is expected of each route: the least role, and a request that does something.
var matrix = map[string]struct {
	least gateway.Role
	body  string
}{
	"GET /api/v1/session":                           {gateway.RoleNone, ""},
	"POST /api/v1/setup":                            {gateway.RoleNone, `{"token":"x","name":"x","password":"x"}`},
	"POST /api/v1/login":                            {gateway.RoleNone, `{"name":"viewer","password":"right"}`},
	"POST /api/v1/logout":                           {gateway.RoleNone, ""},
	"GET /api/v1/openapi.json":                      {gateway.RoleNone, ""},
	"GET /api/v1/status":                            {gateway.RoleViewer, ""},
	"GET /api/v1/config":                            {gateway.RoleViewer, ""},
	"GET /api/v1/values":                            {gateway.RoleViewer, ""},
	"GET /api/v1/sessions":                          {gateway.RoleViewer, ""},
	"GET /api/v1/sessions/detail":                   {gateway.RoleViewer, ""},
	"POST /api/v1/sessions/disconnect":              {gateway.RoleOperator, `{"id":"line 1"}`},
	"POST /api/v1/sessions/remove":                  {gateway.RoleAdministrator, `{"id":"line 1"}`},
	"GET /api/v1/broker/given-up":                   {gateway.RoleViewer, ""},
	"GET /api/v1/broker/topics":                     {gateway.RoleViewer, ""},
	"GET /api/v1/broker/retained":                   {gateway.RoleViewer, ""},
	"GET /api/v1/broker/messages/events":            {gateway.RoleViewer, ""},
	"POST /api/v1/broker/publish":                   {gateway.RoleOperator, `{"topic":"a/b","payload":"eA==","qos":1,"retain":false}`},
	"GET /api/v1/events":                            {gateway.RoleViewer, ""},
	"POST /api/v1/points/{device}/{point}/write":    {gateway.RoleOperator, `{"value":1}`},
	"POST /api/v1/demo/outage":                      {gateway.RoleOperator, `{"seconds":5}`},
	"POST /api/v1/devices":                          {gateway.RoleAdministrator, `{"revision":7,"device":` + newDevice + `}`},
	"POST /api/v1/devices/test":                     {gateway.RoleAdministrator, `{"device":` + newDevice + `}`},
	"POST /api/v1/devices/{id}/preview":             {gateway.RoleAdministrator, `{"revision":7,"device":` + newDevice + `}`},
	"POST /api/v1/devices/plan":                     {gateway.RoleAdministrator, `{"device":` + newDevice + `}`},
	"POST /api/v1/connections/units":                {gateway.RoleAdministrator, `{"connection":` + someConnection + `,"search":{"from":1,"to":5}}`},
	"POST /api/v1/connections/read":                 {gateway.RoleAdministrator, `{"connection":` + someConnection + `,"range":{"unit":1,"address":"holding:0","count":2}}`},
	"GET /api/v1/connections/{id}/frames":           {gateway.RoleOperator, ""},
	"GET /api/v1/connections/{id}/frames.pcapng":    {gateway.RoleOperator, ""},
	"POST /api/v1/connections/detect":               {gateway.RoleAdministrator, `{"connection":` + someConnection + `,"search":{"bauds":[9600]}}`},
	"POST /api/v1/connections/raw":                  {gateway.RoleAdministrator, `{"connection":` + someConnection + `,"unit":1,"pdu":"0300000001"}`},
	"POST /api/v1/connections/broadcast":            {gateway.RoleAdministrator, `{"connection":` + someConnection + `,"point":{"id":"a","address":"holding:0","type":"uint16","mapping":{}},"value":1}`},
	"PUT /api/v1/devices/{id}":                      {gateway.RoleAdministrator, `{"revision":7,"device":` + newDevice + `}`},
	"DELETE /api/v1/devices/{id}":                   {gateway.RoleAdministrator, ""},
	"DELETE /api/v1/devices/{id}/learned":           {gateway.RoleAdministrator, ""},
	"POST /api/v1/devices/batch":                    {gateway.RoleAdministrator, `{"revision":7,"profile":{"id":"meter","version":0},"devices":[{"id":"m1","name":"","connection":"bus","unit":2,"scanClass":"normal"}]}`},
	"POST /api/v1/devices/{id}/detach":              {gateway.RoleAdministrator, `{"revision":7}`},
	"POST /api/v1/connections/identify":             {gateway.RoleAdministrator, `{"connection":` + someConnection + `,"unit":1}`},
	"GET /api/v1/profiles":                          {gateway.RoleViewer, ""},
	"GET /api/v1/profiles/{id}":                     {gateway.RoleViewer, ""},
	"POST /api/v1/profiles/preview":                 {gateway.RoleAdministrator, `{"id":"meter"}`},
	"POST /api/v1/profiles":                         {gateway.RoleAdministrator, `{"revision":7,"id":"meter"}`},
	"DELETE /api/v1/profiles/{id}":                  {gateway.RoleAdministrator, ""},
	"POST /api/v1/bridges":                          {gateway.RoleAdministrator, `{"revision":7,"bridge":` + newBridge + `}`},
	"POST /api/v1/bridges/check":                    {gateway.RoleAdministrator, `{"revision":7,"bridge":` + newBridge + `}`},
	"POST /api/v1/bridges/test":                     {gateway.RoleAdministrator, `{"revision":7,"bridge":` + newBridge + `}`},
	"POST /api/v1/bridges/{id}/test":                {gateway.RoleOperator, ""},
	"POST /api/v1/bridges/certificate/check":        {gateway.RoleAdministrator, `{"ca":"PEM"}`},
	"POST /api/v1/bridges/routes/preview":           {gateway.RoleViewer, `{"routes":[{"direction":"out","filter":"gw/#","qos":1}]}`},
	"GET /api/v1/bridge-presets":                    {gateway.RoleViewer, ""},
	"PUT /api/v1/bridges/{id}":                      {gateway.RoleAdministrator, `{"revision":7,"bridge":` + newBridge + `}`},
	"DELETE /api/v1/bridges/{id}":                   {gateway.RoleAdministrator, ""},
	"POST /api/v1/bridges/{id}/certificate/request": {gateway.RoleAdministrator, `{"revision":7}`},
	"POST /api/v1/bridges/{id}/certificate/test":    {gateway.RoleAdministrator, `{"revision":7,"certificate":"PEM","key":"its key"}`},
	"PUT /api/v1/bridges/{id}/certificate":          {gateway.RoleAdministrator, `{"revision":7,"certificate":"PEM","key":"its key"}`},
	"GET /api/v1/bridges/{id}/backlog":              {gateway.RoleViewer, ""},
	"POST /api/v1/bridges/{id}/pause":               {gateway.RoleOperator, ""},
	"POST /api/v1/bridges/{id}/resume":              {gateway.RoleOperator, ""},
	"POST /api/v1/bridges/{id}/flush":               {gateway.RoleOperator, ""},
	"POST /api/v1/bridges/{id}/pace":                {gateway.RoleOperator, `{"messagesPerSecond":5}`},
	"POST /api/v1/bridges/{id}/purge":               {gateway.RoleAdministrator, `{"name":"Cloud"}`},
	"GET /api/v1/bridges/{id}/parked":               {gateway.RoleViewer, ""},
	"GET /api/v1/bridges/{id}/parked/export":        {gateway.RoleAdministrator, ""},
	"POST /api/v1/bridges/{id}/parked/send":         {gateway.RoleOperator, `{}`},
	"POST /api/v1/bridges/{id}/parked/discard":      {gateway.RoleAdministrator, `{}`},
	"GET /api/v1/bridges/{id}/backlog/export":       {gateway.RoleAdministrator, ""},
	"POST /api/v1/listeners":                        {gateway.RoleAdministrator, `{"revision":7,"listener":` + newListener + `}`},
	"PUT /api/v1/listeners/{id}":                    {gateway.RoleAdministrator, `{"revision":7,"listener":` + newListener + `}`},
	"PUT /api/v1/site":                              {gateway.RoleAdministrator, `{"revision":7,"name":"hall","timeZone":"UTC"}`},
	"PUT /api/v1/history/limits":                    {gateway.RoleAdministrator, `{"revision":7,"history":{"rawDays":3}}`},
	"PUT /api/v1/local-login":                       {gateway.RoleAdministrator, `{"revision":7,"localLogin":{"tcp":true,"socket":false}}`},
	"DELETE /api/v1/listeners/{id}":                 {gateway.RoleAdministrator, ""},
	"GET /api/v1/certificate/ca":                    {gateway.RoleNone, ""},
	"GET /api/v1/audit":                             {gateway.RoleAdministrator, ""},
	"GET /api/v1/revisions":                         {gateway.RoleAdministrator, ""},
	"GET /api/v1/revisions/{number}/changes":        {gateway.RoleAdministrator, ""},
	"GET /api/v1/revisions/{number}/preview":        {gateway.RoleAdministrator, ""},
	"POST /api/v1/revisions/{number}/rollback":      {gateway.RoleAdministrator, `{"revision":7}`},
	"GET /api/v1/config/export":                     {gateway.RoleAdministrator, ""},
	"POST /api/v1/config/import/preview":            {gateway.RoleAdministrator, `{"document":"name: x"}`},
	"POST /api/v1/config/import":                    {gateway.RoleAdministrator, `{"document":"name: x","revision":7}`},
	"POST /api/v1/alarms/acknowledge":               {gateway.RoleOperator, someAlarm},
	"GET /api/v1/alarms/past":                       {gateway.RoleViewer, ""},
	"GET /api/v1/certificates":                      {gateway.RoleViewer, ""},
	"POST /api/v1/certificates":                     {gateway.RoleAdministrator, `{"id":"plant","certificate":"x"}`},
	"POST /api/v1/certificates/check":               {gateway.RoleAdministrator, `{"certificate":"x"}`},
	"PUT /api/v1/certificates/{id}":                 {gateway.RoleAdministrator, `{"certificate":"x"}`},
	"DELETE /api/v1/certificates/{id}":              {gateway.RoleAdministrator, ""},
	"GET /api/v1/users":                             {gateway.RoleAdministrator, ""},
	"POST /api/v1/users":                            {gateway.RoleAdministrator, `{"user":{"name":"new","role":"viewer"},"password":"right"}`},
	"PUT /api/v1/users/{name}":                      {gateway.RoleAdministrator, `{"user":{"name":"pump","role":"viewer"}}`},
	"DELETE /api/v1/users/{name}":                   {gateway.RoleAdministrator, ""},
	"GET /api/v1/changes":                           {gateway.RoleViewer, ""},
	"POST /api/v1/changes/{id}/keep":                {gateway.RoleViewer, ""},
	"POST /api/v1/changes/{id}/undo":                {gateway.RoleViewer, ""},
	"GET /api/v1/logins":                            {gateway.RoleAdministrator, ""},
	"DELETE /api/v1/logins/{id}":                    {gateway.RoleAdministrator, ""},
	"GET /api/v1/tokens":                            {gateway.RoleAdministrator, ""},
	"POST /api/v1/tokens":                           {gateway.RoleAdministrator, `{"name":"grafana","scope":"read"}`},
	"DELETE /api/v1/tokens/{id}":                    {gateway.RoleAdministrator, ""},
	"GET /api/v1/mqtt/users":                        {gateway.RoleAdministrator, ""},
	"POST /api/v1/mqtt/users":                       {gateway.RoleAdministrator, `{"user":{"name":"new","rights":{}},"generate":true}`},
	"PUT /api/v1/mqtt/users/{name}":                 {gateway.RoleAdministrator, `{"user":{"name":"pump","rights":{}}}`},
	"DELETE /api/v1/mqtt/users/{name}":              {gateway.RoleAdministrator, ""},
	"GET /api/v1/mqtt/presets":                      {gateway.RoleAdministrator, ""},
	"POST /api/v1/mqtt/access-check":                {gateway.RoleAdministrator, `{"clientId":"c","action":"publish","topic":"a"}`},
	"POST /api/v1/backup":                           {gateway.RoleAdministrator, `{"passphrase":"x"}`},
	"POST /api/v1/restore":                          {gateway.RoleAdministrator, ""},
	"POST /api/v1/restore/{id}":                     {gateway.RoleAdministrator, ""},
	"DELETE /api/v1/restore/{id}":                   {gateway.RoleAdministrator, ""},
	"GET /api/v1/serial/ports":                      {gateway.RoleAdministrator, ""},
	"GET /api/v1/system":                            {gateway.RoleViewer, ""},
	"GET /api/v1/logs":                              {gateway.RoleOperator, ""},
	"GET /api/v1/logs/events":                       {gateway.RoleOperator, ""},
	"GET /api/v1/support-bundle":                    {gateway.RoleAdministrator, ""},
	"GET /healthz":                                  {gateway.RoleNone, ""},
	"GET /readyz":                                   {gateway.RoleNone, ""},
	"GET /metrics":                                  {gateway.RoleViewer, ""},
	"GET /api/v1/points/{device}/{point}/history":   {gateway.RoleViewer, ""},
	"GET /api/v1/history/export":                    {gateway.RoleViewer, ""},
}

const (
	newDevice      = `{"id":"pump","name":"Pump","connection":"bus","unit":2,"scanClass":"fast","points":[]}`
	someConnection = `{"id":"new","name":"New","url":"tcp://10.0.0.9:502","timeout":"1s"}`
	newListener    = `{"id":"lan","kind":"tls","address":":8883"}`
	newBridge      = `{"id":"other","name":"Other","url":"mqtt://other.example:1883","routes":[]}`
)

var everyRole = []gateway.Role{gateway.RoleNone, gateway.RoleViewer, gateway.RoleOperator, gateway.RoleAdministrator}

// path is a route's with something in place of the parameters.
func path(r web.Route) string {
	path := strings.NewReplacer("{device}", "boiler", "{point}", "flow", "{id}", "pump", "{name}", "pump", "{number}", "6").Replace(r.Path)
	if r.Method == http.MethodDelete && !strings.Contains(r.Path, "/restore/") && !strings.Contains(r.Path, "/certificates/") {
		path += "?revision=7"
	}
	if strings.HasSuffix(path, "/history") {
		path += "?from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z"
	}
	if strings.HasSuffix(path, "/history/export") {
		path += "?points=boiler/flow&from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z"
	}
	return path
}

func TestEveryRouteWithEveryRole(t *testing.T) {
	for _, public := range []bool{false, true} {
		p := newPage(func(o *web.Options) { o.PublicView = public })
		for _, r := range p.server.Routes() {
			want, known := matrix[r.Method+" "+r.Path]
			if !known {
				t.Errorf("%s %s has no row in the matrix", r.Method, r.Path)
				continue
			}
			for _, role := range everyRole {
				got := statusOf(t, p, role, r, want.body)
				may := role.Allows(want.least) || public && gateway.RoleViewer.Allows(want.least)
				refused := got == http.StatusUnauthorized && role == gateway.RoleNone ||
					got == http.StatusForbidden && role != gateway.RoleNone
				if may == refused || !may && !refused {
					t.Errorf("%s %s as %q, public %v: %d", r.Method, r.Path, role, public, got)
				}
				if may && r.Method != http.MethodGet { // what it changed must not decide about the next one
					p = newPage(func(o *web.Options) { o.PublicView = public })
				}
			}
		}
	}
}

// statusOf has its own way for the stream, which does not end by itself.
func statusOf(t *testing.T, p *page, role gateway.Role, r web.Route, body string) int {
	t.Helper()
	if !strings.HasSuffix(r.Path, "/events") {
		return p.as(role, r.Method, path(r), body).Code
	}
	answer, _ := openStreamAt(t, p, role, r.Path)
	_ = answer.Body.Close() // nobody reads it
	return answer.StatusCode
}

func TestTheMatrixHasNoOtherRoutes(t *testing.T) {
	if routes := newPage().server.Routes(); len(routes) != len(matrix) {
		t.Errorf("%d routes, %d rows in the matrix", len(routes), len(matrix))
	}
}

func TestHeadersOnEveryRoute(t *testing.T) {
	paths := []string{"GET /", "GET /devices", "GET /api/v1/nothing", "POST /api/v1/status", "TRACE /api/v1/status"}
	for _, r := range newPage().server.Routes() {
		if !strings.HasSuffix(r.Path, "/events") {
			paths = append(paths, r.Method+" "+path(r))
		}
	}
	for _, role := range everyRole {
		p := newPage()
		for _, route := range paths {
			method, path, _ := strings.Cut(route, " ")
			header := p.as(role, method, path, "").Header()
			for name, want := range map[string]string{
				"Content-Security-Policy": "script-src 'self';", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
				"X-Frame-Options": "DENY",
			} {
				if !strings.Contains(header.Get(name), want) {
					t.Errorf("%s: %s is %q", route, name, header.Get(name))
				}
			}
			if strings.HasPrefix(path, "/api/") && header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Cache-Control %q", route, header.Get("Cache-Control"))
			}
			if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") ||
				strings.Contains(policy, "script-src 'self' ") || strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "http") {
				t.Errorf("%s: %s", route, policy)
			}
		}
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "same-site"},
	} {
		p := newPage()
		for _, r := range p.server.Routes() {
			if r.Method == http.MethodGet {
				continue
			}
			answer := p.as(gateway.RoleAdministrator, r.Method, path(r), matrix[r.Method+" "+r.Path].body, headers...)
			wantProblem(t, answer, http.StatusForbidden, gateway.Forbidden, "")
			if p.Config().Revision != 7 || len(p.written) > 0 || len(p.accounts) > 0 || len(p.bridged) > 0 || p.backups.touched() {
				t.Errorf("%s %s from another site changed something", r.Method, r.Path)
			}
		}
	}
	same := newPage().as(gateway.RoleAdministrator, "POST", "/api/v1/devices", matrix["POST /api/v1/devices"].body,
		"Origin", "http://example.com") // the host of httptest
	if same.Code != http.StatusOK {
		t.Errorf("the page's own request: %d %s", same.Code, same.Body)
	}
}

func TestUnknownPaths(t *testing.T) {
	p := newPage()
	wantProblem(t, p.as(gateway.RoleAdministrator, "GET", "/api/v1/nothing", ""), http.StatusNotFound, gateway.NotFound, "")
	wantProblem(t, p.as(gateway.RoleAdministrator, "GET", "/api", ""), http.StatusNotFound, gateway.NotFound, "")
	wantProblem(t, p.as(gateway.RoleNone, "PATCH", "/api/v1/config", ""), http.StatusMethodNotAllowed, gateway.NotFound, "")
	for _, path := range []string{"/", "/devices/boiler", "/docs", "/openapi.json", "/debug/pprof/"} {
		answer := p.as(gateway.RoleNone, "GET", path, "")
		if answer.Code != http.StatusOK || answer.Body.String() != "the page" {
			t.Errorf("%s: %d %q", path, answer.Code, answer.Body)
		}
	}
}

func TestForwardedAddressesAreNotBelieved(t *testing.T) {
	p := newPage()
	p.as(gateway.RoleNone, "POST", "/api/v1/login", `{"name":"viewer","password":"right"}`, "X-Forwarded-For", "6.6.6.6")
	if log := p.log.String(); strings.Contains(log, "6.6.6.6") || !strings.Contains(log, "address=192.0.2.1") {
		t.Errorf("%s", log)
	}
}
