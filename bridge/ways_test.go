package bridge_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/bridge"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt"
)

// identity is a certificate with its key, as PEM.
type identity struct {
	certificate, key string
	leaf             *x509.Certificate
	private          *ecdsa.PrivateKey
}

// MustIdentity makes a certificate of a name, by an authority, or by itself when that is nil.
func MustIdentity(tb testing.TB, name string, by *identity) *identity {
	tb.Helper()
	return makeIdentity(name, by, func(*x509.Certificate) {})
}

// makeIdentity panics where that cannot go wrong. change is for the certificate before it is signed.
func makeIdentity(name string, by *identity, change func(*x509.Certificate)) *identity {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: by == nil, BasicConstraintsValid: true,
	}
	change(template)
	parent, signer := template, key
	if by != nil {
		parent, signer = by.leaf, by.private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	must(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	i := &identity{private: key}
	i.certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	i.key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	i.leaf, err = x509.ParseCertificate(der)
	must(err)
	return i
}

// write puts the identity into two files for mosquitto.
func (i *identity) write(tb testing.TB) (certificate, key string) {
	tb.Helper()
	folder := tb.TempDir()
	certificate, key = filepath.Join(folder, "certificate.pem"), filepath.Join(folder, "key.pem")
	for path, text := range map[string]string{certificate: i.certificate, key: i.key} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return certificate, key
}

// mustPass runs a bridge until a message has arrived at the cloud.
func mustPass(t *testing.T, cloud *listener, config gateway.Bridge) {
	t.Helper()
	p := newPlant(t)
	b, _ := p.run(config, bridge.Options{})
	p.publish("line/a", 1, 1, 1)
	eventually(t, "the message is in the cloud: "+b.Status().Reason, func() bool { return len(cloud.messages()) == 1 })
}

// mustFail runs a bridge until it says why it cannot connect.
func mustFail(t *testing.T, config gateway.Bridge, because string) {
	t.Helper()
	b, _ := newPlant(t).run(config, bridge.Options{})
	eventually(t, "the bridge says: "+because, func() bool { return strings.Contains(b.Status().Reason, because) })
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func TestTLSWithOnesOwnCAAndCertificate(t *testing.T) {
	ca, foreign := MustIdentity(t, "plant CA", nil), MustIdentity(t, "foreign CA", nil)
	caFile, _ := ca.write(t)
	certificate, key := MustIdentity(t, "broker.plant", ca).write(t)
	port := freePort(t)
	m := MustMosquitto(t, fmt.Sprintf("%s\nlistener %s 127.0.0.1\ncafile %s\ncertfile %s\nkeyfile %s\nrequire_certificate true\n",
		anonymous, port, caFile, certificate, key))
	own := MustIdentity(t, "gateway", ca)
	config := outward(m, 5, 1)
	config.URL = "mqtts://127.0.0.1:" + port
	config.TLS = gateway.BridgeTLS{
		CA: ca.certificate, Certificate: own.certificate, Key: gateway.Secret(own.key), ServerName: "broker.plant",
	}
	mustPass(t, listen(t, m.address, "site/#"), config)

	wrong := map[string]func(*gateway.BridgeTLS){
		"from nobody we know":  func(tls *gateway.BridgeTLS) { tls.CA = foreign.certificate },
		"for another name":     func(tls *gateway.BridgeTLS) { tls.ServerName = "" },
		"certificate required": func(tls *gateway.BridgeTLS) { tls.Certificate, tls.Key = "", "" },
	}
	for because, spoil := range wrong {
		t.Run(because, func(t *testing.T) {
			config := config
			spoil(&config.TLS)
			mustFail(t, config, because)
		})
	}
}

// TestALPNIsOffered looks at the hand-shake from the side of a server that shares its port with others.
func TestALPNIsOffered(t *testing.T) {
	ca := MustIdentity(t, "cloud CA", nil)
	server := MustIdentity(t, "iot.example", ca)
	pair, err := tls.X509KeyPair([]byte(server.certificate), []byte(server.key))
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan *tls.ClientHelloInfo, 100)
	network, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		NextProtos: []string{"h2", "x-amzn-mqtt-ca"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			select {
			case asked <- hello:
			default:
			}
			return &pair, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	cloud := newPlant(t)
	cloud.serveOn(network)
	config := gateway.Bridge{
		URL: "mqtts://" + network.Addr().String(), TLS: gateway.BridgeTLS{CA: ca.certificate, ServerName: "iot.example", ALPN: "x-amzn-mqtt-ca"},
		Routes: []gateway.Route{{Direction: gateway.Out, Filter: "line/#"}},
	}
	b, _ := newPlant(t).run(config, bridge.Options{})
	eventually(t, "the bridge is up", isUp(b))
	if hello := <-asked; hello.ServerName != "iot.example" || len(hello.SupportedProtos) != 1 || hello.SupportedProtos[0] != "x-amzn-mqtt-ca" {
		t.Errorf("asked for %q with %q", hello.ServerName, hello.SupportedProtos)
	}
}

func TestWebSockets(t *testing.T) {
	ca := MustIdentity(t, "plant CA", nil)
	certificate, key := MustIdentity(t, "localhost", ca).write(t)
	plain, secure := freePort(t), freePort(t)
	m := MustMosquitto(t, fmt.Sprintf("%s\nlistener %s 127.0.0.1\nprotocol websockets\nlistener %s 127.0.0.1\nprotocol websockets\n"+
		"certfile %s\nkeyfile %s\n", anonymous, plain, secure, certificate, key))
	for url, t1 := range map[string]gateway.BridgeTLS{
		"ws://127.0.0.1:" + plain + "/mqtt": {},
		"wss://localhost:" + secure:         {CA: ca.certificate},
	} {
		t.Run(url[:3], func(t *testing.T) {
			cloud := listen(t, m.address, "site/#")
			config := outward(m, 5, 2)
			config.URL, config.TLS = url, t1
			p := newPlant(t)
			b, _ := p.run(config, bridge.Options{})
			p.publish("line/a", 2, 1, 2000)
			eventually(t, "all arrive", func() bool { return len(cloud.messages()) >= 2000 })
			eventually(t, "nothing waits", p.empty)
			checkNumbers(t, cloud.messages(), 2000)
			if s := b.Status(); s.PossiblyTwice != 0 {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// MustRun starts a program in the foreground and waits until it listens.
func MustRun(t *testing.T, port, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	if err := command.Start(); err != nil {
		t.Fatalf("start %s, of Debian's package of that name: %v", name, err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	eventually(t, name+" listens", func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		return err == nil && conn.Close() == nil
	})
}

func TestThroughASOCKSProxy(t *testing.T) {
	port := freePort(t)
	MustRun(t, port, "microsocks", "-i", "127.0.0.1", "-p", port, "-u", "gate", "-P", "secret")
	throughAProxy(t, gateway.BridgeProxy{URL: "socks5://127.0.0.1:" + port, Username: "gate", Password: "secret"})
}

func TestThroughAnHTTPProxy(t *testing.T) {
	port := freePort(t)
	file := filepath.Join(t.TempDir(), "tinyproxy.conf")
	text := fmt.Sprintf("Port %s\nListen 127.0.0.1\nTimeout 600\nBasicAuth gate secret\n", port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	MustRun(t, port, "tinyproxy", "-d", "-c", file)
	throughAProxy(t, gateway.BridgeProxy{URL: "http://127.0.0.1:" + port, Username: "gate", Password: "secret"})
}

func throughAProxy(t *testing.T, proxy gateway.BridgeProxy) {
	t.Helper()
	m := MustMosquitto(t, anonymous)
	config := outward(m, 5, 1)
	config.Proxy = proxy
	mustPass(t, listen(t, m.address, "site/#"), config)
	config.Proxy.Password = "wrong"
	mustFail(t, config, "no way through the proxy")
	config.Proxy.URL = proxy.URL[:strings.LastIndex(proxy.URL, ":")+1] + freePort(t)
	mustFail(t, config, "no way through the proxy")
}

// TestALoopEnds sends a message that came over seven bridges, and one that came over eight.
func TestALoopEnds(t *testing.T) {
	m := MustMosquitto(t, anonymous)
	cloud := listen(t, m.address, "#")
	p := newPlant(t)
	b, _ := p.run(outward(m, 5, 1), bridge.Options{})
	eventually(t, "the bridge is up", isUp(b))
	for _, hops := range []string{"", "7", "8", "9999999999999999999999"} {
		user := []mqtt.UserProperty{{Name: "a", Value: "1"}, {Name: "tidegate-hops", Value: hops}, {Name: "b", Value: "2"}}
		m := &mqtt.Message{Topic: "line/a", QoS: 1, Payload: []byte(hops), Properties: mqtt.Properties{User: user}}
		if err := p.machine.Publish(t.Context(), m, mqtt.Origin{}, func(error) {}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "nothing waits", p.empty)
	if s := b.Status(); s.Forwarded != 2 || s.Refused != 2 {
		t.Errorf("status %+v", s)
	}
	eventually(t, "two arrive", func() bool { return len(cloud.messages()) == 2 })
	for i, hops := range []string{"1", "8"} {
		want := []mqtt.UserProperty{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: "tidegate-hops", Value: hops}}
		if got := cloud.messages()[i].Properties.User; !slices.Equal(got, want) {
			t.Errorf("message %d has %v", i, got)
		}
	}
}
