package bridge_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	wire "github.com/tidegate/tidegate/mqtt/packet"
)

// strictCloud is a cloud that does what the rules of a preset say, announces none of them, and ends the connection of
// whoever breaks one. Where the real one throws away without a word, so does this one.
type strictCloud struct {
	tb     testing.TB
	preset gateway.BridgePreset
	// clientID and host are what the cloud knows this gateway by.
	clientID, host string
	// tls is nil for none.
	tls *tls.Config
	// admits looks at a login; nil admits all. A time is when the connection ends.
	admits func(*wire.Connect) (ends time.Time, ok bool)

	served sync.WaitGroup

	mu       sync.Mutex // guards everything that follows
	broken   []string   // rules
	got      []*wire.Publish
	times    []time.Time
	sizes    []int
	filters  []string
	connects []*wire.Connect
}

// dial is for bridge.Options: every address leads to the cloud.
func (c *strictCloud) dial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	c.served.Go(func() {
		defer theirs.Close()
		conn := net.Conn(theirs)
		if c.tls != nil {
			conn = tls.Server(theirs, c.tls)
		}
		c.serve(conn)
	})
	return ours, nil
}

// cloudCA vouches for strict clouds and for their clients.
var cloudCA = makeIdentity("cloud CA", nil, farDates)

// farDates are good in a synctest bubble too, where it is the year 2000.
func farDates(c *x509.Certificate) {
	c.NotBefore, c.NotAfter = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
}

func newStrictCloud(tb testing.TB, preset string) *strictCloud {
	tb.Helper()
	p := gateway.PresetOf(&gateway.Bridge{Preset: preset})
	if p.ID == "" {
		tb.Fatalf("no preset %q", preset)
	}
	server := makeIdentity("cloud.example", cloudCA, farDates)
	pair, err := tls.X509KeyPair([]byte(server.certificate), []byte(server.key))
	if err != nil {
		tb.Fatal(err)
	}
	c := &strictCloud{tb: tb, preset: p, clientID: "edge-1", host: "cloud.example", tls: &tls.Config{Certificates: []tls.Certificate{pair}}}
	if p.Has("certificate") {
		c.tls.ClientCAs = x509.NewCertPool()
		c.tls.ClientCAs.AddCert(cloudCA.leaf)
		c.tls.ClientAuth = tls.RequireAndVerifyClientCert
	}
	c.tls.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if hello.ServerName != c.host { // SNI
			c.breaks("sni")
			return nil, errors.New("no such host")
		}
		if r := c.rule("alpnOn443"); r.Rule != "" && !slices.Contains(hello.SupportedProtos, r.Values[0]) {
			c.breaks("alpnOn443")
			return nil, errors.New("no MQTT without ALPN")
		}
		config := c.tls.Clone()
		config.GetConfigForClient = nil
		if r := c.rule("alpnOn443"); r.Rule != "" {
			config.NextProtos = r.Values
		}
		return config, nil
	}
	tb.Cleanup(c.served.Wait)
	return c
}

func (c *strictCloud) rule(name string) gateway.PresetRule {
	for _, r := range c.preset.Rules {
		if r.Rule == name {
			return r
		}
	}
	return gateway.PresetRule{}
}

func (c *strictCloud) breaks(rule string) {
	c.mu.Lock()
	c.broken = append(c.broken, rule)
	c.mu.Unlock()
}

func (c *strictCloud) violations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.broken)
}

func (c *strictCloud) messages() []*wire.Publish {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got)
}

// serve is one connection. It returns when the connection is to be closed.
func (c *strictCloud) serve(conn net.Conn) {
	if secure, is := conn.(*tls.Conn); is {
		if err := secure.HandshakeContext(context.Background()); err != nil {
			if strings.Contains(err.Error(), "certificate") {
				c.breaks("certificate")
			}
			return
		}
	}
	reader := wire.NewReader(conn, 0)
	first, err := reader.Next()
	hello, is := first.(*wire.Connect)
	if err != nil || !is {
		return
	}
	reader.SetVersion(hello.Version)
	if !c.welcomes(conn, hello) {
		return
	}
	for {
		p, err := reader.Next()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			c.breaks("expiry")
		}
		if err != nil {
			return
		}
		answer, ok := c.take(p)
		if !ok {
			return
		}
		if answer != nil && !send(conn, hello.Version, answer) {
			return
		}
	}
}

func send(conn net.Conn, v wire.Version, p wire.Packet) bool {
	encoded, err := wire.Append(nil, v, p)
	if err != nil {
		return false
	}
	_, err = conn.Write(encoded)
	return err == nil
}

func (c *strictCloud) welcomes(conn net.Conn, hello *wire.Connect) bool {
	c.mu.Lock()
	c.connects = append(c.connects, hello)
	c.mu.Unlock()
	if v := c.preset.Limit("version"); v != 0 && int(hello.Version) != v {
		c.breaks("version")
		_, _ = conn.Write([]byte{0x20, 2, 0, 1})
		return false
	}
	if rule := c.refusal(hello); rule != "" {
		c.breaks(rule)
		send(conn, hello.Version, &wire.Connack{Code: mqtt.NotAuthorized})
		return false
	}
	if c.admits != nil {
		ends, ok := c.admits(hello)
		if !ok {
			c.breaks("token")
			send(conn, hello.Version, &wire.Connack{Code: mqtt.NotAuthorized})
			return false
		}
		if !ends.IsZero() {
			_ = conn.SetReadDeadline(ends)
		}
	}
	return send(conn, hello.Version, &wire.Connack{})
}

// refusal is the rule that a CONNECT breaks.
func (c *strictCloud) refusal(hello *wire.Connect) string {
	username := ""
	if hello.Username != nil {
		username = *hello.Username
	}
	fill := strings.NewReplacer("{host}", c.host, "{clientId}", c.clientID)
	var logins []string
	if username != "" {
		logins = append(logins, "username")
	}
	if len(hello.Password) > 0 {
		logins = append(logins, "password")
	}
	for _, r := range c.preset.Rules {
		broken := false
		switch r.Rule {
		case "clientId":
			broken = hello.ClientID != c.clientID
		case "maxClientIdBytes":
			broken = len(hello.ClientID) > r.Value
		case "username":
			broken = username != fill.Replace(r.Values[0])
		case "maxKeepAliveSeconds":
			broken = int(hello.KeepAlive) > r.Value
		case "login":
			broken = !slices.ContainsFunc(logins, func(way string) bool { return slices.Contains(r.Values, way) })
		}
		if broken {
			return r.Rule
		}
	}
	return ""
}

// take answers a packet; ok is false when the connection has to end.
func (c *strictCloud) take(p wire.Packet) (answer wire.Packet, ok bool) {
	switch p := p.(type) {
	case *wire.Publish:
		return c.publish(p)
	case *wire.Subscribe:
		return c.subscribe(p)
	case *wire.Ack:
		if p.Kind == wire.PUBREL {
			return &wire.Ack{Kind: wire.PUBCOMP, PacketID: p.PacketID}, true
		}
	case *wire.Ping:
		return &wire.Ping{Response: true}, true
	case *wire.Disconnect:
		return nil, false
	}
	return nil, true
}

func (c *strictCloud) subscribe(p *wire.Subscribe) (wire.Packet, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range p.Subscriptions {
		if !slices.Contains(c.filters, s.Filter) {
			c.filters = append(c.filters, s.Filter)
		}
	}
	fill := strings.NewReplacer("{host}", c.host, "{clientId}", c.clientID)
	for _, s := range p.Subscriptions {
		group, _ := mqtt.SplitShare(s.Filter)
		r := c.rule("topicsIn")
		known := func(f string) bool { return mqtt.Match(fill.Replace(f), s.Filter) }
		levels := c.preset.Limit("maxFilterLevels")
		if group != "" && c.preset.Has("noSharedSubscriptions") || r.Rule != "" && !slices.ContainsFunc(r.Values, known) ||
			levels != 0 && strings.Count(s.Filter, "/")+1 > levels {
			c.broken = append(c.broken, "filter "+s.Filter)
			return nil, false
		}
	}
	if most := c.preset.Limit("maxSubscriptionsPerRequest"); most != 0 && len(p.Subscriptions) > most {
		c.broken = append(c.broken, "maxSubscriptionsPerRequest")
		return nil, false
	}
	if most := c.preset.Limit("maxSubscriptions"); most != 0 && len(c.filters) > most {
		c.broken = append(c.broken, "maxSubscriptions")
		return nil, false
	}
	return &wire.Suback{PacketID: p.PacketID, Codes: make([]mqtt.ReasonCode, len(p.Subscriptions))}, true
}

func (c *strictCloud) publish(p *wire.Publish) (wire.Packet, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if rule := c.brokenBy(p); rule != "" {
		c.broken = append(c.broken, rule)
		return nil, false
	}
	now, size := time.Now(), len(p.Topic)+len(p.Payload)
	c.times, c.sizes = append(c.times, now), append(c.sizes, size)
	n, bytes := 0, 0
	for i := len(c.times) - 1; i >= 0 && now.Sub(c.times[i]) < time.Second; i-- {
		n, bytes = n+1, bytes+c.sizes[i]
	}
	if most := c.preset.Limit("messagesPerSecond"); most != 0 && n > most {
		c.broken = append(c.broken, "messagesPerSecond")
		return nil, true // thrown away
	}
	if most := c.preset.Limit("bytesPerSecond"); most != 0 && bytes > most {
		c.broken = append(c.broken, "bytesPerSecond")
	}
	c.got = append(c.got, p)
	switch p.QoS {
	case mqtt.AtLeastOnce:
		return &wire.Ack{Kind: wire.PUBACK, PacketID: p.PacketID}, true
	case mqtt.ExactlyOnce:
		return &wire.Ack{Kind: wire.PUBREC, PacketID: p.PacketID}, true
	default:
		return nil, true
	}
}

// brokenBy is the rule that a message breaks.
func (c *strictCloud) brokenBy(p *wire.Publish) string {
	fill := strings.NewReplacer("{host}", c.host, "{clientId}", c.clientID)
	for _, r := range c.preset.Rules {
		broken := false
		switch r.Rule {
		case "maxQoS":
			broken = int(p.QoS) > r.Value
		case "noRetain":
			broken = p.Retain
		case "maxPayloadBytes":
			broken = len(p.Payload) > r.Value
		case "maxPacketBytes":
			encoded, err := wire.Append(nil, wire.V5, p)
			broken = err != nil || len(encoded) > r.Value
		case "maxTopicSlashes":
			broken = strings.Count(p.Topic, "/") > r.Value
		case "maxTopicBytes":
			broken = len(p.Topic) > r.Value
		case "forbiddenInTopics":
			broken = strings.ContainsAny(p.Topic, strings.Join(r.Values, ""))
		case "topicsOut":
			broken = !slices.ContainsFunc(r.Values, func(f string) bool { return mqtt.Match(fill.Replace(f), p.Topic) })
		}
		if broken {
			return r.Rule
		}
	}
	return ""
}

func (c *strictCloud) String() string { return fmt.Sprintf("%s broke %v", c.preset.ID, c.violations()) }

// overTCP opens the cloud to the network; the dialer leads every address there. A pipe has no buffer, so both sides can
// wait for each other when one of them ends a TLS handshake.
func (c *strictCloud) overTCP() func(context.Context, string, string) (net.Conn, error) {
	c.tb.Helper()
	network, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.tb.Fatal(err)
	}
	c.served.Go(func() {
		for {
			conn, err := network.Accept()
			if err != nil {
				return
			}
			c.served.Go(func() {
				defer conn.Close()
				if c.tls == nil {
					c.serve(conn)
					return
				}
				c.serve(tls.Server(conn, c.tls))
			})
		}
	})
	c.tb.Cleanup(func() { _ = network.Close() })
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", network.Addr().String())
	}
}
