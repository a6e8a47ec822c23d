package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// timed gives each read a deadline.
type timed struct {
	conn    net.Conn
	silence time.Duration
}

func (t *timed) Read(p []byte) (int, error) {
	if err := t.conn.SetReadDeadline(time.Now().Add(t.silence)); err != nil {
		return 0, err
	}
	return t.conn.Read(p)
}

// read handles packets until the connection ends. It waits for nothing but the connection, with the one exception that
// arrivals.add names.
func (c *Client) read(ctx context.Context) error {
	for {
		p, err := c.reader.Next()
		if err != nil {
			return c.readError(err)
		}
		if err := c.handle(ctx, p); err != nil {
			return err
		}
	}
}

func (c *Client) readError(err error) error {
	if malformed, ok := errors.AsType[*packet.Error](err); ok {
		return &violation{code: malformed.Code, err: err}
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("nothing came for %s, not even an answer to a ping: %w", c.silence(), mqtt.KeepAliveTimeout)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the other broker closed the connection: %w", err)
	}
	return fmt.Errorf("read: %w", err)
}

func (c *Client) handle(ctx context.Context, p packet.Packet) error {
	switch p := p.(type) {
	case *packet.Publish:
		return c.handlePublish(ctx, p)
	case *packet.Ack:
		return c.handleAck(ctx, p)
	case *packet.Suback:
		return c.answers.give(p.PacketID, packet.SUBACK, p.Codes)
	case *packet.Unsuback:
		return c.answers.give(p.PacketID, packet.UNSUBACK, p.Codes)
	case *packet.Disconnect:
		return &Disconnected{Code: p.Code, err: explained(p.Code, p.ReasonString, p.ServerReference)}
	case *packet.Ping:
		if p.Response {
			return nil
		}
	}
	return violated(mqtt.ProtocolError, "a server sent %s: %w", p.Type(), mqtt.ProtocolError)
}

// Disconnected is the end of a connection by a DISCONNECT of the other broker.
type Disconnected struct {
	Code mqtt.ReasonCode
	err  error
}

// Error has the other broker's words.
func (d *Disconnected) Error() string { return "the other broker disconnected: " + d.err.Error() }

// Unwrap has the reason code, or a *Moved.
func (d *Disconnected) Unwrap() error { return d.err }

func (c *Client) handleAck(ctx context.Context, a *packet.Ack) error {
	var err error
	switch a.Kind {
	case packet.PUBACK:
		err = c.outbound.Puback(a.PacketID, a.Code)
	case packet.PUBREC:
		err = c.outbound.Pubrec(a.PacketID, a.Code, c.release)
		if errors.Is(err, mqtt.PacketIdentifierNotFound) {
			return c.out.add(c.version, &packet.Ack{Kind: packet.PUBREL, PacketID: a.PacketID, Code: mqtt.PacketIdentifierNotFound})
		}
	case packet.PUBCOMP:
		err = c.outbound.Pubcomp(a.PacketID, a.Code)
	default:
		return c.handlePubrel(ctx, a.PacketID)
	}
	// An identifier that is unknown here was finished before; there is nothing to do about it.
	if err != nil && !errors.Is(err, mqtt.PacketIdentifierNotFound) {
		return violated(mqtt.ProtocolError, "%s for packet identifier %d: %w", a.Kind, a.PacketID, err)
	}
	return nil
}

// release sends PUBREL once PUBREC is recorded. It comes on the committer's goroutine.
func (c *Client) release(id uint16, err error) {
	if err == nil {
		err = c.out.add(c.version, &packet.Ack{Kind: packet.PUBREL, PacketID: id})
	}
	if err != nil {
		c.end(fmt.Errorf("answer PUBREC: %w", err))
	}
}

func (c *Client) handlePublish(ctx context.Context, p *packet.Publish) error {
	if err := c.theirAliases.Resolve(p); err != nil {
		code, _ := errors.AsType[mqtt.ReasonCode](err)
		return violated(code, "topic alias %d: %w", p.TopicAlias, err)
	}
	a := arrival{message: message(p), id: p.PacketID}
	if p.QoS == mqtt.AtMostOnce {
		return c.arrivals.add(ctx, a, false)
	}
	kind := inflight.PUBACK
	if p.QoS == mqtt.ExactlyOnce {
		kind = inflight.PUBREC
	}
	slot, repeated, err := c.inbound.Arrive(kind, p.PacketID)
	if err != nil {
		return violated(mqtt.ReceiveMaximumExceeded, "too many publishes at once: %w", err)
	}
	if repeated {
		return nil
	}
	a.slot = slot
	return c.arrivals.add(ctx, a, true)
}

func (c *Client) handlePubrel(ctx context.Context, id uint16) error {
	slot, repeated, err := c.inbound.Arrive(inflight.PUBCOMP, id)
	if err != nil || repeated {
		return err
	}
	return c.arrivals.add(ctx, arrival{id: id, slot: slot}, false)
}

func message(p *packet.Publish) *mqtt.Message {
	m := &mqtt.Message{Topic: p.Topic, Payload: p.Payload, QoS: p.QoS, Retain: p.Retain, Properties: p.Properties}
	if p.MessageExpiry != nil {
		m.Expires = time.Now().Add(time.Duration(*p.MessageExpiry) * time.Second)
	}
	return m
}
