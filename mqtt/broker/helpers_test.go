package broker_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/packet"
)

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

// plant is a broker with a listener and a store that outlives it.
type plant struct {
	*broker.Broker
	t       testing.TB
	store   *broker.Memory
	options broker.Options
	address string
	stop    func()
}

func newPlant(t testing.TB, options broker.Options) *plant {
	t.Helper()
	return newPlantOn(t, broker.NewMemory(5*time.Millisecond), options)
}

// unreliable is a store that admits everything, so that a failure comes with the commit.
type unreliable struct{ *broker.Memory }

func (unreliable) Admit(ctx context.Context, _ int) error { return ctx.Err() }

func newPlantOn(t testing.TB, store *broker.Memory, options broker.Options) *plant {
	t.Helper()
	p := &plant{t: t, store: store, options: options}
	if p.options.Store == nil {
		p.options.Store = p.store
	}
	p.start()
	t.Cleanup(func() { p.stop() })
	return p
}

// start runs a broker over what the store has.
func (p *plant) start() {
	p.t.Helper()
	storeCtx, stopStore := context.WithCancel(context.Background())
	var storing sync.WaitGroup
	storing.Go(func() { _ = p.store.Run(storeCtx) })
	eventually(p.t, "the store is open", func() bool { return p.store.Admit(storeCtx, 0) == nil })
	p.Broker = broker.New(p.options)
	ctx, cancel := context.WithCancel(context.Background())
	if err := p.Open(ctx); err != nil {
		p.t.Fatal(err)
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	p.address = listener.Addr().String()
	b := p.Broker
	var running sync.WaitGroup
	running.Go(func() {
		if err := b.Serve(ctx, broker.Listener{Listener: listener}); err != nil {
			p.t.Error(err)
		}
	})
	running.Go(func() { _ = b.Run(ctx) })
	p.stop = func() {
		cancel()
		running.Wait()
		stopStore()
		storing.Wait()
	}
}

// restart ends the broker and starts one over the same store.
func (p *plant) restart() {
	p.t.Helper()
	p.stop()
	p.start()
}

// client speaks packets.
type client struct {
	t       testing.TB
	conn    net.Conn
	version packet.Version
	reader  *packet.Reader
	connack *packet.Connack
	// early came before the answer to a subscription.
	early []packet.Packet
}

// dial opens a connection without CONNECT.
func (p *plant) dial() *client {
	p.t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(p.t.Context(), "tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	c := &client{t: p.t, conn: conn, version: packet.V5, reader: packet.NewReader(conn, 0)}
	c.reader.SetVersion(packet.V5)
	_ = conn.SetDeadline(time.Now().Add(patience))
	return c
}

// connect sends CONNECT and expects success.
func (p *plant) connect(request packet.Connect) *client {
	p.t.Helper()
	c := p.try(request)
	if c.connack.Code != mqtt.Success {
		p.t.Fatalf("connack %v, want success", c.connack.Code)
	}
	return c
}

// try sends CONNECT and expects an answer.
func (p *plant) try(request packet.Connect) *client {
	p.t.Helper()
	c := p.dial()
	if request.Version == 0 {
		request.Version = packet.V5
	}
	if request.ReceiveMaximum == 0 {
		request.ReceiveMaximum = 65535
	}
	c.version = request.Version
	c.reader.SetVersion(c.version)
	c.send(&request)
	c.connack = expect[*packet.Connack](c)
	return c
}

// v5 and v3 are the usual connects.
func (p *plant) v5(id string, expiry uint32) *client {
	p.t.Helper()
	return p.connect(packet.Connect{ClientID: id, SessionExpiry: expiry, CleanStart: expiry == 0})
}

func (p *plant) v3(id string, clean bool) *client {
	p.t.Helper()
	return p.connect(packet.Connect{Version: packet.V311, ClientID: id, CleanStart: clean})
}

func (c *client) send(packets ...packet.Packet) {
	c.t.Helper()
	var data []byte
	for _, p := range packets {
		var err error
		if data, err = packet.Append(data, c.version, p); err != nil {
			c.t.Fatal(err)
		}
	}
	if _, err := c.conn.Write(data); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// expect reads the next packet, which has to be of one type.
func expect[P packet.Packet](c *client) P {
	c.t.Helper()
	p, err := c.next()
	if err != nil {
		c.t.Fatalf("read %T: %v", *new(P), err)
	}
	wanted, ok := p.(P)
	if !ok {
		c.t.Fatalf("got %v %+v, want %T", p.Type(), p, *new(P))
	}
	return wanted
}

func (c *client) expectAck(kind packet.Type, id uint16, code mqtt.ReasonCode) {
	c.t.Helper()
	ack := expect[*packet.Ack](c)
	if ack.Kind != kind || ack.PacketID != id || ack.Code != code {
		c.t.Fatalf("got %v %d with %v, want %v %d with %v", ack.Kind, ack.PacketID, ack.Code, kind, id, code)
	}
}

func (c *client) expectPublish(topic, payload string) *packet.Publish {
	c.t.Helper()
	p := expect[*packet.Publish](c)
	if p.Topic != topic || string(p.Payload) != payload {
		c.t.Fatalf("got %q on %q, want %q on %q", p.Payload, p.Topic, payload, topic)
	}
	return p
}

// expectEnd reads a DISCONNECT with the code (MQTT 5) and the end of the connection.
func (c *client) expectEnd(code mqtt.ReasonCode) {
	c.t.Helper()
	if c.version == packet.V5 {
		if d := expect[*packet.Disconnect](c); d.Code != code {
			c.t.Fatalf("disconnect with %v, want %v", d.Code, code)
		}
	}
	c.expectClosed()
}

func (c *client) expectClosed() {
	c.t.Helper()
	p, err := c.next()
	if err == nil {
		c.t.Fatalf("got %v, want the end of the connection", p.Type())
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		c.t.Fatal("the connection was not closed")
	}
}

// ping proves that everything before was handled, and that nothing else was sent.
func (c *client) ping() {
	c.t.Helper()
	c.send(&packet.Ping{})
	if p := expect[*packet.Ping](c); !p.Response {
		c.t.Fatal("got PINGREQ, want PINGRESP")
	}
}

// subscribe keeps messages that come before the answer, as they may (MQTT 5, 3.8.4), for those who read next.
func (c *client) subscribe(subs ...mqtt.Subscription) []mqtt.ReasonCode {
	c.t.Helper()
	c.send(&packet.Subscribe{PacketID: 9999, Subscriptions: subs})
	var early []packet.Packet
	for {
		p, err := c.next()
		if err != nil {
			c.t.Fatalf("read the answer to SUBSCRIBE: %v", err)
		}
		if answer, isAnswer := p.(*packet.Suback); isAnswer {
			c.early = early
			return answer.Codes
		}
		early = append(early, p)
	}
}

func (c *client) next() (packet.Packet, error) {
	if len(c.early) > 0 {
		p := c.early[0]
		c.early = c.early[1:]
		return p, nil
	}
	return c.reader.Next()
}

func (c *client) publish(topic, payload string, qos mqtt.QoS, id uint16) {
	c.t.Helper()
	c.send(&packet.Publish{Topic: topic, Payload: []byte(payload), QoS: qos, PacketID: id})
	switch qos {
	case mqtt.AtLeastOnce:
		c.expectAck(packet.PUBACK, id, 0)
	case mqtt.ExactlyOnce:
		c.expectAck(packet.PUBREC, id, 0)
		c.send(&packet.Ack{Kind: packet.PUBREL, PacketID: id})
		c.expectAck(packet.PUBCOMP, id, 0)
	}
}

// receive takes n messages to their end, whatever the order of acknowledgements between them.
func (c *client) receive(n int) (payloads []string) {
	c.t.Helper()
	for open := 0; len(payloads) < n || open > 0; {
		p, err := c.next()
		if err != nil {
			c.t.Fatalf("after %d messages: %v", len(payloads), err)
		}
		switch p := p.(type) {
		case *packet.Publish:
			payloads = append(payloads, string(p.Payload))
			switch p.QoS {
			case mqtt.AtLeastOnce:
				c.send(&packet.Ack{Kind: packet.PUBACK, PacketID: p.PacketID})
			case mqtt.ExactlyOnce:
				open++
				c.send(&packet.Ack{Kind: packet.PUBREC, PacketID: p.PacketID})
			}
		case *packet.Ack:
			if p.Kind != packet.PUBREL || p.Code != 0 {
				c.t.Fatalf("got %v with %v, want PUBREL", p.Kind, p.Code)
			}
			open--
			c.send(&packet.Ack{Kind: packet.PUBCOMP, PacketID: p.PacketID})
		default:
			c.t.Fatalf("got %v among messages", p.Type())
		}
	}
	return payloads
}

// drop ends the connection without a word.
func (c *client) drop() { _ = c.conn.Close() }

// leave says goodbye.
func (c *client) leave() {
	c.send(&packet.Disconnect{})
	c.expectClosed()
}

// eventually polls until ok.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come true", what)
		}
		pause(time.Millisecond)
	}
}

// pause is between two looks of eventually.
func pause(d time.Duration) { <-time.After(d) }

// offline waits until the broker knows that a client is gone.
func (p *plant) offline(id string) {
	p.t.Helper()
	eventually(p.t, id+" is offline", func() bool {
		for _, s := range p.Sessions() {
			if s.ID == id {
				return !s.Connected
			}
		}
		return true
	})
}

// clock is a wall clock that a test sets.
type clock struct {
	mu sync.Mutex // guards at
	at time.Time
}

func newClock() *clock { return &clock{at: time.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
