package line_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/line"
	"github.com/tidegate/tidegate/gateway"
)

// mustSign makes a certificate of 127.0.0.1 that vouches for itself.
func mustSign(tb testing.TB) (tls.Certificate, string) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	data, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: data}))
	return tls.Certificate{Certificate: [][]byte{data}, PrivateKey: key}, text
}

func mustOpenTLS(t *testing.T) (line.Line, peer) {
	t.Helper()
	certificate, text := mustSign(t)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var accepting sync.WaitGroup
	var device net.Conn
	accepting.Go(func() {
		if device, err = listener.Accept(); err == nil {
			err = device.(*tls.Conn).HandshakeContext(t.Context())
		}
	})
	a, parseErr := line.Of(gateway.Connection{
		URL: "tls://" + listener.Addr().String(), TLS: gateway.ConnectionTLS{CA: text},
	})
	if parseErr != nil {
		t.Fatal(parseErr)
	}
	l, openErr := a.Open(t.Context())
	accepting.Wait()
	if err != nil || openErr != nil {
		t.Fatal(err, openErr)
	}
	t.Cleanup(func() {
		_ = l.Close()
		_ = device.Close()
	})
	return l, device
}

// An empty datagram is not the end of a line of datagrams, and each is delivered whole.
func TestDatagrams(t *testing.T) {
	device, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	l := mustOpen(t, "rtu+udp://"+device.LocalAddr().String())
	if err := l.Write([]byte("hello"), soon()); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 512)
	n, from, err := device.ReadFrom(buffer)
	if err != nil || string(buffer[:n]) != "hello" {
		t.Fatalf("%q, %v", buffer[:n], err)
	}
	whole := bytes.Repeat([]byte("x"), 256)
	for _, datagram := range [][]byte{{}, whole} {
		if _, err := device.WriteTo(datagram, from); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := l.Read(t.Context(), buffer, soon()); err != nil || !bytes.Equal(buffer[:n], whole) {
		t.Errorf("%q, %v", buffer[:n], err)
	}
	if n, err := l.Buffered(buffer); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := l.Read(t.Context(), buffer, time.Now().Add(20*time.Millisecond)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestCertificatesNeedTLS(t *testing.T) {
	_, text := mustSign(t)
	_, err := line.Of(gateway.Connection{URL: "tcp://host", TLS: gateway.ConnectionTLS{CA: text}})
	if e, is := errors.AsType[*gateway.Error](err); !is || e.Field != "tls" {
		t.Errorf("%v", err)
	}
}

func TestHurryAdapter(t *testing.T) {
	root := t.TempDir()
	if line.HurryAdapter(root, "/dev/ttyUSB3") {
		t.Error("there is no such adapter")
	}
	directory := filepath.Join(root, "sys/bus/usb-serial/devices/ttyUSB3")
	if err := os.MkdirAll(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	timer := filepath.Join(directory, "latency_timer")
	if err := os.WriteFile(timer, []byte("16\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !line.HurryAdapter(root, "/dev/ttyUSB3") {
		t.Error("not set")
	}
	if text, err := os.ReadFile(timer); string(text) != "1" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
