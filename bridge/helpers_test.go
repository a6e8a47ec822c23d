package bridge_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/client"
)

// patience is how long a test waits for what has to come; long, since the machine may be busy; more with many messages.
var patience = func() time.Duration {
	if os.Getenv("TIDEGATE_LINK_MESSAGES") != "" {
		return 20 * time.Minute
	}
	return time.Minute
}()

// eventually polls until the condition holds.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			tb.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// mosquitto is Debian's broker on 127.0.0.1: the cloud.
type mosquitto struct {
	tb      testing.TB
	file    string
	address string
	command *exec.Cmd
	log     bytes.Buffer
}

func MustMosquitto(tb testing.TB, config string) *mosquitto {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	m := &mosquitto{tb: tb, address: listener.Addr().String(), file: filepath.Join(tb.TempDir(), "mosquitto.conf")}
	if err := listener.Close(); err != nil {
		tb.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(m.address)
	text := fmt.Sprintf("user root\nlistener %s 127.0.0.1\nmax_queued_messages 0\n%s\n", port, config)
	if err := os.WriteFile(m.file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	m.start()
	tb.Cleanup(func() {
		m.kill()
		if tb.Failed() {
			log := m.log.Bytes()
			tb.Logf("mosquitto says at last:\n%s", log[max(0, len(log)-2000):])
		}
	})
	return m
}

func (m *mosquitto) start() {
	m.tb.Helper()
	m.command = exec.CommandContext(context.Background(), "/usr/sbin/mosquitto", "-c", m.file)
	m.command.Stderr = &m.log
	if err := m.command.Start(); err != nil {
		m.tb.Fatalf("start mosquitto, of Debian's package of that name: %v", err)
	}
	eventually(m.tb, "mosquitto listens", func() bool {
		conn, err := net.Dial("tcp", m.address)
		return err == nil && conn.Close() == nil
	})
}

// kill ends it without a chance to save anything: without persistence all its sessions are gone.
func (m *mosquitto) kill() {
	_ = m.command.Process.Kill()
	_ = m.command.Wait()
}

// plant is a broker of ours with the session of a bridge.
type plant struct {
	tb      testing.TB
	broker  *broker.Broker
	bridged mqtt.Session
	machine mqtt.Session
}

func newPlant(tb testing.TB) *plant {
	tb.Helper()
	return newPlantWith(tb, broker.Limits{})
}

func newPlantWith(tb testing.TB, limits broker.Limits) *plant {
	tb.Helper()
	return newPlantFor(tb, broker.Options{Limits: limits})
}

func newPlantFor(tb testing.TB, options broker.Options) *plant {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	store := broker.NewMemory(5 * time.Millisecond)
	options.Store, options.LaneRules = store, laneRules
	p := &plant{tb: tb, broker: broker.New(options)}
	var parts sync.WaitGroup
	parts.Go(func() { _ = store.Run(ctx) })
	if err := p.broker.Open(ctx); err != nil {
		tb.Fatal(err)
	}
	parts.Go(func() { _ = p.broker.Run(ctx) })
	tb.Cleanup(func() {
		cancel()
		parts.Wait()
	})
	p.bridged = p.session("$bridge/cloud", broker.SessionOptions{Class: mqtt.Now})
	p.machine = p.session("$drivers", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	return p
}

func laneRules(text string) broker.LaneRules {
	of, sorts := bridge.ParseLanes(text)
	return broker.LaneRules{Of: of, Sorts: sorts}
}

// serve opens the broker to the network, as a cloud, and returns its address.
func (p *plant) serve() string {
	p.tb.Helper()
	network, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.tb.Fatal(err)
	}
	p.serveOn(network)
	return network.Addr().String()
}

func (p *plant) serveOn(network net.Listener) {
	p.tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.broker.Serve(ctx, broker.Listener{Listener: network}) }()
	p.tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			p.tb.Errorf("Serve: %v", err)
		}
	})
}

func (p *plant) session(id string, o broker.SessionOptions) mqtt.Session {
	p.tb.Helper()
	s, err := p.broker.Session(p.tb.Context(), id, o)
	if err != nil {
		p.tb.Fatal(err)
	}
	return s
}

// publish sends numbers from first to last and returns when the broker owns them.
func (p *plant) publish(topic string, qos mqtt.QoS, first, last int) {
	p.tb.Helper()
	settled := make(chan error, last-first+1)
	for i := first; i <= last; i++ {
		m := &mqtt.Message{Topic: topic, QoS: qos, Payload: fmt.Append(nil, i)}
		if err := p.machine.Publish(p.tb.Context(), m, mqtt.Origin{}, func(err error) { settled <- err }); err != nil {
			p.tb.Fatal(err)
		}
	}
	for range cap(settled) {
		if err := <-settled; err != nil {
			p.tb.Fatal(err)
		}
	}
}

// run starts a bridge and returns it with its end.
func (p *plant) run(config gateway.Bridge, o bridge.Options) (b *bridge.Bridge, stop func()) {
	p.tb.Helper()
	o.Backoff = gateway.Backoff{Min: 5 * time.Millisecond, Max: 50 * time.Millisecond}
	return p.start(config, o)
}

// runSlowly is run with an hour between two attempts.
func (p *plant) runSlowly(config gateway.Bridge, o bridge.Options) (b *bridge.Bridge, stop func()) {
	p.tb.Helper()
	o.Backoff = gateway.Backoff{Min: time.Hour, Max: 2 * time.Hour}
	return p.start(config, o)
}

func (p *plant) start(config gateway.Bridge, o bridge.Options) (b *bridge.Bridge, stop func()) {
	p.tb.Helper()
	config.ID = "cloud"
	o.Session, o.GatewayName = p.bridged, "edge"
	if o.Dial != nil && o.Resolve == nil {
		// Who dials himself knows what the names mean.
		o.Resolve = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil }
	}
	b = bridge.New(config, o)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				p.tb.Errorf("Run: %v", err)
			}
		})
	}
	p.tb.Cleanup(stop)
	if len(config.Routes) > 0 && config.Routes[0].Direction == gateway.Out {
		eventually(p.tb, "the bridge has subscribed", func() bool { return len(p.bridged.Subscriptions()) > 0 })
	}
	return b, stop
}

func (p *plant) empty() bool { return p.bridged.Queue().Messages == 0 }

// listener is a client of the cloud that writes down what arrives.
type listener struct {
	*client.Client

	tb testing.TB

	mu  sync.Mutex // guards got
	got []*mqtt.Message
}

func listen(tb testing.TB, address, filter string) *listener {
	tb.Helper()
	l := &listener{tb: tb}
	c, err := client.Connect(tb.Context(), client.Options{
		URL: "mqtt://" + address, ClientID: "listener", CleanStart: true, Version: 5, ReceiveMaximum: 65535,
		Receive: func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			l.mu.Lock()
			l.got = append(l.got, m)
			l.mu.Unlock()
			settle(nil)
			return nil
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	l.Client = c
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		<-ended
	})
	if _, err := c.Subscribe(tb.Context(), mqtt.Subscription{Filter: filter, QoS: 2, RetainAsPublished: true}); err != nil {
		tb.Fatal(err)
	}
	return l
}

// send publishes the numbers from first to last at QoS 2, without waiting for their acknowledgements.
func (l *listener) send(topic string, first, last int) {
	l.tb.Helper()
	for i := first; i <= last; i++ {
		m := &mqtt.Message{Topic: topic, QoS: 2, Payload: fmt.Append(nil, i)}
		if err := l.Publish(l.tb.Context(), m, func(error) {}); err != nil {
			l.tb.Fatal(err)
		}
	}
}

func (l *listener) messages() []*mqtt.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.got
}

// cutter is a network that breaks: each connection ends after a number of bytes, in either direction.
type cutter struct {
	mu   sync.Mutex // guards everything that follows
	left int
	low  int
	high int
	cuts int
	down bool
}

func (c *cutter) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	down := c.down
	if c.left > 0 {
		c.left--
	}
	budget := -1
	if c.left > 0 {
		budget = c.low + rand.IntN(c.high-c.low)
	}
	c.mu.Unlock()
	if down {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errCable}
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil || budget < 0 {
		return conn, err
	}
	return &cutConn{Conn: conn, cutter: c, budget: budget}, nil
}

var errCable = fmt.Errorf("the cable is out")

func (c *cutter) set(down bool) {
	c.mu.Lock()
	c.down = down
	c.mu.Unlock()
}

func (c *cutter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cuts
}

// cutConn lets exactly budget bytes through, then it is cut. What it wrote before arrives.
type cutConn struct {
	net.Conn
	cutter *cutter

	mu     sync.Mutex // guards budget
	budget int
}

// take gives at most n bytes of the budget.
func (c *cutConn) take(n int) int {
	c.mu.Lock()
	n = min(n, c.budget)
	over := c.budget > 0 && c.budget == n
	c.budget -= n
	c.mu.Unlock()
	if over {
		c.cutter.mu.Lock()
		c.cutter.cuts++
		c.cutter.mu.Unlock()
	}
	return n
}

func (c *cutConn) Write(p []byte) (int, error) {
	n := c.take(len(p))
	if n > 0 {
		if m, err := c.Conn.Write(p[:n]); err != nil {
			return m, err
		}
	}
	if n < len(p) {
		_ = c.Conn.Close()
		return n, errCable
	}
	return n, nil
}

func (c *cutConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if allowed := c.take(n); allowed < n {
		_ = c.Conn.Close()
		return allowed, errCable
	}
	return n, err
}

func mustWrite(tb testing.TB, file, text string) {
	tb.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}
