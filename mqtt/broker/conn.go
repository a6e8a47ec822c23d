package broker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/inflight"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// conn is one network connection. Its reader is the goroutine of run; its writer, which is there while something waits,
// collects that and sends it in one piece. Neither waits for the other.
type conn struct {
	broker  *Broker
	net     net.Conn
	version packet.Version
	source  *timed
	reader  *packet.Reader
	client  mqtt.Client
	since   time.Time

	// What CONNECT agreed on.
	session     *session
	link        *link
	in          *inflight.Inbound
	out         *inflight.Outbound
	keepAlive   time.Duration
	maxPacket   int
	problemInfo bool
	// pace is how fast it may publish, nil without a limit.
	pace    *rate.Limiter
	entered bool
	// method is that of the enhanced authentication, empty for none; login and proof are for the next one.
	method string
	login  Login
	proof  *proof

	// theirAliases belong to the reader, ourAliases to the writer.
	theirAliases packet.ReceivedAliases
	ourAliases   packet.SentAliases
	// orderly: the client said goodbye and has no will left. The reader sets it before the connection ends.
	orderly bool

	ctx    context.Context // ends with the first stop
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing of the connection is left

	// wakes counts the calls of wake that the writer has not looked after; it runs while there are any. The connection
	// begins with one, so that nothing is written before CONNACK.
	wakes atomic.Int64
	// write is writeAll, made once so that starting it allocates nothing. last waits for the last words.
	write func()
	last  sync.WaitGroup

	mu sync.Mutex // guards what follows
	// control has packets of no queue: SUBACK, PUBREL, PINGRESP.
	control []packet.Packet
	// controlWaits is set while control has some, for those who do not want the lock.
	controlWaits atomic.Bool
	stopped      bool
	cause        error
	// refusal ends the connection of a client that cannot be told that its message was refused.
	refusal *time.Timer
}

// errClosed is the end that nobody needs to hear of.
var errClosed = errors.New("the connection was closed")

// serveConn runs a connection to its end.
func (b *Broker) serveConn(ctx context.Context, nc net.Conn, listener string) {
	serving := ctx
	ctx, cancel := context.WithCancel(ctx)
	c := &conn{
		broker: b, net: nc, since: time.Now(), ctx: ctx, cancel: cancel, done: make(chan struct{}),
		client: mqtt.Client{Address: address(nc), Listener: listener},
	}
	defer close(c.done)
	defer cancel()
	defer c.net.Close() //nolint:errcheck // nothing is left to be done about it
	c.write = c.writeAll
	c.wakes.Store(1)
	c.source = &timed{conn: c}
	c.reader = b.buffers.NewReader(c.source, connectSize)
	unhook := context.AfterFunc(serving, func() { c.stop(mqtt.ServerShuttingDown) })
	defer unhook()
	c.run(ctx)
}

// run is the life of a connection. A panic ends this one only.
func (c *conn) run(ctx context.Context) {
	defer c.recover()
	defer func() {
		if c.entered {
			c.broker.leave()
		}
	}()
	err := c.connectAside(ctx)
	if c.session == nil {
		return
	}
	defer c.end(ctx)
	if err != nil {
		c.stop(errClosed)
		return
	}
	c.last.Add(1)
	go c.write()
	defer c.last.Wait()
	c.stop(c.readAll(ctx))
}

// connectAside handles CONNECT on a stack of its own: that takes a deep one, which an idle connection would keep.
func (c *conn) connectAside(ctx context.Context) (err error) {
	var aside sync.WaitGroup
	aside.Go(func() {
		defer c.recover()
		err = errClosed // after a panic
		if err = c.connect(ctx); c.session == nil {
			c.log(slog.LevelInfo, "client refused", slog.Any("reason", err))
		} else {
			c.log(slog.LevelInfo, "client connected", slog.String("protocol", protocolName(c.version)))
		}
	})
	aside.Wait()
	return err
}

// log says who it is about. There is no logger for each connection: it would cost more than all of its lines.
func (c *conn) log(level slog.Level, message string, more ...slog.Attr) {
	who := []slog.Attr{slog.String("address", c.net.RemoteAddr().String()), slog.String("client", c.client.ID)}
	c.broker.logger.LogAttrs(context.Background(), level, message, append(who, more...)...)
}

// end is what the session gets to know.
func (c *conn) end(ctx context.Context) {
	reason := c.reason()
	// The ends of sessions are stored also when the broker stops.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.broker.limits.AdmitTimeout)
	defer cancel()
	c.broker.disconnected(ctx, c)
	c.log(slog.LevelInfo, "client disconnected", slog.Any("reason", reason))
}

func (c *conn) recover() {
	if cause := recover(); cause != nil {
		c.log(slog.LevelError, "connection ended by a fault of the broker", slog.Any("fault", cause), slog.String("stack", string(debug.Stack())))
		c.stop(mqtt.ImplementationSpecificError)
	}
}

// stop ends the connection; the first cause counts. A reason code is told to the client where MQTT 5 can. It does not
// wait, and may be called by anybody.
func (c *conn) stop(cause error) {
	c.mu.Lock()
	first := !c.stopped
	if first {
		c.stopped, c.cause = true, cause
		if c.refusal != nil {
			c.refusal.Stop()
		}
	}
	c.mu.Unlock()
	if !first {
		return
	}
	// A write that hangs must not hold up the end.
	_ = c.net.SetWriteDeadline(time.Now().Add(farewell))
	_ = c.net.SetReadDeadline(time.Unix(1, 0))
	c.cancel()
	c.wake()
}

// farewell is how long the last words may take.
const farewell = 500 * time.Millisecond

// reason is why the connection ended, nil while it lives.
func (c *conn) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cause
}

// maxControl bounds the answers that a client does not read.
const maxControl = 10_000

// queueControl sends a packet soon.
func (c *conn) queueControl(p packet.Packet) {
	c.mu.Lock()
	full := len(c.control) >= maxControl
	if !full {
		c.control = append(c.control, p)
		c.controlWaits.Store(true)
	}
	c.mu.Unlock()
	if full {
		c.stop(mqtt.QuotaExceeded)
		return
	}
	c.wake()
}

// readAll handles packets until the connection ends.
func (c *conn) readAll(ctx context.Context) error {
	defer c.recover() // before anybody waits for the writer
	defer c.endProof()
	for {
		p, err := c.reader.Next()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
			return errClosed
		case errors.Is(err, os.ErrDeadlineExceeded):
			return mqtt.KeepAliveTimeout // [MQTT-3.1.2-22]
		case err != nil:
			c.countLimit(err)
			return err
		}
		c.broker.received.Add(1)
		c.source.waits = false
		if err := c.handle(ctx, p); err != nil {
			return err
		}
	}
}

// handle does what one packet asks for. An error ends the connection.
func (c *conn) handle(ctx context.Context, p packet.Packet) error {
	switch p := p.(type) {
	case *packet.Publish:
		return c.publish(ctx, p)
	case *packet.Ack:
		return c.acknowledged(p)
	case *packet.Subscribe:
		return c.subscribe(ctx, p)
	case *packet.Unsubscribe:
		return c.unsubscribe(p)
	case *packet.Ping:
		if p.Response {
			return mqtt.ProtocolError
		}
		c.queueControl(&packet.Ping{Response: true})
		return nil
	case *packet.Disconnect:
		return c.goodbye(p)
	case *packet.Auth:
		return c.reauthenticate(ctx, p)
	default: // a second CONNECT [MQTT-3.1.0-2] [MQTT3-3.1.0-2], what only a server sends
		return mqtt.ProtocolError
	}
}

// goodbye ends the connection as the client wishes (MQTT 5, 3.14).
func (c *conn) goodbye(p *packet.Disconnect) error {
	if p.SessionExpiry != nil && *p.SessionExpiry > 0 && c.session.endedWithConnection() {
		return mqtt.ProtocolError // what was 0 stays 0 (MQTT 5, 3.14.2.2.2)
	}
	if p.SessionExpiry != nil {
		c.session.setExpiry(min(*p.SessionExpiry, c.broker.limits.SessionExpiry))
	}
	c.orderly = p.Code == mqtt.Success
	return errClosed
}

func (s *session) setExpiry(seconds uint32) {
	s.mu.Lock()
	s.expiry = seconds
	s.mu.Unlock()
}

// timed is the connection with the keep-alive: a whole packet comes within one and a half times what the client promised
// [MQTT-3.1.2-22] [MQTT3-3.1.2-24]. Bytes of one that does not end do not count.
type timed struct {
	conn *conn
	// waits is set while a packet is waited for.
	waits bool
}

func (t *timed) Read(p []byte) (int, error) {
	c := t.conn
	if c.session != nil && !t.waits {
		if err := c.setReadDeadline(); err != nil {
			return 0, err
		}
		t.waits = true
	}
	n, err := c.net.Read(p)
	c.broker.bytesReceived.Add(uint64(n))
	return n, err
}

// setReadDeadline does not undo the deadline of stop.
func (c *conn) setReadDeadline() error {
	var deadline time.Time
	if c.keepAlive > 0 {
		deadline = time.Now().Add(c.keepAlive * 3 / 2)
	}
	if err := c.net.SetReadDeadline(deadline); err != nil {
		return err
	}
	if c.ctx.Err() != nil {
		return net.ErrClosed
	}
	return nil
}

func protocolName(v packet.Version) string {
	switch v {
	case packet.V31:
		return "3.1"
	case packet.V311:
		return "3.1.1"
	default:
		return "5.0"
	}
}
