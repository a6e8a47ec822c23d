package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"path/filepath"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/supervisor"
	"github.com/tidegate/tidegate/mqtt/broker"
)

// mqttListener is an open way into the broker.
type mqttListener struct {
	broker.Listener
	broker *broker.Broker
}

// Run serves until ctx ends.
func (l *mqttListener) Run(ctx context.Context) error { return l.broker.Serve(ctx, l.Listener) }

// openListener opens a listener of the configuration. Its address is not replaced: clients know it.
func (p *program) openListener(ctx context.Context, config gateway.Listener) (supervisor.ListenerRunner, error) {
	listener, err := p.listenFor(ctx, config)
	if err != nil {
		return nil, err
	}
	if config.ProxyProtocol {
		proxies, err := config.Proxies()
		if err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		listener = p.broker.BehindProxies(listener, proxies)
	}
	if config.Secure() {
		listener = tls.NewListener(listener, p.tlsOf(config))
	}
	webSocket := config.Kind == gateway.ListenWebSocket || config.Kind == gateway.ListenSecureWebSocket
	return &mqttListener{
		Listener: broker.Listener{Listener: listener, ID: config.ID, WebSocket: webSocket}, broker: p.broker,
	}, nil
}

func (p *program) listenFor(ctx context.Context, config gateway.Listener) (net.Listener, error) {
	if config.Kind != gateway.ListenUnix {
		return listen(ctx, "MQTT", config.Address, false)
	}
	listener, err := listenUnix(ctx, config.Address)
	if isTaken(err) {
		return nil, errors.Join(err, errors.New("another program answers there: end it, or choose another path"))
	}
	return listener, err
}

// tlsOf is how a listener speaks TLS, and what it asks of its clients.
func (p *program) tlsOf(l gateway.Listener) *tls.Config {
	config := p.certificates.TLS(l.ID)
	if l.ClientCertificates == gateway.CertificateIgnored {
		return config
	}
	config.ClientAuth = tls.VerifyClientCertIfGiven
	if l.ClientCertificates == gateway.CertificateRequired {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	config.ClientCAs = x509.NewCertPool()
	config.ClientCAs.AppendCertsFromPEM([]byte(l.ClientCA)) // Validate has looked
	return config
}

// configured tells the parts that only take settings.
func (p *program) configured(config gateway.Config) {
	p.setListeners(config)
	p.history.SetBounds(p.historyBounds(config.History))
}

// setListeners tells access the rules of all listeners, those of the start-up file among them. Who is connected and would
// not be let in any more is disconnected.
func (p *program) setListeners(config gateway.Config) {
	p.access.SetListeners(append(startUpListeners(p.settings, config.LocalLogin), config.Listeners...))
}

// startUpListeners are those of the start-up file.
func startUpListeners(s settings, login gateway.LocalLogin) []gateway.Listener {
	return []gateway.Listener{
		{ID: gateway.LocalListener, Kind: gateway.ListenTCP, Address: s.MQTT, Anonymous: !login.TCP, Disabled: s.MQTT == off},
		{ID: gateway.SocketListener, Kind: gateway.ListenUnix, Address: socketPath(s), Anonymous: !login.Socket},
	}
}

// startUpStatus is how they are doing, from the start to the end.
func (p *program) startUpStatus(since time.Time) []gateway.ListenerStatus {
	var list []gateway.ListenerStatus
	for _, l := range startUpListeners(p.settings, gateway.LocalLogin{}) {
		status := gateway.ListenerStatus{ID: l.ID, State: gateway.StateUp, Since: since, Address: l.Address, Exposed: l.Exposed() && !l.Disabled}
		switch {
		case l.Disabled:
			status.State = gateway.StateDisabled
		case l.ID == gateway.LocalListener:
			status.Address = p.mqtt.Addr().String()
		case p.noSocket != nil:
			status.State, status.Reason = gateway.StateDown, p.noSocket.Error()
		}
		list = append(list, status)
	}
	return list
}

// socketPath is where programs of the same machine reach the broker.
func socketPath(s settings) string { return filepath.Join(s.Runtime, "mqtt.sock") }
