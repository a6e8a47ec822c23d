package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// Route is one row of the table: who may do what.
type Route struct {
	Method string
	// Path has parameters in braces: /api/v1/devices/{id}.
	Path string
	// Least is the lowest role that may use the route; RoleNone is everybody.
	Least gateway.Role

	name, summary string
	mount         func(s *Server, api huma.API, r Route)
}

const apiPrefix = "/api/v1"

const (
	restorePath = "/restore"
	importPath  = "/config/import"
	devicesPath = "/devices"
)

// The roles, short, for the table.
const (
	everybody     = gateway.RoleNone
	viewer        = gateway.RoleViewer
	operator      = gateway.RoleOperator
	administrator = gateway.RoleAdministrator
)

// routes is every route with its least role. A route that is not here does not exist.
var routes = []Route{
	at("GET", "/session", "getSession", everybody, "Who is looking, and is there an administrator yet", (*Server).getSession),
	at("POST", "/setup", "setUp", everybody, "Make the first administrator with the one-time token", (*Server).setUp),
	at("POST", "/login", "login", everybody, "Log in", (*Server).login),
	at("POST", "/logout", "logout", everybody, "Log out", (*Server).logout),

	at("GET", "/status", "getStatus", viewer, "The whole gateway now", (*Server).getStatus),
	at("POST", "/alarms/acknowledge", "acknowledgeAlarm", operator, "Say that an alarm was seen; it is kept until the alarm ends",
		(*Server).acknowledgeAlarm),
	at("GET", "/alarms/past", "getPastAlarms", viewer, "Alarms that came, newest first: when they began and ended, and who has seen them; "+
		"the newest 1,000 are kept", (*Server).getPastAlarms),
	at("GET", "/config", "getConfig", viewer, "The configuration in force, without secrets", (*Server).getConfig),
	at("GET", "/values", "getValues", viewer, "The latest reading of every point", (*Server).getValues),
	at("GET", "/points/{device}/{point}/history", "getHistory", viewer,
		"What is known of a point between two times, in a bounded number of buckets", (*Server).getHistory),
	download("GET", "/history/export", "exportHistory", viewer, "What is kept of points between two times, as CSV: the readings as far "+
		"back as they go, and minutes before that; times in UTC and in the zone of the site", (*Server).exportHistory),
	at("GET", "/sessions", "getSessions", viewer, "A page of the sessions of the broker", (*Server).getSessions),
	at("GET", "/sessions/detail", "getSessionDetail", viewer, "One session, with its subscriptions and limits", (*Server).getSessionDetail),
	at("GET", "/broker/given-up", "getGivenUp", viewer, "What the broker gave up, newest first", (*Server).getGivenUp),
	at("POST", "/sessions/disconnect", "disconnectClient", operator, "Disconnect a client; its session stays", (*Server).disconnectClient),
	at("POST", "/sessions/remove", "removeSession", administrator, "End a session with what is queued for it", (*Server).removeSession),
	at("GET", "/broker/topics", "getTopics", viewer, "A page of the levels of retained topics below a prefix", (*Server).getTopics),
	at("GET", "/broker/retained", "getRetained", viewer, "The retained message of a topic; at most its first 64 KiB", (*Server).getRetained),
	raw("GET", "/broker/messages/events", "getMessageEvents", viewer, "Server-sent events: messages (PassedMessages, at most 20 of them 5 "+
		"times per second) that match ?filter=, which is # when it is left out", "text/event-stream", (*Server).getMessageEvents),
	at("POST", "/broker/publish", "publishMessage", operator, "Publish a message; a retained one without payload removes what is retained",
		(*Server).publishMessage),
	raw("GET", "/events", "getEvents", viewer, "Server-sent events: values (array of Reading; the snapshot first, then "+
		"changes, at most 5 times per second) and status (Status, every second)", "text/event-stream", (*Server).getEvents),

	at("POST", "/points/{device}/{point}/write", "writePoint", operator, "Set a point and read it back", (*Server).writePoint),
	at("POST", "/demo/outage", "cutDemoLink", operator, "Cut the link between the demo and its cloud", (*Server).cutDemoLink),

	at("POST", "/devices", "addDevice", administrator, "Add a device, with its connection if that is new", (*Server).addDevice),
	at("POST", "/devices/test", "testDevice", administrator, "Read points once, without saving anything", (*Server).testDevice),
	at("POST", "/devices/{id}/preview", "previewDevice", administrator, "What an edit of a device would do: problems of each point, "+
		"topics that come and go, requests and load of the wire", (*Server).previewDevice),
	at("POST", "/devices/plan", "planDevice", administrator, "How a device would be polled: requests and load of the wire",
		(*Server).planDevice),
	at("POST", "/connections/units", "findUnits", administrator, "Which unit numbers answer on a connection, saved or not; at most 32 at once",
		(*Server).findUnits),
	at("POST", "/connections/read", "readRange", administrator,
		"Read a range of places of a unit, with every type and byte order that their content may be", (*Server).readRange),
	at("POST", "/connections/detect", "detectLine", administrator,
		"Try the settings of a serial line until a unit answers; at most 20 s, and it ends with the request", (*Server).detectLine),
	at("POST", "/connections/raw", "sendRaw", administrator, "Send one request to a unit as it is, and give the reply", (*Server).sendRaw),
	at("POST", "/connections/broadcast", "broadcast", administrator, "Write a value to all devices of a serial line; nobody answers",
		(*Server).broadcast),
	at("GET", "/connections/{id}/frames", "getFrames", operator, "What went over the wire of a connection last, decoded, and why frames "+
		"were dropped", (*Server).getFrames),
	download("GET", "/connections/{id}/frames.pcapng", "getFrameFile", operator, "What went over the wire of a connection last, for Wireshark",
		(*Server).getFrameFile),
	at("PUT", "/devices/{id}", "changeDevice", administrator, "Change a device, and its connection if given", (*Server).changeDevice),
	at("DELETE", "/devices/{id}", "removeDevice", administrator, "Remove a device, and its connection if nothing else uses it",
		(*Server).removeDevice),
	at("DELETE", "/devices/{id}/learned", "forgetLearned", administrator, "Forget what was learned about a device: it is asked as on the first day",
		(*Server).forgetLearned),
	at("POST", "/devices/batch", "addDevices", administrator, "Add several devices of a profile, with their connection if that is new",
		(*Server).addDevices),
	at("POST", "/devices/{id}/detach", "detachDevice", administrator, "Make the points of a device its own, whatever becomes of its profile",
		(*Server).detachDevice),
	at("POST", "/connections/identify", "identify", administrator, "What a unit says about itself, and which profiles that fits",
		(*Server).identify),
	at("GET", "/profiles", "getProfiles", viewer, "The profiles of devices, and who uses them", (*Server).getProfiles),
	at("GET", "/profiles/{id}", "getProfile", viewer, "A profile with its points and vectors; the newest version unless one is asked for",
		(*Server).getProfile),
	at("POST", "/profiles/preview", "previewProfile", administrator, "Which devices and topics a profile would change; nothing is changed",
		(*Server).previewProfile),
	at("POST", "/profiles", "putProfile", administrator, "Take an uploaded profile, or a newer built-in one, with all devices that refer to it",
		(*Server).putProfile),
	at("DELETE", "/profiles/{id}", "removeProfile", administrator, "Remove an uploaded profile that no device uses", (*Server).removeProfile),
	at("POST", "/bridges", "addBridge", administrator, "Add a bridge", (*Server).addBridge),
	at("POST", "/bridges/check", "checkBridge", administrator, "What hinders a bridge from being saved, and what to think of before",
		(*Server).checkBridge),
	at("POST", "/bridges/test", "testBridge", administrator, "Try the connection of a bridge step by step, without saving anything; "+
		"at most 30 s, and it ends with the request", (*Server).testBridge),
	at("POST", "/bridges/{id}/test", "testSavedBridge", operator, "Try the connection of a bridge step by step, beside the one that "+
		"runs; at most 30 s, and it ends with the request", (*Server).testSavedBridge),
	at("POST", "/bridges/certificate/check", "checkBridgeCertificate", administrator, "What is in the certificates of a bridge, saved or not; "+
		"nothing is taken", (*Server).checkBridgeCertificate),
	at("POST", "/bridges/routes/preview", "previewRoutes", viewer, "Which of the topics of now routes would carry, and what they are "+
		"called on the other side", (*Server).previewRoutes),
	at("GET", "/bridge-presets", "getBridgePresets", viewer, "The clouds whose rules are known", (*Server).getBridgePresets),
	at("PUT", "/bridges/{id}", "changeBridge", administrator, "Change a bridge", (*Server).changeBridge),
	at("DELETE", "/bridges/{id}", "removeBridge", administrator, "Remove a bridge; one with a backlog only when that is confirmed",
		(*Server).removeBridge),
	at("POST", "/bridges/{id}/certificate/request", "requestBridgeCertificate", administrator, "Make a key on the device, which never "+
		"leaves it, and a request for its certificate", (*Server).requestBridgeCertificate),
	at("POST", "/bridges/{id}/certificate/test", "testBridgeCertificate", administrator, "Try a connection with another certificate, "+
		"beside the one that runs; nothing is saved", (*Server).testBridgeCertificate),
	at("PUT", "/bridges/{id}/certificate", "changeBridgeCertificate", administrator, "Take a client certificate: PEM, PKCS#12, or the "+
		"answer to a request; the bridge connects anew with it, and what waits stays", (*Server).changeBridgeCertificate),
	at("GET", "/bridges/{id}/backlog", "getBacklog", viewer, "What waits in a bridge, and how it became that", (*Server).getBacklog),
	at("POST", "/bridges/{id}/pause", "pauseBridge", operator, "Stop sending; the bridge goes on queueing", (*Server).pauseBridge),
	at("POST", "/bridges/{id}/resume", "resumeBridge", operator, "Send again", (*Server).resumeBridge),
	at("POST", "/bridges/{id}/flush", "flushBridge", operator, "Try to connect and to send now", (*Server).flushBridge),
	at("POST", "/bridges/{id}/pace", "paceBridge", operator, "Cap what a bridge sends, and give live data a share", (*Server).paceBridge),
	at("POST", "/bridges/{id}/purge", "purgeBridge", administrator, "Throw away what waits", (*Server).purgeBridge),
	at("GET", "/bridges/{id}/parked", "getParked", viewer, "What the other broker refused for good, oldest first, with its reasons; at "+
		"most 100 at once", (*Server).getParked),
	download("GET", "/bridges/{id}/parked/export", "exportParked", administrator, "What the other broker refused, as JSON lines "+
		"(ParkedMessage)", (*Server).exportParked),
	at("POST", "/bridges/{id}/parked/send", "sendParked", operator, "Queue again what the other broker refused", (*Server).sendParked),
	at("POST", "/bridges/{id}/parked/discard", "discardParked", administrator, "Throw away what the other broker refused",
		(*Server).discardParked),
	download("GET", "/bridges/{id}/backlog/export", "exportBacklog", administrator, "What waits, as JSON lines (ExportedMessage)",
		(*Server).exportBacklog),
	at("POST", "/listeners", "addListener", administrator, "Add a listener for MQTT clients; its address is opened at once",
		(*Server).addListener),
	at("PUT", "/listeners/{id}", "changeListener", administrator, "Change a listener; its clients are disconnected",
		(*Server).changeListener),
	at("PUT", "/site", "changeSite", administrator, "Change the name of the gateway and the time zone of its site", (*Server).changeSite),
	at("PUT", "/history/limits", "changeHistory", administrator, "Change how much of the past is kept for charts", (*Server).changeHistory),
	at("PUT", "/local-login", "changeLocalLogin", administrator,
		"Say whether clients on the machine itself need a name; those without one are disconnected at once", (*Server).changeLocalLogin),
	at("DELETE", "/listeners/{id}", "removeListener", administrator, "Remove a listener; its clients are disconnected",
		(*Server).removeListener),
	at("GET", "/revisions", "getRevisions", administrator, "The revisions of the configuration that are kept, newest first",
		(*Server).getRevisions),
	at("GET", "/revisions/{number}/changes", "getRevisionChanges", administrator, "What a revision changed", (*Server).getRevisionChanges),
	at("GET", "/revisions/{number}/preview", "previewRollback", administrator, "What a roll-back to a revision would change now",
		(*Server).previewRollback),
	at("POST", "/revisions/{number}/rollback", "rollBack", administrator, "Put an old revision into force again, as a new one",
		(*Server).rollBack),
	at("GET", "/audit", "getAudit", administrator, "Who changed what, newest first, 100 at a time", (*Server).getAudit),
	download("GET", "/config/export", "exportConfig", administrator, "The configuration as YAML, without secrets", (*Server).exportConfig),
	at("POST", importPath+"/preview", "previewImport", administrator, "What an import would change; nothing is changed",
		(*Server).previewImport),
	at("POST", importPath, "importConfig", administrator, "Put a configuration in YAML into force", (*Server).importConfig),
	raw("GET", "/openapi.json", "getOpenAPI", everybody, "This description of the API (OpenAPI 3.1)", "application/json", (*Server).openAPIDocument),
	raw("GET", "/certificate/ca", "getCA", everybody, "The certificate of the device's CA, for clients to trust",
		"application/x-pem-file", (*Server).getCA),
	at("GET", "/certificates", "getCertificates", viewer, "The certificates that the gateway shows, and when they expire",
		(*Server).getCertificates),
	at("POST", "/certificates/check", "checkCertificate", administrator, "What a certificate is, or what is wrong with it; nothing is taken",
		(*Server).checkCertificate),
	at("POST", "/certificates", "addCertificate", administrator, "Take a certificate with its key; each handshake from now on goes by it",
		(*Server).addCertificate),
	at("PUT", "/certificates/{id}", "changeCertificate", administrator,
		"Replace an uploaded certificate, or without one change its listeners; connections stay", (*Server).changeCertificate),
	at("DELETE", "/certificates/{id}", "removeCertificate", administrator, "Remove an uploaded certificate with its key; the device's own takes its place",
		(*Server).removeCertificate),
	at("GET", "/users", "getUsers", administrator, "The people who may open the page", (*Server).getUsers),
	at("POST", "/users", "addUser", administrator, "Add a person", (*Server).addUser),
	at("PUT", "/users/{name}", "changeUser", administrator, "Change a person, who has to log in again", (*Server).changeUser),
	at("DELETE", "/users/{name}", "removeUser", administrator, "Remove a person", (*Server).removeUser),
	at("GET", "/changes", "getPending", viewer, "Changes that undo themselves unless they are kept", (*Server).getPending),
	at("POST", "/changes/{id}/keep", "keepChange", viewer, "Make a change last; for its author and administrators", (*Server).keepChange),
	at("POST", "/changes/{id}/undo", "undoChange", viewer, "Undo a change now; for its author and administrators", (*Server).undoChange),
	at("GET", "/logins", "getLogins", administrator, "The logins of people that run", (*Server).getLogins),
	at("DELETE", "/logins/{id}", "endLogin", administrator, "End a login", (*Server).endLogin),
	at("GET", "/tokens", "getTokens", administrator, "The tokens of machines for this API", (*Server).getTokens),
	at("POST", "/tokens", "addToken", administrator, "Make a token for a machine", (*Server).addToken),
	at("DELETE", "/tokens/{id}", "removeToken", administrator, "Remove a token of a machine", (*Server).removeToken),
	at("GET", "/mqtt/users", "getMQTTUsers", administrator, "The accounts of devices and programs on MQTT", (*Server).getMQTTUsers),
	at("POST", "/mqtt/users", "addMQTTUser", administrator, "Add an MQTT user; without rights it gets the preset own-topics",
		(*Server).addMQTTUser),
	at("PUT", "/mqtt/users/{name}", "changeMQTTUser", administrator, "Change an MQTT user, at once also for connected clients",
		(*Server).changeMQTTUser),
	at("DELETE", "/mqtt/users/{name}", "removeMQTTUser", administrator, "Remove an MQTT user with its sessions and their queues",
		(*Server).removeMQTTUser),
	at("GET", "/mqtt/presets", "getMQTTPresets", administrator, "The sets of rules that an MQTT user can have", (*Server).getMQTTPresets),
	at("POST", "/mqtt/access-check", "mayMQTT", administrator, "May this client do that, and why", (*Server).mayMQTT),
	download("POST", "/backup", "makeBackup", administrator, "Make a backup, encrypted with the passphrase", (*Server).makeBackup),
	upload("POST", restorePath, "stageRestore", administrator,
		"Check a backup and say what its restore would do; nothing is changed", (*Server).stageRestore),
	at("POST", restorePath+"/{id}", "confirmRestore", administrator, "Restore what was checked; the gateway restarts", (*Server).confirmRestore),
	at("DELETE", restorePath+"/{id}", "discardRestore", administrator, "Forget a backup that was checked", (*Server).discardRestore),
	at("GET", "/serial/ports", "getSerialPorts", administrator, "The serial ports of the machine with the connections that use them, and those that are missing", (*Server).getSerialPorts),

	at("GET", "/system", "getSystem", viewer, "The machine below the gateway", (*Server).getSystem),
	at("GET", "/logs", "getLogs", operator, "The recent lines of the log, oldest first, without secrets", (*Server).getLogs),
	raw("GET", "/logs/events", "getLogEvents", operator, "Server-sent events: lines (array of LogLine; those that are kept first, then "+
		"new ones, at most 5 times per second)", "text/event-stream", (*Server).getLogEvents),
	download("GET", "/support-bundle", "getSupportBundle", administrator,
		"What a supporter needs to know, as a ZIP file without secrets", (*Server).getSupportBundle),

	unversioned(metricsPath, "Metrics for Prometheus; a token with the scope read is enough", viewer, (*Server).getMetrics),
	health("/healthz", "The process serves", (*Server).getHealth),
	health("/readyz", "The process is not ending", (*Server).getReady),
}

// at is a route of the API with checked input.
func at[I, O any](method, path, name string, least gateway.Role, summary string,
	handle func(*Server, context.Context, *I) (*O, error),
) Route {
	return Route{
		Method: method, Path: apiPrefix + path, Least: least, name: name, summary: summary,
		mount: func(s *Server, api huma.API, r Route) {
			huma.Register(api, r.operation(), func(ctx context.Context, in *I) (*O, error) {
				out, err := handle(s, ctx, in)
				if err != nil {
					return nil, s.problem(ctx, err)
				}
				return out, nil
			})
		},
	}
}

// raw is a route of the API that writes its answer itself.
func raw(method, path, name string, least gateway.Role, summary, contentType string, handle func(*Server, *gin.Context)) Route {
	return Route{
		Method: method, Path: apiPrefix + path, Least: least, name: name, summary: summary,
		mount: func(s *Server, api huma.API, r Route) {
			s.engine.Handle(r.Method, r.Path, func(c *gin.Context) { handle(s, c) })
			operation := r.operation()
			operation.Responses["200"] = &huma.Response{
				Description: http.StatusText(http.StatusOK),
				Content:     map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString}}},
			}
			api.OpenAPI().AddOperation(&operation)
		},
	}
}

func health(path, summary string, handle func(*Server, *gin.Context)) Route {
	return unversioned(path, summary, everybody, handle)
}

// unversioned is a route whose path others have fixed.
func unversioned(path, summary string, least gateway.Role, handle func(*Server, *gin.Context)) Route {
	r := raw("GET", "", strings.TrimPrefix(path, "/"), least, summary, "text/plain", handle)
	r.Path = path
	return r
}

func (r Route) operation() huma.Operation {
	problem := &huma.Schema{Ref: "#/components/schemas/Problem"}
	return huma.Operation{
		OperationID: r.name, Method: r.Method, Path: r.Path, Summary: r.summary, MaxBodyBytes: bodyLimit(r.Path),
		Description: "Least role: " + roleName(r.Least) + ".",
		Responses: map[string]*huma.Response{"default": {
			Description: "What went wrong (RFC 9457)",
			Content:     map[string]*huma.MediaType{problemType: {Schema: problem}},
		}},
	}
}

func roleName(r gateway.Role) string {
	if r == everybody {
		return "none"
	}
	return string(r)
}

// mountRoutes makes the router know the table and returns the description of the API.
func (s *Server) mountRoutes() *huma.OpenAPI {
	registry := newRegistry()
	api := humagin.New(s.engine, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{Title: "Tidegate", Version: "1", Description: "The API of the page."},
			Components: &huma.Components{Schemas: registry},
		},
		Formats:                      huma.DefaultFormats,
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		// The library's own errors repeat what was sent, passwords too, so they are put in our words.
		Transformers: []huma.Transformer{func(_ huma.Context, _ string, v any) (any, error) {
			if model, is := v.(*huma.ErrorModel); is {
				return problemOfInput(model), nil
			}
			return v, nil
		}},
	})
	for _, r := range routes {
		r.mount(s, api, r)
	}
	tidySchemas(api.OpenAPI())
	return api.OpenAPI()
}

// problemOfInput names the first wrong field; the values are left out.
func problemOfInput(model *huma.ErrorModel) *Problem {
	p := newProblem(model.Status, gateway.Invalid, model.Detail)
	for _, detail := range model.Errors {
		location := detail.Location
		for _, place := range []string{"body.", "path.", "query."} {
			location = strings.TrimPrefix(location, place)
		}
		if location == "body" {
			location = ""
		}
		p.Errors = append(p.Errors, FieldProblem{Field: location, Detail: detail.Message})
	}
	if len(p.Errors) > 0 {
		p.Field, p.Detail = p.Errors[0].Field, p.Errors[0].Detail
	}
	return p
}

// leastRole finds the role for a matched path of the router; false when the table does not know it.
func leastRole(method, matched string) (gateway.Role, bool) {
	r, known := routeOf(method, matched)
	return r.Least, known
}

func routeOf(method, matched string) (Route, bool) {
	i := slices.IndexFunc(routes, func(r Route) bool { return r.Method == method && ginPath(r.Path) == matched })
	if i < 0 {
		return Route{}, false
	}
	return routes[i], true
}

func ginPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
