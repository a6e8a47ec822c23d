package broker_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// doorman lets everybody in and writes down who came.
type doorman struct {
	mu     sync.Mutex // guards logins
	logins []mqtt.Login
}

func (d *doorman) Authenticate(_ context.Context, login mqtt.Login) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.logins = append(d.logins, login)
	return login.Username, nil
}

func (*doorman) Begin(context.Context, mqtt.Login, string) (mqtt.Exchange, error) {
	return nil, mqtt.BadAuthenticationMethod
}
func (*doorman) MayPublish(mqtt.Client, string) bool   { return true }
func (*doorman) MaySubscribe(mqtt.Client, string) bool { return true }

func (d *doorman) last() mqtt.Login {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.logins[len(d.logins)-1]
}

// serve opens one more way in, until stop or the end of the test.
func (p *plant) serve(l broker.Listener, secure *tls.Config) (address string, stop func()) {
	p.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(p.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	address = listener.Addr().String()
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	l.Listener = listener
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := p.Serve(ctx, l); err != nil {
			p.t.Error(err)
		}
	})
	stop = func() { cancel(); serving.Wait() }
	p.t.Cleanup(stop)
	return address, stop
}

// on speaks packets over a connection.
func (p *plant) on(conn net.Conn) *client {
	p.t.Cleanup(func() { _ = conn.Close() })
	c := &client{t: p.t, conn: conn, version: packet.V5, reader: packet.NewReader(conn, 0)}
	c.reader.SetVersion(packet.V5)
	return c
}

func dialTLS(t *testing.T, address string, config *tls.Config) (net.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
}

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	own := a.sign(t, "CA", time.Now().Add(time.Hour))
	a.certificate, a.key = own.Leaf, own.PrivateKey.(*ecdsa.PrivateKey) //nolint:forcetypeassert // made below
	return a
}

func (a *authority) sign(t *testing.T, name string, end time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: end, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: a.key == nil, BasicConstraintsValid: true,
	}
	parent, signer := template, key
	if a.key != nil {
		parent, signer = a.certificate, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

func TestClientCertificateReachesAccess(t *testing.T) {
	ca := newAuthority(t)
	inAnHour, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	cases := map[string]struct {
		ask   tls.ClientAuthType
		shown *tls.Certificate
		name  string // of the certificate that access gets to see
		ok    bool
	}{
		"none asked for":   {tls.NoClientCert, nil, "", true},
		"optional, none":   {tls.VerifyClientCertIfGiven, nil, "", true},
		"optional, shown":  {tls.VerifyClientCertIfGiven, new(ca.sign(t, "pump", inAnHour)), "pump", true},
		"required, shown":  {tls.RequireAndVerifyClientCert, new(ca.sign(t, "pump", inAnHour)), "pump", true},
		"required, none":   {tls.RequireAndVerifyClientCert, nil, "", false},
		"expired":          {tls.RequireAndVerifyClientCert, new(ca.sign(t, "pump", past)), "", false},
		"of a stranger":    {tls.RequireAndVerifyClientCert, new(newAuthority(t).sign(t, "pump", inAnHour)), "", false},
		"never verified":   {tls.RequestClientCert, new(newAuthority(t).sign(t, "pump", inAnHour)), "", true},
		"optional foreign": {tls.VerifyClientCertIfGiven, new(newAuthority(t).sign(t, "pump", inAnHour)), "", false},
	}
	for name, test := range cases {
		for _, overWebSocket := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				door := &doorman{}
				p := newPlant(t, broker.Options{Access: door})
				address, _ := p.serve(broker.Listener{ID: "lan", WebSocket: overWebSocket}, &tls.Config{
					Certificates: []tls.Certificate{ca.sign(t, "gateway", inAnHour)}, ClientAuth: test.ask, ClientCAs: ca.pool(),
				})
				config := &tls.Config{RootCAs: ca.pool()}
				if test.shown != nil {
					config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return test.shown, nil }
				}
				if ok := p.entersOverTLS(t, address, config, overWebSocket); ok != test.ok {
					t.Fatalf("the client is in: %v, want %v", ok, test.ok)
				}
				if !test.ok {
					return
				}
				login := door.last()
				seen := ""
				if login.Certificate != nil {
					seen = login.Certificate.Subject.CommonName
				}
				if seen != test.name || login.Listener != "lan" || login.Address != "127.0.0.1" {
					t.Errorf("certificate %q, listener %q, address %q", seen, login.Listener, login.Address)
				}
			})
		}
	}
}

// entersOverTLS says whether CONNECT is answered.
func (p *plant) entersOverTLS(t *testing.T, address string, config *tls.Config, overWebSocket bool) bool {
	t.Helper()
	var conn net.Conn
	var err error
	if overWebSocket {
		transport := &http.Transport{TLSClientConfig: config}
		defer transport.CloseIdleConnections()
		var ws *websocket.Conn
		ws, err = dialWebSocket(t, "wss://"+address+"/mqtt", &websocket.DialOptions{
			Subprotocols: []string{"mqtt"}, HTTPClient: &http.Client{Transport: transport},
		})
		if err == nil {
			conn = websocket.NetConn(t.Context(), ws, websocket.MessageBinary)
		}
	} else {
		conn, err = dialTLS(t, address, config)
	}
	if err != nil {
		return false
	}
	c := p.on(conn)
	c.send(&packet.Connect{Version: packet.V5, ClientID: "c", CleanStart: true})
	_, err = c.reader.Next()
	return err == nil
}

func TestTLSOlderThan12IsRefused(t *testing.T) {
	ca := newAuthority(t)
	p := newPlant(t, broker.Options{})
	address, _ := p.serve(broker.Listener{}, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "gateway", time.Now().Add(time.Hour))}})
	old := &tls.Config{RootCAs: ca.pool(), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if conn, err := dialTLS(t, address, old); err == nil {
		t.Error("TLS 1.1 was accepted", conn.Close())
	}
	if !p.entersOverTLS(t, address, &tls.Config{RootCAs: ca.pool(), MaxVersion: tls.VersionTLS12}, false) {
		t.Error("TLS 1.2 was refused")
	}
}

func TestASlowHandshakeHoldsUpNobodyAndEnds(t *testing.T) {
	ca := newAuthority(t)
	p := newPlant(t, broker.Options{Limits: broker.Limits{ConnectTimeout: 500 * time.Millisecond}})
	for _, overWebSocket := range []bool{false, true} {
		address, _ := p.serve(broker.Listener{WebSocket: overWebSocket},
			&tls.Config{Certificates: []tls.Certificate{ca.sign(t, "gateway", time.Now().Add(time.Hour))}})
		var dialer net.Dialer
		silent, err := dialer.DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if !p.entersOverTLS(t, address, &tls.Config{RootCAs: ca.pool()}, overWebSocket) {
			t.Error("a client had to wait for another one's handshake")
		}
		_ = silent.SetReadDeadline(time.Now().Add(patience))
		if _, err := io.Copy(io.Discard, silent); err != nil {
			t.Errorf("the silent connection was not ended: %v", err)
		}
		_ = silent.Close()
	}
}

func TestEndOfOneListenerLeavesTheOthersClients(t *testing.T) {
	for _, overWebSocket := range []bool{false, true} {
		p := newPlant(t, broker.Options{})
		neighbour := p.v5("neighbour", 0)
		address, stop := p.serve(broker.Listener{ID: "extra", WebSocket: overWebSocket}, nil)
		var gone *client
		if overWebSocket {
			gone = p.webSocket(t, address)
		} else {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			gone = p.on(conn)
		}
		gone.send(&packet.Connect{Version: packet.V5, ClientID: "gone", CleanStart: true})
		expect[*packet.Connack](gone)
		stop()
		gone.expectEnd(mqtt.ServerShuttingDown)
		neighbour.ping()
	}
}
