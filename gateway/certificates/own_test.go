package certificates_test

import (
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway/certificates"
)

type made struct {
	certificate tls.Certificate
	fingerprint string
}

func mustCertificate(t *testing.T, dir string, names []string, now time.Time) made {
	t.Helper()
	certificate, fingerprint, err := certificates.Own(dir, names, []net.IP{net.IPv4(10, 0, 0, 7)}, now)
	if err != nil {
		t.Fatal(err)
	}
	return made{certificate, fingerprint}
}

func (m made) serial() string { return m.certificate.Leaf.SerialNumber.String() }

func TestCertificateIsTrustedByItsCAForAllNames(t *testing.T) {
	now := time.Now()
	m := mustCertificate(t, t.TempDir(), []string{"Edge1", "bad_name\x00"}, now)
	ca, err := x509.ParseCertificate(m.certificate.Certificate[1])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	for _, name := range []string{"edge1", "edge1.local", "localhost", "127.0.0.1", "::1", "10.0.0.7"} {
		if _, err := m.certificate.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if life := m.certificate.Leaf.NotAfter.Sub(m.certificate.Leaf.NotBefore); life > 825*24*time.Hour {
		t.Errorf("the leaf lives %v", life)
	}
	if len(m.fingerprint) != 32*3-1 || !ca.IsCA || m.certificate.Leaf.IsCA {
		t.Errorf("%q", m.fingerprint)
	}
}

func TestCertificateStaysUntilItHasTo(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first := mustCertificate(t, dir, []string{"edge1"}, now)
	again := mustCertificate(t, dir, []string{"edge1"}, now.Add(700*24*time.Hour))
	if again.serial() != first.serial() {
		t.Error("a new leaf at each start: browsers would ask each time")
	}
	renamed := mustCertificate(t, dir, []string{"edge2"}, now)
	if renamed.serial() == first.serial() || renamed.certificate.Leaf.VerifyHostname("edge2") != nil {
		t.Error("the old leaf stays after a new name")
	}
	later := mustCertificate(t, dir, []string{"edge2"}, now.Add(800*24*time.Hour))
	if later.serial() == renamed.serial() {
		t.Error("a leaf that ends soon stays")
	}
	if later.fingerprint != first.fingerprint {
		t.Error("the CA changed, which people have imported")
	}
}

func TestCertificatesAreReadableByTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	mustCertificate(t, dir, []string{"edge1"}, time.Now())
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		if !entry.IsDir() {
			files++
		}
		return err
	})
	if err != nil || files != 2 {
		t.Errorf("%d files, %v", files, err)
	}
}

func TestABrokenCAIsNotReplacedInSilence(t *testing.T) {
	dir := t.TempDir()
	mustCertificate(t, dir, []string{"edge1"}, time.Now())
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := certificates.Own(dir, []string{"edge1"}, nil, time.Now()); err == nil {
		t.Error("no error")
	}
}
