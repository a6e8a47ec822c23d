package broker

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// subprotocols are the names of which both sides have to use one [MQTT-6.0.0-3] [MQTT-6.0.0-4]. The second is what clients
// of MQTT 3.1 offer, MQTT.js among them; Mosquitto takes it too.
var subprotocols = []string{"mqtt", "mqttv3.1"}

const (
	// maxHeader bounds the HTTP request in bytes; the server of the standard library adds 4 KiB.
	maxHeader = 8 << 10
)

// serveWebSocket is Serve for a listener whose clients speak HTTP first.
func (b *Broker) serveWebSocket(ctx context.Context, listener Listener) error {
	var inside gate
	server := &http.Server{
		ReadHeaderTimeout: b.limits.ConnectTimeout, MaxHeaderBytes: maxHeader,
		WriteTimeout: b.limits.WriteTimeout, // of an answer that is no upgrade
		ErrorLog:     slog.NewLogLogger(b.logger.With("listener", listener.ID).Handler(), slog.LevelDebug),
		ConnContext:  func(ctx context.Context, nc net.Conn) context.Context { return context.WithValue(ctx, rawKey{}, nc) },
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if inside.enter() {
				defer inside.leave()
				b.upgrade(ctx, w, r, listener.ID)
			}
		}),
	}
	server.SetKeepAlivesEnabled(false)
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	err := server.Serve(&counted{Listener: listener.Listener, broker: b})
	_ = server.Close() // those that have not asked for anything yet
	inside.close()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("serve WebSocket: %w", err)
}

// rawKey finds the connection below a request.
type rawKey struct{}

// upgrade turns a request into a connection and runs it to its end.
func (b *Broker) upgrade(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) {
	switch {
	case r.URL.Path != "/" && r.URL.Path != "/mqtt":
		http.Error(w, "MQTT is at /mqtt", http.StatusNotFound)
		return
	case !ownOrigin(r):
		http.Error(w, "pages of other hosts may not connect", http.StatusForbidden)
		return
	case !offersMQTT(r):
		http.Error(w, "the client has to offer the sub-protocol mqtt", http.StatusBadRequest)
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       subprotocols,
		InsecureSkipVerify: true, // ownOrigin has looked: the page has another port
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		b.logger.Debug("refused as a WebSocket", "address", r.RemoteAddr, "error", err)
		return
	}
	ws.SetReadLimit(-1) // the packets inside are bounded, not the messages that carry them
	raw, _ := r.Context().Value(rawKey{}).(*countedConn)
	b.serveConn(ctx, &socket{Conn: raw.Conn, ws: ws}, id)
}

func offersMQTT(r *http.Request) bool {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		if slices.ContainsFunc(strings.Split(line, ","), func(name string) bool { return slices.Contains(subprotocols, strings.TrimSpace(name)) }) {
			return true
		}
	}
	return false
}

// ownOrigin lets programs in, and pages that come from the same host, from whatever port.
func ownOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	asked := url.URL{Host: r.Host}
	return err == nil && u.Hostname() != "" && strings.EqualFold(u.Hostname(), asked.Hostname())
}

// counted keeps connections that are on their way to a CONNECT within the bound.
type counted struct {
	net.Listener
	broker *Broker
}

func (l *counted) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.broker.mayEnter(nc) {
			return &countedConn{Conn: nc, closed: sync.OnceFunc(l.broker.doorway.leave)}, nil
		}
	}
}

// countedConn is counted until it is closed.
type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

// gate counts who is inside; nobody comes in after close, which waits for all to leave.
type gate struct {
	mu     sync.Mutex // guards shut, and that nobody enters an empty gate that is being closed
	shut   bool
	inside sync.WaitGroup
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.shut {
		g.inside.Add(1)
	}
	return !g.shut
}

func (g *gate) leave() { g.inside.Done() }

func (g *gate) close() {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	g.inside.Wait()
}
