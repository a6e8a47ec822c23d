package bridge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// logIn is TLS, WebSocket and MQTT itself: one call of the client, told apart by how far it came.
func (r *trial) logIn(ctx context.Context) {
	u, err := url.Parse(r.bridge.server())
	if err != nil {
		r.fail(gateway.StepSettings, time.Now(), err)
		return
	}
	layers := r.layers(u)
	if r.taken && r.bridge.preset.Has("clientId") {
		for _, layer := range layers {
			r.skip(layer, fmt.Sprintf("not tried: %s takes one connection of each client id, and %q is that of a bridge which is "+
				"not disabled; disable that bridge to test this", r.bridge.preset.Name, r.clientID))
		}
		return
	}
	err = r.connect(ctx, layers)
	if r.bridge.fallBack(err) {
		r.options.Version = r.bridge.version
		err = r.connect(ctx, layers)
	}
	if err == nil {
		r.welcome()
		r.run(ctx)
	}
}

// layers are the steps that this kind of address has.
func (r *trial) layers(u *url.URL) []gateway.BridgeStep {
	var steps []gateway.BridgeStep
	if secure := u.Scheme == "mqtts" || u.Scheme == "wss"; secure {
		steps = append(steps, gateway.StepTLS)
	} else {
		r.skip(gateway.StepTLS, "the address asks for no TLS: everything can be read on the way")
		if r.options.Password != "" {
			r.warn(gateway.StepTLS, "the address asks for no TLS: the password can be read on the way")
		}
	}
	if u.Scheme == "ws" || u.Scheme == "wss" {
		steps = append(steps, gateway.StepWebSocket)
	} else {
		r.skip(gateway.StepWebSocket, "the address asks for no WebSocket")
	}
	return append(steps, gateway.StepLogin)
}

// connect goes through the layers; the first that is not reached has failed.
func (r *trial) connect(ctx context.Context, layers []gateway.BridgeStep) error {
	begin, at := time.Now(), 0
	reached := func() {
		r.pass(layers[at], begin, "")
		begin = time.Now()
		at++
	}
	o := r.options
	o.ClientID, o.CleanStart, o.SessionExpiry, o.Timeout = r.clientID, true, 0, stepTime
	o.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		if conn := r.conn; conn != nil {
			r.conn = nil
			return conn, nil
		}
		return r.reach(ctx) // again, with another version of MQTT
	}
	var state tls.ConnectionState
	pin := o.Verify
	o.Verify = func(s tls.ConnectionState) error {
		if state = s; pin != nil {
			return pin(s)
		}
		return nil
	}
	o.Reached = func(l client.Layer) {
		if l == client.LayerNetwork {
			begin = time.Now()
			return
		}
		if reached(); l == client.LayerTLS {
			r.describeTLS(&state)
		}
	}
	o.Receive = r.receive
	c, err := client.Connect(ctx, o)
	if err == nil {
		r.client = c
		reached()
		return nil
	}
	if r.bridge.config.Version == 0 && r.options.Version == 5 && errors.Is(err, mqtt.UnsupportedProtocolVersion) {
		return err
	}
	r.refused(layers[at], begin, &state, err)
	return err
}

// refused says what a failure means at this step.
func (r *trial) refused(step gateway.BridgeStep, begin time.Time, state *tls.ConnectionState, err error) {
	if remote, ok := errors.AsType[*net.OpError](err); ok && remote.Op == "remote error" && step != gateway.StepTLS {
		// TLS 1.3 refuses a client's certificate after its handshake (RFC 8446, 4.4.2.4).
		r.failAs(gateway.StepTLS, begin, "the other broker refuses the certificate of this gateway: check that it is registered "+
			"there, active, and of an authority that it trusts; without one in the settings it asks for one", err)
		return
	}
	switch step {
	case gateway.StepTLS:
		r.showChain(state, err)
		r.fail(step, begin, err)
	case gateway.StepLogin:
		r.refusedLogin(begin, err)
	default:
		r.fail(step, begin, err)
	}
}

func (r *trial) refusedLogin(begin time.Time, err error) {
	message := reason(r.bridge.server(), err)
	code, refused := errors.AsType[mqtt.ReasonCode](err)
	if refused {
		r.steps[gateway.StepLogin] = gateway.BridgeTestStep{Login: &gateway.TestedLogin{Code: int(code), Version: r.options.Version}}
	}
	if closes(err) {
		message = "the connection was closed instead of an answer to the login: the other broker does not know this client, or an " +
			"access rule forbids it"
		if r.steps[gateway.StepTLS].Outcome != gateway.StepSkipped {
			message += ", or it wants another certificate of this gateway"
		}
		refused = true
	}
	if refused && r.clientID != r.bridge.config.ClientID {
		message += fmt.Sprintf(". The test logs in as %q, not as %q: a rule for one client id refuses it", r.clientID, r.bridge.config.ClientID)
	}
	r.failAs(gateway.StepLogin, begin, message, err)
}

// closes reports whether an error is the end of the connection by the other side, which may come before its reason does.
func closes(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE)
}

// describeTLS is about a handshake that succeeded.
func (r *trial) describeTLS(state *tls.ConnectionState) {
	r.showChain(state, nil)
	step := r.steps[gateway.StepTLS]
	step.TLS = &gateway.TestedTLS{
		Version: tls.VersionName(state.Version), Cipher: tls.CipherSuiteName(state.CipherSuite), ALPN: state.NegotiatedProtocol,
	}
	step.Message = fmt.Sprintf("%s; the certificate of the other broker is trusted", step.TLS.Version)
	r.steps[gateway.StepTLS] = step
	if asked := r.bridge.config.TLS.ALPN; asked != "" && state.NegotiatedProtocol != asked {
		r.warn(gateway.StepTLS, fmt.Sprintf("the other broker does not choose the ALPN protocol %s: it may be another service", asked))
	}
	for _, c := range step.Certificates {
		if time.Until(c.NotAfter) < soon {
			r.warn(gateway.StepTLS, fmt.Sprintf("the certificate of %s ends on %s", c.Subject, c.NotAfter.Format(time.DateOnly)))
		}
	}
}

// showChain shows what the other broker presented, also when nobody vouches for it.
func (r *trial) showChain(state *tls.ConnectionState, err error) {
	chain := state.PeerCertificates
	if unverified, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		chain = unverified.UnverifiedCertificates
	}
	step := r.steps[gateway.StepTLS]
	for _, c := range chain {
		step.Certificates = append(step.Certificates, tested(c))
	}
	r.steps[gateway.StepTLS] = step
}

func tested(c *x509.Certificate) gateway.TestedCertificate {
	names := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return gateway.TestedCertificate{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(), Names: names, NotAfter: c.NotAfter.UTC(),
		DaysLeft: int(time.Until(c.NotAfter) / (24 * time.Hour)), Pin: pinOf(c.RawSubjectPublicKeyInfo),
	}
}

// welcome tells what CONNACK announced, and what of it does not fit the routes.
func (r *trial) welcome() {
	a := r.client.Announced()
	version := map[int]string{4: "3.1.1", 5: "5.0"}[a.Version]
	step := r.steps[gateway.StepLogin]
	step.Message = fmt.Sprintf("logged in as %q over MQTT %s", a.ClientID, version)
	step.Login = &gateway.TestedLogin{
		Version: a.Version, ReceiveMaximum: a.ReceiveMaximum, MaximumPacketSize: a.MaximumPacketSize, MaximumQoS: int(a.MaximumQoS),
		RetainAvailable: !a.RetainUnavailable, KeepAliveSeconds: int(r.client.KeepAlive() / time.Second),
	}
	r.steps[gateway.StepLogin] = step
	for _, route := range r.bridge.config.Routes {
		if route.Direction == gateway.Out && route.QoS > int(a.MaximumQoS) {
			r.warn(gateway.StepLogin, fmt.Sprintf("it takes QoS %d at most: what the route of %s sends at QoS %d goes at that",
				a.MaximumQoS, strings.TrimSpace(route.Filter), route.QoS))
		}
	}
}

// run keeps the connection up for the steps that follow; hangUp ends it with DISCONNECT.
func (r *trial) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = r.client.Run(ctx) }) // the steps say what is wrong
	r.hangUp = func() {
		cancel()
		running.Wait()
	}
}
