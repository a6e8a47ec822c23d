package client

import (
	"bytes"
	"context"
	"fmt"
	"net"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// Announced is what the other broker said about itself in CONNACK, with the standard's defaults filled in.
type Announced struct {
	// ReceiveMaximum is how many publishes at QoS 1 and 2 it takes at once; 20 at 3.1.1, where nobody says.
	ReceiveMaximum int
	// MaximumPacketSize is in bytes; 0 is no limit.
	MaximumPacketSize int
	MaximumQoS        mqtt.QoS
	RetainUnavailable bool
	// SessionExpiry is how many seconds it keeps the session.
	SessionExpiry uint32
	// ClientID is the one in force: ours, or the one that it made up.
	ClientID string
	// Version is 4 or 5.
	Version int
	// TopicAliasMaximum is how many topic aliases it takes.
	TopicAliasMaximum uint16
}

// Connect dials and introduces itself. It returns after a successful CONNACK; the caller has to call Run, or Close. A
// refusal wraps its mqtt.ReasonCode; UnsupportedProtocolVersion also comes from brokers that only know 3.1.1.
func Connect(ctx context.Context, options Options) (*Client, error) {
	if err := options.complete(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, options.Timeout)
	defer cancel()
	conn, err := dial(ctx, &options)
	if err != nil {
		return nil, err
	}
	// A cancelled context ends the handshake; closing twice does no harm.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	c, err := shake(conn, &options)
	if !stop() {
		err = fmt.Errorf("wait for CONNACK: %w", ctx.Err())
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

// oldRefusal is how a broker that knows only 3.1.1 refuses MQTT 5: its CONNACK, which is malformed in MQTT 5.
var oldRefusal = []byte{0x20, 2, 0, 1}

// first remembers the first bytes of a connection.
type first struct {
	timed
	bytes []byte
}

func (f *first) Read(p []byte) (int, error) {
	n, err := f.timed.Read(p)
	if missing := len(oldRefusal) - len(f.bytes); missing > 0 {
		f.bytes = append(f.bytes, p[:min(n, missing)]...)
	}
	return n, err
}

// shake sends CONNECT and waits for CONNACK.
func shake(conn net.Conn, o *Options) (*Client, error) {
	hello := o.connect()
	var own *proof
	if o.SCRAM {
		var err error
		if own, err = newProof(o); err != nil {
			return nil, err
		}
		if err := own.begin(hello); err != nil {
			return nil, err
		}
	}
	encoded, err := packet.Append(nil, hello.Version, hello)
	if err != nil {
		return nil, fmt.Errorf("encode CONNECT: %w", err)
	}
	// The context ends the handshake in time; its deadline must be the first one, to be the reason.
	source := &first{timed: timed{conn: conn, silence: 2 * o.Timeout}}
	if err := writeAll(conn, encoded, 2*o.Timeout); err != nil {
		return nil, fmt.Errorf("send CONNECT: %w", err)
	}
	reader := packet.NewReader(source, o.MaximumPacketSize)
	reader.SetVersion(hello.Version)
	answer, err := own.awaitConnack(conn, reader, o)
	if err != nil {
		if hello.Version == packet.V5 && bytes.Equal(source.bytes, oldRefusal) {
			return nil, fmt.Errorf("CONNECT was refused: %w", mqtt.UnsupportedProtocolVersion)
		}
		return nil, fmt.Errorf("wait for CONNACK: %w", err)
	}
	connack, ok := answer.(*packet.Connack)
	switch {
	case !ok:
		return nil, fmt.Errorf("%s instead of CONNACK: %w", answer.Type(), mqtt.ProtocolError)
	case connack.Code != mqtt.Success:
		return nil, fmt.Errorf("CONNECT was refused: %w", explained(connack.Code, connack.ReasonString, connack.ServerReference))
	case connack.SessionPresent && o.CleanStart: // [MQTT-3.2.2-4]
		return nil, fmt.Errorf("a session is present after a clean start: %w", mqtt.ProtocolError)
	case own == nil && connack.AuthMethod != "": // [MQTT-4.12.0-6]
		return nil, fmt.Errorf("CONNACK has an authentication that nobody asked for: %w", mqtt.ProtocolError)
	}
	if own != nil {
		if err := own.finish(connack); err != nil {
			return nil, err
		}
	}
	c := newClient(conn, reader, o, connack)
	source.silence = c.silence()
	return c, nil
}

// explained adds the other side's own words, cut short and quoted: they are foreign text.
func explained(code mqtt.ReasonCode, reason, server string) error {
	var err error = code
	if server != "" && (code == mqtt.UseAnotherServer || code == mqtt.ServerMoved) {
		err = &Moved{Code: code, Server: server}
	}
	if reason == "" {
		return err
	}
	return fmt.Errorf("%w (%.200q)", err, reason)
}

// Moved is the error of a broker that wants us to go to another one (MQTT 5, 4.13.2).
type Moved struct {
	// Code is UseAnotherServer, for now, or ServerMoved, for ever.
	Code mqtt.ReasonCode
	// Server is the reference as it was sent: foreign text, mostly host:port, or several of them with spaces in between.
	Server string
}

// Error says where to.
func (m *Moved) Error() string { return fmt.Sprintf("%s (%.200q)", m.Code, m.Server) }

// Unwrap is the reason code.
func (m *Moved) Unwrap() error { return m.Code }

func announced(o *Options, connack *packet.Connack) Announced {
	a := Announced{
		ReceiveMaximum: defaultWindow, MaximumQoS: mqtt.ExactlyOnce, ClientID: o.ClientID, Version: o.Version,
		SessionExpiry: mqtt.NeverExpires,
	}
	if a.Version != int(packet.V5) {
		if o.CleanStart {
			a.SessionExpiry = 0
		}
		return a
	}
	a.ReceiveMaximum = 65535
	if connack.ReceiveMaximum != 0 {
		a.ReceiveMaximum = int(connack.ReceiveMaximum)
	}
	if connack.MaximumQoS != nil {
		a.MaximumQoS = *connack.MaximumQoS
	}
	if connack.AssignedClientID != "" {
		a.ClientID = connack.AssignedClientID
	}
	a.MaximumPacketSize = int(connack.MaximumPacketSize)
	a.RetainUnavailable = connack.RetainUnavailable
	a.TopicAliasMaximum = connack.TopicAliasMaximum
	a.SessionExpiry = o.SessionExpiry
	if connack.SessionExpiry != nil {
		a.SessionExpiry = *connack.SessionExpiry
	}
	return a
}

// window is how many messages may be unacknowledged. At 3.1.1 nothing is announced, so the setting decides alone.
func window(o *Options, a *Announced) int {
	w := a.ReceiveMaximum
	if o.Window > 0 && (o.Window < w || a.Version != int(packet.V5)) {
		w = o.Window
	}
	return min(w, mqtt.LaneSize)
}
