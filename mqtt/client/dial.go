package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/coder/websocket"
)

// transport is what a scheme means.
type transport struct {
	port              string
	secure, webSocket bool
}

var transports = map[string]transport{
	"mqtt":  {port: "1883"},
	"mqtts": {port: "8883", secure: true},
	"ws":    {port: "80", webSocket: true},
	"wss":   {port: "443", secure: true, webSocket: true},
}

// endpoint is the URL, taken apart.
type endpoint struct {
	transport
	url           *url.URL
	host, address string
}

func (o *Options) endpoint() (endpoint, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return endpoint{}, fmt.Errorf("address of the broker: %w", err)
	}
	t, known := transports[u.Scheme]
	switch {
	case !known:
		return endpoint{}, fmt.Errorf("address of the broker: scheme %q is not mqtt, mqtts, ws or wss", u.Scheme)
	case u.Hostname() == "":
		return endpoint{}, fmt.Errorf("address of the broker: no host in %q", u.Redacted())
	}
	return endpoint{
		transport: t, url: u, host: u.Hostname(), address: net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), t.port)),
	}, nil
}

// dial opens the connection with all that lies below MQTT.
func dial(ctx context.Context, o *Options) (net.Conn, error) {
	e, err := o.endpoint()
	if err != nil {
		return nil, err
	}
	conn, err := o.Dial(ctx, "tcp", e.address)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", e.address, err)
	}
	o.Reached(LayerNetwork)
	if e.secure {
		if conn, err = o.encrypt(ctx, conn, e); err != nil {
			return nil, err
		}
		o.Reached(LayerTLS)
	}
	if e.webSocket {
		if conn, err = upgrade(ctx, conn, e); err != nil {
			return nil, err
		}
		o.Reached(LayerWebSocket)
	}
	return conn, nil
}

func (o *Options) encrypt(ctx context.Context, conn net.Conn, e endpoint) (net.Conn, error) {
	wrapped := tls.Client(conn, &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: cmp.Or(o.ServerName, e.host), RootCAs: o.RootCAs,
		Certificates: o.Certificates, NextProtos: o.ALPN, VerifyConnection: o.Verify,
	})
	if err := wrapped.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("TLS with %s: %w", e.address, err), conn.Close())
	}
	return wrapped, nil
}

// upgrade speaks WebSocket on a connection that is there. The library is told http, since TLS is done already, and gets
// no second connection to follow a redirect with.
func upgrade(ctx context.Context, conn net.Conn, e endpoint) (net.Conn, error) {
	once := make(chan net.Conn, 1)
	once <- conn
	hand := func(context.Context, string, string) (net.Conn, error) {
		select {
		case c := <-once:
			return c, nil
		default:
			return nil, errors.New("the server wants another connection")
		}
	}
	target := url.URL{Scheme: "http", Host: e.url.Host, Path: cmp.Or(e.url.Path, "/mqtt"), RawQuery: e.url.RawQuery}
	socket, _, err := websocket.Dial(ctx, target.String(), &websocket.DialOptions{ //nolint:bodyclose // the library does it
		HTTPClient:   &http.Client{Transport: &http.Transport{DialContext: hand, DisableKeepAlives: true}},
		Subprotocols: []string{"mqtt"}, // [MQTT-6.0.0-3]
		// Payloads are small, and TLS compresses nothing either.
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("WebSocket with %s: %w", e.address, err), conn.Close())
	}
	if socket.Subprotocol() != "mqtt" {
		return nil, errors.Join(fmt.Errorf("WebSocket with %s: it does not speak the sub-protocol mqtt", e.address), socket.CloseNow())
	}
	socket.SetReadLimit(-1) // the reader of packets has its own
	// Its life is that of the connection, not of dialling: Close ends it.
	return websocket.NetConn(context.WithoutCancel(ctx), socket, websocket.MessageBinary), nil
}
