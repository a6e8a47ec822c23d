package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// The bounds of a request.
const (
	maxBody       = 1 << 20 // bytes
	maxHeader     = 64 << 10
	maxStreams    = 100 // event streams at the same time
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 45 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 5 * time.Second
)

// Options are the parts that the page shows and changes.
type Options struct {
	Control gateway.Control
	// Revisions are the configurations of before.
	Revisions gateway.Revisions
	// Audit keeps who changed what.
	Audit   gateway.Audit
	Monitor gateway.Monitor
	// Alarms is what became of them.
	Alarms  gateway.Alarms
	Live    gateway.Live
	History gateway.History
	// Exploration looks at devices that are not configured yet.
	Exploration gateway.Exploration
	// Tracing shows what goes over wires.
	Tracing gateway.Tracing
	// Learned has drivers forget what they have learned about devices.
	Learned gateway.LearnedDevices
	// Profiles are those that come with the program.
	Profiles gateway.Profiles
	// Backlogs is what bridges have queued.
	Backlogs gateway.Backlogs
	// Parking is what other brokers refused.
	Parking gateway.Parking
	// BridgeTests try connections of bridges.
	BridgeTests gateway.BridgeTests
	// RoutePreviews say what their routes would carry.
	RoutePreviews gateway.RoutePreviews
	// ClientCertificates reads and requests those of bridges.
	ClientCertificates gateway.ClientCertificates
	Access             gateway.Access
	// Logins are the people who are logged in, and Tokens the keys of machines to the API.
	Logins gateway.Logins
	Tokens gateway.Tokens
	// Clients ends what clients have in the broker.
	Clients gateway.Clients
	// Pending makes changes that undo themselves unless they are kept.
	Pending gateway.Pending
	// Messages are those that the broker retains and passes on.
	Messages gateway.Messages
	// Users and MQTTUsers are the accounts, of people and of devices and programs.
	Users     gateway.Users
	MQTTUsers gateway.MQTTUsers
	Backups   gateway.Backups
	// Certificates are those that the gateway shows.
	Certificates gateway.Certificates
	// Machine is asked about what the gateway runs on.
	Machine gateway.Machine
	// Logs are the recent lines of the log.
	Logs gateway.Logs
	// Demo is nil where there is no simulated plant.
	Demo gateway.Demo
	// PublicView lets everybody look, without a login. Changes need a login all the same.
	PublicView bool
	// SerialPorts lists the serial ports of the machine, and those that connections use.
	SerialPorts func(gateway.Config) []gateway.SerialPort
	// CA is the certificate of the device's own CA in PEM; empty when there is none.
	CA string
	// Metrics answers a scrape by Prometheus; nil for none.
	Metrics http.Handler
	Logger  *slog.Logger
	// UI serves everything that is not the API; see web/ui.
	UI http.Handler
}

// Server is the page and the API.
type Server struct {
	Options
	engine  *gin.Engine
	handler http.Handler
	api     *huma.OpenAPI
	streams chan struct{} // one place for each running event stream
}

// New puts the routes together. It starts nothing.
func New(options Options) *Server {
	gin.SetMode(gin.ReleaseMode)
	s := &Server{Options: options, engine: gin.New(), streams: make(chan struct{}, maxStreams)}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	// Nobody's X-Forwarded-For is believed: the limit on log-ins counts by address.
	if err := s.engine.SetTrustedProxies(nil); err != nil {
		panic(err) // an empty list is always right
	}
	s.engine.HandleMethodNotAllowed = true
	s.engine.RedirectTrailingSlash = false
	s.engine.Use(s.recover, s.log, s.authorize, s.renewConnections, s.audit)
	s.engine.NoRoute(s.otherPath)
	s.engine.NoMethod(func(c *gin.Context) {
		writeProblem(c.Writer, newProblem(http.StatusMethodNotAllowed, gateway.NotFound, "there is no such method here"))
	})
	s.api = s.mountRoutes()
	s.handler = secured(s.engine)
	return s
}

// Handler serves page and API; for tests, and for those who bring their own server.
func (s *Server) Handler() http.Handler { return s.handler }

// Routes gives every route that exists with its least role.
func (s *Server) Routes() []Route {
	var result []Route
	for _, known := range s.engine.Routes() {
		for _, r := range routes {
			if r.Method == known.Method && ginPath(r.Path) == known.Path {
				result = append(result, r)
			}
		}
	}
	if len(result) != len(s.engine.Routes()) {
		panic("web: a route is not in the table")
	}
	return result
}

// OpenAPI gives the description of the API as YAML.
func (s *Server) OpenAPI() ([]byte, error) { return s.api.YAML() }

// Serve answers on a listener until ctx ends; it may be called for several listeners at the same time. Event streams end
// at once then, other requests have 5 s to finish. It closes the listener.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
		BaseContext:    func(net.Listener) context.Context { return withServing(context.Background(), ctx) },
		ConnContext:    func(ctx context.Context, _ net.Conn) context.Context { return withOpened(ctx, time.Now()) },
	}
	stopped := make(chan error, 1) // one result
	stop := context.AfterFunc(ctx, func() { stopped <- shutdown(server) })
	err := server.Serve(listener)
	if !stop() {
		return <-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve the page: %w", err)
}

func shutdown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		// Whoever is still busy is cut off.
		return server.Close()
	}
	return nil
}

type servingKey struct{}

// withServing makes requests know when their server ends. They are not cancelled by it: only streams ask.
func withServing(ctx, serving context.Context) context.Context {
	return context.WithValue(ctx, servingKey{}, serving)
}

// serving is the context that ends with the server of a request.
func serving(ctx context.Context) context.Context {
	if serving, is := ctx.Value(servingKey{}).(context.Context); is {
		return serving
	}
	return context.Background()
}
