package certificates_test

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/certificates"
)

// issued is a certificate with its key, and who issued it.
type issued struct {
	*x509.Certificate
	key    crypto.Signer
	issuer *issued
}

// newIssued makes a certificate that change has completed; nil as issuer: by itself.
func newIssued(t *testing.T, issuer *issued, change func(*x509.Certificate)) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return issueFor(t, issuer, key, change)
}

func issueFor(t *testing.T, issuer *issued, key crypto.Signer, change func(*x509.Certificate)) *issued {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(100 * 24 * time.Hour), BasicConstraintsValid: true,
	}
	change(template)
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{certificate, key, issuer}
}

func newAuthority(t *testing.T, issuer *issued, name string) *issued {
	t.Helper()
	return newIssued(t, issuer, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.KeyUsage = name, true, x509.KeyUsageCertSign
	})
}

func newServer(t *testing.T, issuer *issued, names ...string) *issued {
	t.Helper()
	return newIssued(t, issuer, func(c *x509.Certificate) {
		c.Subject, c.DNSNames = pkix.Name{CommonName: names[0]}, names
	})
}

func (i *issued) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Raw}))
}

func (i *issued) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// upload has the whole chain but its root.
func (i *issued) upload(t *testing.T, id string, listeners ...string) gateway.CertificateUpload {
	t.Helper()
	text := ""
	for c := i; c != nil && (c.issuer != nil || c == i); c = c.issuer {
		text += c.pem()
	}
	return gateway.CertificateUpload{ID: id, Certificate: text, Key: i.keyPEM(t), Listeners: listeners}
}

// store is one in memory; while broken it takes nothing.
type store struct {
	mu     sync.Mutex // guards everything that follows
	list   []gateway.StoredCertificate
	broken error
}

func (s *store) Certificates(context.Context) ([]gateway.StoredCertificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list), nil
}

func (s *store) PutCertificate(_ context.Context, c gateway.StoredCertificate) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	s.list = append(slices.DeleteFunc(s.list, func(x gateway.StoredCertificate) bool { return x.ID == c.ID }), c)
	slices.SortFunc(s.list, func(a, b gateway.StoredCertificate) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

func (s *store) RemoveCertificate(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.list)
	s.list = slices.DeleteFunc(s.list, func(x gateway.StoredCertificate) bool { return x.ID == id })
	if len(s.list) == before {
		return gateway.Errorf(gateway.NotFound, "there is none")
	}
	return nil
}

var errDisk = errors.New("the disk is gone")

// machine is what a set sees of the world. It may be changed while the set runs.
type machine struct {
	certificates.Options
	store *store

	mu     sync.Mutex // guards everything that follows
	names  []string
	ips    []net.IP
	now    func() time.Time
	config gateway.Config
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{store: &store{}, names: []string{"edge1"}, now: time.Now, config: gateway.Config{Listeners: []gateway.Listener{
		{ID: "lan", Kind: gateway.ListenTLS, Address: ":8883"},
		{ID: "ws", Kind: gateway.ListenSecureWebSocket, Address: ":8884"},
		{ID: "plain", Kind: gateway.ListenTCP, Address: ":1884"},
		{ID: "off", Kind: gateway.ListenTLS, Address: ":8885", Disabled: true},
	}}}
	m.Options = certificates.Options{
		Dir: t.TempDir(), Store: m.store, Page: true, Logger: slog.New(slog.DiscardHandler),
		Clock: gateway.Clock{Now: func() time.Time { m.mu.Lock(); defer m.mu.Unlock(); return m.now() }},
		Names: func() ([]string, []net.IP) { m.mu.Lock(); defer m.mu.Unlock(); return m.names, m.ips },
		Config: func() gateway.Config {
			m.mu.Lock()
			defer m.mu.Unlock()
			return m.config
		},
	}
	return m
}

func (m *machine) change(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

func (m *machine) mustOpen(t *testing.T) *certificates.Set {
	t.Helper()
	set, err := certificates.Open(t.Context(), m.Options)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func mustAdd(t *testing.T, set *certificates.Set, upload gateway.CertificateUpload) gateway.Certificate {
	t.Helper()
	certificate, err := set.AddCertificate(t.Context(), upload, "anna")
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// serveTLS answers one line to each connection, for as long as the client asks.
func serveTLS(t *testing.T, config *tls.Config) (address string) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = conn.Close() }()
				buffer := make([]byte, 1)
				for {
					if _, err := conn.Read(buffer); err != nil {
						return
					}
					if _, err := conn.Write(buffer); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	return listener.Addr().String()
}

// dial connects and trusts everybody: the test looks at what it was shown.
func dial(t *testing.T, address, name string, cache tls.ClientSessionCache) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: name, InsecureSkipVerify: true, ClientSessionCache: cache}) //nolint:gosec // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	mustEcho(t, conn)
	return conn
}

func mustEcho(t *testing.T, conn *tls.Conn) {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}

func shownTo(t *testing.T, address, name string) *x509.Certificate {
	t.Helper()
	return dial(t, address, name, nil).ConnectionState().PeerCertificates[0]
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
