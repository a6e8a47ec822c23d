package peers_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/broker"
	"github.com/tidegate/tidegate/mqtt/client"
)

// patience is how long a test waits for what has to come.
const patience = time.Minute

func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
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

// identity is a certificate that vouches for itself, with its key, for 127.0.0.1.
type identity struct{ certificate, key string }

func newIdentity(tb testing.TB) identity {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		tb.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	text := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return identity{text("CERTIFICATE", certificate), text("PRIVATE KEY", private)}
}

// peer is a cloud that can be stopped and started again with what it had kept.
type peer struct {
	preset, address, ca string
	start               func()
	stop                func()
}

func freePort(tb testing.TB) int {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // it listens on TCP
}

// newNATS is nats-server with MQTT in this process.
func newNATS(tb testing.TB) *peer {
	tb.Helper()
	own := newIdentity(tb)
	pair, err := tls.X509KeyPair([]byte(own.certificate), []byte(own.key))
	if err != nil {
		tb.Fatal(err)
	}
	port, directory := freePort(tb), tb.TempDir()
	p := &peer{preset: "nats", address: "127.0.0.1:" + strconv.Itoa(port), ca: own.certificate}
	var running *server.Server
	p.start = func() {
		options := &server.Options{
			ServerName: "cloud", Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: directory, NoLog: true, NoSigs: true,
			MQTT: server.MQTTOpts{Host: "127.0.0.1", Port: port, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}, TLSTimeout: 10},
		}
		if running, err = server.NewServer(options); err != nil {
			tb.Fatal(err)
		}
		running.Start()
		if !running.ReadyForConnections(patience) {
			tb.Fatal("nats-server is not ready")
		}
	}
	p.stop = func() {
		running.Shutdown()
		running.WaitForShutdown()
	}
	return p.ready(tb)
}

// newMosquitto is Debian's, with persistence.
func newMosquitto(tb testing.TB) *peer {
	tb.Helper()
	own, port, directory := newIdentity(tb), freePort(tb), tb.TempDir()
	p := &peer{preset: "mosquitto", address: "127.0.0.1:" + strconv.Itoa(port), ca: own.certificate}
	file := filepath.Join(directory, "mosquitto.conf")
	config := fmt.Sprintf("user root\nallow_anonymous true\nmax_queued_messages 0\npersistence true\npersistence_location %s/\n"+
		"listener %d 127.0.0.1\ncertfile %s/own.pem\nkeyfile %s/own.key\n", directory, port, directory, directory)
	for name, text := range map[string]string{"mosquitto.conf": config, "own.pem": own.certificate, "own.key": own.key} {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	var command *exec.Cmd
	p.start = func() {
		command = exec.CommandContext(context.Background(), "/usr/sbin/mosquitto", "-c", file)
		if err := command.Start(); err != nil {
			tb.Fatalf("start mosquitto, of Debian's package of that name: %v", err)
		}
		eventually(tb, "mosquitto listens", func() bool {
			conn, err := net.Dial("tcp", p.address)
			return err == nil && conn.Close() == nil
		})
	}
	p.stop = func() {
		_ = command.Process.Signal(os.Interrupt) // it saves its sessions
		_ = command.Wait()
	}
	return p.ready(tb)
}

func (p *peer) ready(tb testing.TB) *peer {
	tb.Helper()
	p.start()
	tb.Cleanup(func() { p.stop() })
	return p
}

// plant is a broker of ours with a bridge to a peer.
type plant struct {
	tb      testing.TB
	session mqtt.Session
	machine mqtt.Session
	bridge  *bridge.Bridge
}

func newPlant(tb testing.TB, to *peer) *plant {
	tb.Helper()
	config := gateway.Bridge{
		ID: "cloud", Preset: to.preset, URL: "mqtts://" + to.address, ClientID: "edge", TLS: gateway.BridgeTLS{CA: to.ca},
		Routes: []gateway.Route{
			{Direction: gateway.Out, Filter: "line/#", Prefix: "site/", QoS: 2},
			{Direction: gateway.In, Filter: "orders/#", QoS: 2},
		},
	}
	if err := config.ValidateAlone(); err != nil {
		tb.Fatalf("the bridge cannot be saved: %v", err)
	}
	p := &plant{tb: tb}
	ctx, cancel := context.WithCancel(context.Background())
	store := broker.NewMemory(5 * time.Millisecond)
	own := broker.New(broker.Options{Store: store})
	var parts sync.WaitGroup
	parts.Go(func() { _ = store.Run(ctx) })
	if err := own.Open(ctx); err != nil {
		tb.Fatal(err)
	}
	parts.Go(func() { _ = own.Run(ctx) })
	p.session = p.open(own, "$bridge/cloud", broker.SessionOptions{Class: mqtt.Now, Parking: broker.Parking{Messages: 100, Bytes: 1 << 20}})
	p.machine = p.open(own, "$drivers", broker.SessionOptions{Class: mqtt.Soon, Transient: true})
	orders := p.open(own, "orders", broker.SessionOptions{Class: mqtt.Now})
	if err := orders.Subscribe(tb.Context(), mqtt.Subscription{Filter: "orders/#", QoS: 2}); err != nil {
		tb.Fatal(err)
	}
	p.bridge = bridge.New(config, bridge.Options{
		Session: p.session, GatewayName: "edge", Backoff: gateway.Backoff{Min: 5 * time.Millisecond, Max: 50 * time.Millisecond},
	})
	parts.Go(func() { _ = p.bridge.Run(ctx) })
	tb.Cleanup(func() {
		cancel()
		parts.Wait()
	})
	eventually(tb, "the bridge is up", func() bool { return p.bridge.Status().State == gateway.StateUp })
	return p
}

func (p *plant) open(own *broker.Broker, id string, o broker.SessionOptions) mqtt.Session {
	p.tb.Helper()
	s, err := own.Session(p.tb.Context(), id, o)
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

// listener is a durable client of the peer that writes down what arrives, and comes back.
type listener struct {
	tb   testing.TB
	from *peer

	mu  sync.Mutex // guards got
	got map[string][]string
	// current is the connection in use.
	current *client.Client
}

func listen(tb testing.TB, from *peer) *listener {
	tb.Helper()
	l := &listener{tb: tb, from: from, got: map[string][]string{}}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			if c, err := l.connect(ctx); err == nil {
				_ = c.Run(ctx)
			}
		}
	})
	tb.Cleanup(func() {
		cancel()
		running.Wait()
	})
	eventually(tb, "the listener is there", func() bool { return l.client() != nil })
	if _, err := l.client().Subscribe(tb.Context(), mqtt.Subscription{Filter: "site/#", QoS: 2}); err != nil {
		tb.Fatal(err)
	}
	return l
}

func (l *listener) connect(ctx context.Context) (*client.Client, error) { return l.connectAs(ctx, 4) }

func (l *listener) connectAs(ctx context.Context, version int) (*client.Client, error) {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(l.from.ca))
	c, err := client.Connect(ctx, client.Options{
		URL: "mqtts://" + l.from.address, ClientID: "listener", Version: version, RootCAs: pool,
		Receive: func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
			l.mu.Lock()
			l.got[m.Topic] = append(l.got[m.Topic], string(m.Payload))
			l.mu.Unlock()
			settle(nil)
			return nil
		},
	})
	l.mu.Lock()
	l.current = c
	l.mu.Unlock()
	return c, err
}

func (l *listener) client() *client.Client {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current
}

func (l *listener) on(topic string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.got[topic])
}
