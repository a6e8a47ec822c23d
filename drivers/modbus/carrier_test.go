package modbus_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/drivers/modbus"
	"github.com/tidegate/tidegate/gateway"
)

// authority makes certificates for a plant.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func mustBeAuthority(tb testing.TB) *authority {
	tb.Helper()
	a := &authority{}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "plant"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	a.certificate, a.key, a.pem, _ = mustSign(tb, template, nil)
	return a
}

// mustSign makes a certificate and its key, as values and as PEM.
func mustSign(tb testing.TB, template *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey, string, string) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.certificate, by.key
	}
	data, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		tb.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(data)
	if err != nil {
		tb.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return certificate, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: data})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// issue makes a certificate for a device or, with the role of Modbus/TCP Security in it, for us.
func (a *authority) issue(tb testing.TB, role string) (certificate, key string) {
	tb.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "plc"}, DNSNames: []string{"plc.example"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if role != "" {
		text, err := asn1.MarshalWithParams(role, "utf8")
		if err != nil {
			tb.Fatal(err)
		}
		template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 50316, 802, 1}, Value: text}}
	}
	_, _, certificate, key = mustSign(tb, template, a)
	return certificate, key
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func mustWriteFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Modbus/TCP Security against pymodbus, which wants our certificate too.
func TestPymodbusOverTLS(t *testing.T) {
	t.Parallel()
	plant, others := mustBeAuthority(t), mustBeAuthority(t)
	certificate, key := plant.issue(t, "")
	port := freePort(t)
	mustRunPeer(t, "tls", fmt.Sprint(port), mustWriteFile(t, "certificate", certificate), mustWriteFile(t, "key", key),
		mustWriteFile(t, "ca", plant.pem))
	connection := gateway.Connection{ID: "wire", URL: fmt.Sprintf("tls://127.0.0.1:%d", port), Timeout: gateway.Duration(2 * time.Second)}
	ownCertificate, ownKey := plant.issue(t, "Operator")
	connection.TLS = gateway.ConnectionTLS{CA: plant.pem, Certificate: ownCertificate, Key: gateway.Secret(ownKey)}
	talkOver(t, mustOpenConnection(t, connection), 1, 2, 247)

	wrong := connection
	wrong.TLS.CA = others.pem
	mustNotOpen(t, wrong, "not trusted")
	wrong = connection
	wrong.TLS.ServerName = "other.example"
	mustNotOpen(t, wrong, "not trusted")
	named := connection
	named.TLS.ServerName = "plc.example"
	mustOpenConnection(t, named)
	wrong = connection
	wrong.URL = strings.Replace(mustListen(t, newSlave("tcp")), "tcp://", "tls://", 1)
	wrong.Timeout = gateway.Duration(time.Second)
	mustNotOpen(t, wrong, "")
}

func mustOpenConnection(t *testing.T, c gateway.Connection) *modbus.Driver {
	t.Helper()
	d, err := modbus.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func mustNotOpen(t *testing.T, c gateway.Connection, hint string) {
	t.Helper()
	if _, err := modbus.Open(t.Context(), c); gateway.CodeOf(err) != gateway.Unavailable || !strings.Contains(err.Error(), hint) {
		t.Errorf("%v, want something about %q", err, hint)
	}
}

func TestPymodbusOverNetworks(t *testing.T) {
	for kind, scheme := range map[string]string{"udp": "rtu+udp", "rtu+tcp": "rtu+tcp", "ascii+tcp": "ascii+tcp"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			mustRunPeer(t, kind, fmt.Sprint(port))
			talkToPeer(t, fmt.Sprintf("%s://127.0.0.1:%d", scheme, port))
		})
	}
}

// A late datagram is as dangerous as a late frame on a line.
func TestNobodyOverUDP(t *testing.T) {
	d := mustOpen(t, "rtu+udp://127.0.0.1:1", time.Second)
	if readings, err := d.Poll(t.Context(), device(1), registers(1)); err == nil {
		t.Errorf("nobody listens there: %+v", readings)
	}
}

// echoing is a slave behind an adapter that gives back what it is sent.
func echoing(framing string) *slave {
	s := newSlave(framing)
	s.fault = func(request, reply []byte) []chunk {
		return []chunk{{data: request[:3]}, {data: append(append([]byte{}, request[3:]...), reply...)}}
	}
	return s
}

func TestEcho(t *testing.T) {
	for _, framing := range []string{"rtu", "ascii"} {
		t.Run(framing, func(t *testing.T) {
			url := mustPlug(t, echoing(framing))
			d := mustOpen(t, url+"&echo=on", time.Second)
			for i, r := range mustPoll(t, d, 1, registers(3)...) {
				if r.Quality != gateway.Good {
					t.Errorf("%d: %+v", i, r)
				}
			}
			// The reply to this write is equal to the request, and so to its echo.
			r, err := d.Write(t.Context(), device(1), point("holding:7", gateway.Uint16), gateway.UintValue(4711))
			if err != nil || r.Value != gateway.UintValue(4711) || r.Quality != gateway.Good {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// Without the device's own reply to a write its echo is no confirmation.
func TestEchoIsNoConfirmation(t *testing.T) {
	s := newSlave("rtu")
	s.fault = func(request, reply []byte) []chunk {
		if request[1] == 6 {
			return []chunk{{data: request}}
		}
		return []chunk{{data: request}, {data: reply}}
	}
	s.answer = func(_ byte, pdu []byte) []byte {
		if pdu[0] == 6 {
			return pdu // taken for granted, but never done
		}
		return nil
	}
	d := mustOpen(t, mustPlug(t, s)+"&echo=on", 50*time.Millisecond)
	if r, err := d.Write(t.Context(), device(1), point("holding:7", gateway.Uint16), gateway.UintValue(4711)); err == nil {
		t.Errorf("%+v", r)
	}
}

func TestEchoSettingIsWrong(t *testing.T) {
	s := newSlave("rtu")
	s.fault = func(request, _ []byte) []chunk { return []chunk{{data: request}} }
	d := mustOpen(t, mustPlug(t, s), 50*time.Millisecond)
	if r := mustPoll(t, d, 1, registers(1)...)[0]; !strings.Contains(r.Reason, "echo=on") {
		t.Errorf("an echo nobody expects: %+v", r)
	}
	d = mustOpen(t, mustPlug(t, newSlave("rtu"))+"&echo=on", 500*time.Millisecond)
	if r := mustPoll(t, d, 1, registers(1)...)[0]; !strings.Contains(r.Reason, "echo=off") || r.Quality != gateway.Bad {
		t.Errorf("an echo that does not come: %+v", r)
	}
}
