package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/mqtt"
	"github.com/tidegate/tidegate/mqtt/client"
)

// MustConnect connects to a real broker and runs until the test ends.
func MustConnect(tb testing.TB, o client.Options) running {
	tb.Helper()
	c, err := client.Connect(tb.Context(), o)
	if err != nil {
		tb.Fatal(err)
	}
	r := start(tb, c)
	tb.Cleanup(func() {
		r.stop()
		if err := r.end(tb); err != nil {
			tb.Errorf("the connection of %s ended with %v", o.ClientID, err)
		}
	})
	return r
}

// received collects what comes from the other broker.
func received() (chan *mqtt.Message, func(context.Context, *mqtt.Message, uint16, mqtt.Settle) error) {
	got := make(chan *mqtt.Message, 10_000)
	return got, func(_ context.Context, m *mqtt.Message, _ uint16, settle mqtt.Settle) error {
		got <- m
		go settle(nil) // on somebody else's goroutine, as a committer does
		return nil
	}
}

func TestMosquittoBothWays(t *testing.T) {
	m := MustMosquitto(t, anonymous)
	for _, version := range []int{4, 5} {
		for qos := range mqtt.QoS(3) {
			t.Run(fmt.Sprintf("version %d QoS %d", version, qos), func(t *testing.T) {
				bothWays(t, m, version, qos)
			})
		}
	}
}

func bothWays(t *testing.T, m *mosquitto, version int, qos mqtt.QoS) {
	const count = 500
	got, take := received()
	o := client.Options{URL: "mqtt://" + m.address, Version: version, CleanStart: true, ClientID: "in", Receive: take}
	in := MustConnect(t, o)
	if _, err := in.Subscribe(t.Context(), mqtt.Subscription{Filter: "plant/#", QoS: 2}); err != nil {
		t.Fatal(err)
	}
	o.ClientID, o.Receive = "out", nil
	out := MustConnect(t, o)
	settled := make(chan error, count)
	message := mqtt.Message{Topic: "plant/a", QoS: qos}
	if version == 5 {
		message.Properties = mqtt.Properties{
			PayloadFormat: new(byte(1)), ContentType: "text", ResponseTopic: "answer", CorrelationData: []byte{1},
			User: []mqtt.UserProperty{{Name: "n", Value: "1"}, {Name: "n", Value: "2"}},
		}
	}
	for i := range count {
		next := message
		next.Payload = fmt.Append(nil, i)
		if err := out.Publish(t.Context(), &next, func(err error) { settled <- err }); err != nil {
			t.Fatal(err)
		}
	}
	for i := range count {
		if err := <-settled; err != nil {
			t.Fatalf("settlement %d: %v", i, err)
		}
		want := message
		want.Payload = fmt.Append(nil, i)
		select {
		case m := <-got:
			if diff := cmp.Diff(&want, m); diff != "" {
				t.Fatalf("message %d: %s", i, diff)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("message %d does not come", i)
		}
	}
}

func TestMosquittoKeepsSession(t *testing.T) {
	for _, version := range []int{4, 5} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			m := MustMosquitto(t, anonymous)
			o := client.Options{
				URL: "mqtt://" + m.address, Version: version, ClientID: "kept", SessionExpiry: mqtt.NeverExpires, CleanStart: version == 5,
			}
			for i, want := range []bool{false, true} {
				c, err := client.Connect(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if c.SessionPresent() != want {
					t.Errorf("connection %d: session present %t", i, c.SessionPresent())
				}
				if got := c.Announced(); version == 5 && got.ReceiveMaximum != 20 {
					t.Errorf("announced %+v", got)
				}
				r := start(t, c)
				r.stop()
				if err := r.end(t); err != nil {
					t.Error(err)
				}
				o.CleanStart = false
			}
		})
	}
}

func TestMosquittoPassword(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passwords")
	if err := exec.CommandContext(t.Context(), "mosquitto_passwd", "-b", "-c", file, "tim", "right").Run(); err != nil {
		t.Fatalf("mosquitto_passwd, of Debian's package mosquitto: %v", err)
	}
	m := MustMosquitto(t, "allow_anonymous false\npassword_file "+file)
	for _, version := range []int{4, 5} {
		o := client.Options{URL: "mqtt://" + m.address, Version: version, ClientID: "x", Username: "tim", Password: "wrong"}
		if _, err := client.Connect(t.Context(), o); !errors.Is(err, mqtt.NotAuthorized) {
			t.Errorf("version %d: %v, want %v", version, err, mqtt.NotAuthorized)
		}
		o.Password = "right"
		MustConnect(t, o).stop()
	}
}

func TestMosquittoOverTLS(t *testing.T) {
	dir := t.TempDir()
	pool := writeCertificate(t, dir)
	m := MustMosquitto(t, anonymous+fmt.Sprintf("certfile %s\nkeyfile %s", filepath.Join(dir, "cert"), filepath.Join(dir, "key")))
	o := client.Options{URL: "mqtts://" + m.address, ClientID: "safe", CleanStart: true}
	if _, err := client.Connect(t.Context(), o); err == nil {
		t.Fatal("a certificate that nobody knows is accepted")
	} else if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
		t.Errorf("error %v", err)
	}
	o.RootCAs = pool
	r := MustConnect(t, o)
	if _, err := r.Subscribe(t.Context(), mqtt.Subscription{Filter: "a"}); err != nil {
		t.Error(err)
	}
}

// writeCertificate makes a self-signed certificate of 127.0.0.1.
func writeCertificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cloud"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert": {Type: "CERTIFICATE", Bytes: der}, "key": {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(certificate)
	return pool
}
