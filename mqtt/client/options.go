package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// Options say where to connect to, and as whom. Only URL has no default.
type Options struct {
	// URL is mqtt://host:1883, mqtts://host:8883, ws://host:80/mqtt or wss://host:443/mqtt; port and path may be left out.
	URL string
	// ClientID may be empty with CleanStart; then the other broker makes one up.
	ClientID string
	Username string
	Password string
	// SCRAM proves user name and password by SCRAM-SHA-256 in an enhanced authentication (MQTT 5, 4.12): the password is
	// not sent, and the other side has to prove that it knows it.
	SCRAM bool
	// Version is 4 (3.1.1) or 5; 0 means 5. There is no fallback here: see mqtt.UnsupportedProtocolVersion.
	Version int
	// CleanStart throws an earlier session away [MQTT-3.1.2-4]. At 3.1.1 the session then also ends with the connection.
	CleanStart bool
	// SessionExpiry is how many seconds the other broker keeps the session, mqtt.NeverExpires for ever. At 3.1.1 it is
	// kept when CleanStart is false.
	SessionExpiry uint32
	Will          *mqtt.Will

	// KeepAlive is 1 s to 18 h; 0 means 30 s. When nothing came for one and a half of it, the connection is dead.
	KeepAlive time.Duration
	// Timeout bounds connecting as a whole, each write of up to 16 KiB and each answer to Subscribe; 0 means 15 s.
	Timeout time.Duration
	// Window is how many messages may be unacknowledged; 0 means what the other broker announces, 20 at 3.1.1. It never
	// exceeds mqtt.LaneSize.
	Window int
	// ReceiveMaximum is how many publishes the other broker may have unacknowledged (MQTT 5); 0 means 64.
	ReceiveMaximum int
	// MaximumPacketSize is the largest packet that is accepted, in bytes; 0 means 1 MiB.
	MaximumPacketSize int

	// Dial opens the network connection; nil means a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs replace the system's, for mqtts and wss. The server is always verified.
	RootCAs *x509.CertPool
	// Certificates are the client's own, for mqtts and wss.
	Certificates []tls.Certificate
	// Verify looks at the connection after all other checks of TLS; its error ends it. nil looks at nothing.
	Verify func(tls.ConnectionState) error
	// ServerName is asked for and expected in the server's certificate; empty means the host of the URL.
	ServerName string
	// ALPN are the protocols that are offered, for mqtts (RFC 7301); most servers want none.
	ALPN []string

	// Reached is told what of the connection stands, in the order of Layer, while Connect runs; nil for nobody.
	Reached func(Layer)

	// Receive takes what the other broker publishes; nil takes and forgets it. It is called from one goroutine, in the
	// order of arrival, and may wait as Publisher.Publish may. id is 0 at QoS 0. settle(nil) lets PUBACK or PUBREC leave;
	// a mqtt.ReasonCode refuses this message for ever; any other error, returned or settled, ends the connection, so that
	// the message comes again.
	Receive func(ctx context.Context, m *mqtt.Message, id uint16, settle mqtt.Settle) error
	// Release ends a QoS 2 identifier: done(nil) lets PUBCOMP leave. nil means at once.
	Release func(id uint16, done mqtt.Settle)
}

// Layer is what a connection is made of, from below; MQTT itself comes last, and Connect returns it.
type Layer byte

// The layers; an address without TLS or WebSocket has fewer.
const (
	LayerNetwork Layer = iota + 1
	LayerTLS
	LayerWebSocket
)

const (
	defaultKeepAlive      = 30 * time.Second
	maxKeepAlive          = 18 * time.Hour
	defaultTimeout        = 15 * time.Second
	defaultReceiveMaximum = 64
	defaultPacketSize     = 1 << 20
	// defaultWindow is for brokers that announce nothing: Mosquitto 2.0 takes no more than 20.
	defaultWindow = 20
	// topicAliases bounds the aliases of either side.
	topicAliases = 100
)

// complete fills the defaults in and checks what only a programmer gets wrong.
func (o *Options) complete() error {
	if o.Version == 0 {
		o.Version = int(packet.V5)
	}
	if o.Version != int(packet.V311) && o.Version != int(packet.V5) {
		return fmt.Errorf("protocol version %d is not 4 (3.1.1) or 5", o.Version)
	}
	if o.ClientID == "" && !o.CleanStart && o.Version == int(packet.V311) { // [MQTT3-3.1.3-7]
		return errors.New("MQTT 3.1.1 keeps no session without a client identifier: give one, or start clean")
	}
	if o.SCRAM && o.Version != int(packet.V5) {
		return fmt.Errorf("SCRAM needs MQTT 5, not version %d", o.Version)
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = defaultKeepAlive
	}
	if o.KeepAlive < time.Second || o.KeepAlive > maxKeepAlive {
		return fmt.Errorf("keep alive %s is not between 1s and 18h", o.KeepAlive)
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.ReceiveMaximum <= 0 || o.ReceiveMaximum > 65535 {
		o.ReceiveMaximum = defaultReceiveMaximum
	}
	if o.MaximumPacketSize <= 0 {
		o.MaximumPacketSize = defaultPacketSize
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{}).DialContext
	}
	o.completeCallbacks()
	return nil
}

func (o *Options) completeCallbacks() {
	if o.Receive == nil {
		o.Receive = func(_ context.Context, _ *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			settle(nil)
			return nil
		}
	}
	if o.Reached == nil {
		o.Reached = func(Layer) {}
	}
	if o.Release == nil {
		o.Release = func(_ uint16, done mqtt.Settle) { done(nil) }
	}
}

// connect is the first packet.
func (o *Options) connect() *packet.Connect {
	c := &packet.Connect{
		Version:    packet.Version(o.Version),
		CleanStart: o.CleanStart,
		KeepAlive:  uint16(o.KeepAlive / time.Second),
		ClientID:   o.ClientID,
		Will:       o.Will,
	}
	if o.Username != "" {
		c.Username = &o.Username
	}
	if o.Password != "" {
		c.Password = []byte(o.Password)
	}
	if c.Version == packet.V5 {
		c.SessionExpiry = o.SessionExpiry
		c.ReceiveMaximum = uint16(o.ReceiveMaximum)
		c.MaximumPacketSize = uint32(min(o.MaximumPacketSize, 1<<28))
		c.TopicAliasMaximum = topicAliases
	}
	return c
}
