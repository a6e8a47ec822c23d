package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// Client is one connection to another broker. Its methods are safe for concurrent use.
type Client struct {
	options        Options
	conn           net.Conn
	reader         *packet.Reader
	version        packet.Version
	announced      Announced
	sessionPresent bool
	keepAlive      time.Duration

	// theirAliases belong to the reader, ourAliases to who has the right to send.
	theirAliases packet.ReceivedAliases
	ourAliases   packet.SentAliases

	outbound *inflight.Outbound
	inbound  *inflight.Inbound
	arrivals *arrivals
	out      *outgoing
	own      *ownIDs
	answers  *answers

	// sending is the right to take room in the window; a channel, because waiting for it ends with a context.
	sending chan struct{}
	room    chan struct{}

	ending sync.Once
	ended  chan struct{} // closed when the connection is over; cause is set before
	cause  error
}

func newClient(conn net.Conn, reader *packet.Reader, o *Options, connack *packet.Connack) *Client {
	c := &Client{
		options: *o, conn: conn, reader: reader, version: packet.Version(o.Version),
		announced: announced(o, connack), sessionPresent: connack.SessionPresent, keepAlive: o.KeepAlive,
		arrivals: newArrivals(), out: newOutgoing(), own: newOwnIDs(), answers: newAnswers(),
		sending: make(chan struct{}, 1), room: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	if s := connack.ServerKeepAlive; s != nil && *s > 0 { // [MQTT-3.1.2-21]
		c.keepAlive = time.Duration(*s) * time.Second
	}
	if c.version == packet.V5 {
		c.theirAliases = packet.NewReceivedAliases(topicAliases)
		c.ourAliases = packet.NewSentAliases(min(c.announced.TopicAliasMaximum, topicAliases))
	}
	c.outbound = inflight.NewOutbound(window(o, &c.announced), func() { signal(c.room) })
	// Not the receive maximum: Mosquitto 2.0 exceeds it when its socket is busy (94 of 64 were seen), and a connection
	// that ends for that reason ends again and again. What may wait is bounded by arrivals.
	c.inbound = inflight.NewInbound(0, c.out.signal)
	return c
}

// signal wakes whoever waits, or the next one who is going to.
func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// SessionPresent reports whether the other broker still had the session [MQTT-3.2.2-3] [MQTT3-3.2.2-2].
func (c *Client) SessionPresent() bool { return c.sessionPresent }

// Announced is what the other broker said about itself.
func (c *Client) Announced() Announced { return c.announced }

// KeepAlive is the one in force: ours, or the one that the other broker wants [MQTT-3.1.2-21].
func (c *Client) KeepAlive() time.Duration { return c.keepAlive }

// Unfinished is how many messages wait for an acknowledgement of the other broker.
func (c *Client) Unfinished() int { return c.outbound.Len() }

// silence is how long nothing may come before the connection is taken for dead.
func (c *Client) silence() time.Duration { return c.keepAlive + c.keepAlive/2 }

// end records why the connection is over; the first reason counts. It never blocks.
func (c *Client) end(cause error) {
	c.ending.Do(func() {
		c.cause = cause
		close(c.ended)
	})
}

// Close gives up a connection that Run was not called for, without a word to the other side.
func (c *Client) Close() error {
	c.end(net.ErrClosed)
	c.own.abandon(c.lost())
	return c.conn.Close()
}

// Run keeps the connection until ctx ends, which is an orderly end with DISCONNECT and returns nil, or until it breaks,
// and returns why: a mqtt.ReasonCode is in the error when the other broker said it. What Publish took and nobody
// acknowledged is settled with an error before Run returns.
func (c *Client) Run(ctx context.Context) error {
	// Not ctx's end but ours ends the parts: else one of them would be the reason.
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var parts sync.WaitGroup
	parts.Go(func() { c.end(c.read(inner)) })
	parts.Go(func() { c.end(c.take(inner)) })
	parts.Go(func() { c.end(c.ping(inner)) })
	var writing sync.WaitGroup
	writing.Go(func() { c.write() })

	select {
	case <-ctx.Done():
		c.end(nil)
	case <-c.ended:
	}
	cancel()
	writing.Wait()
	// The reader may sit in a read that nothing else would end.
	closed := c.conn.Close()
	parts.Wait()
	c.own.abandon(c.lost())
	if c.cause == nil {
		return nil
	}
	if closed != nil && !errors.Is(closed, net.ErrClosed) {
		return errors.Join(c.cause, closed)
	}
	return c.cause
}

// lost is the error for whoever wants something from a connection that is over.
func (c *Client) lost() error {
	if c.cause == nil {
		return fmt.Errorf("the connection was ended: %w", net.ErrClosed)
	}
	return fmt.Errorf("the connection is gone: %w", c.cause)
}

// ping asks for a sign of life: three times in two silences, whatever else is sent, because only an answer proves
// anything [MQTT-3.1.2-20].
func (c *Client) ping(ctx context.Context) error {
	ticker := time.NewTicker(c.keepAlive * 3 / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if err := c.out.add(c.version, &packet.Ping{}); err != nil {
				return err
			}
		}
	}
}

// goodbye is the DISCONNECT that fits the end, nil for none.
func (c *Client) goodbye() *packet.Disconnect {
	if c.cause == nil {
		return &packet.Disconnect{}
	}
	if wrong, ok := errors.AsType[*violation](c.cause); ok && c.version == packet.V5 {
		return &packet.Disconnect{Code: wrong.code}
	}
	return nil
}

// violation is what the other broker did against the protocol; it is told so (MQTT 5, 4.13).
type violation struct {
	code mqtt.ReasonCode
	err  error
}

func (v *violation) Error() string { return "the other broker broke the protocol: " + v.err.Error() }
func (v *violation) Unwrap() error { return v.err }

func violated(code mqtt.ReasonCode, format string, args ...any) error {
	return &violation{code: code, err: fmt.Errorf(format, args...)}
}
