package certificates

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// caLife is that of the device: people import the CA into their browsers once.
	caLife = 20 * 365 * 24 * time.Hour
	// leafLife is the most that browsers accept of a CA that a person has imported.
	leafLife = 825 * 24 * time.Hour
	// leafRenewal is how long before its end a leaf is replaced: two weeks before an alarm would say that this does not work.
	leafRenewal = 45 * 24 * time.Hour
	// clockSlack lets certificates begin in the past: the clocks of small boards are late.
	clockSlack = 24 * time.Hour
)

// Own gives the leaf, made by the device's own CA, and the SHA-256 of the CA in hex with colons
// for comparing by eye. Both are kept in dir, readable by the owner only; the leaf is replaced when the names or
// addresses of the machine have changed or it ends within 45 days. names are without .local, which is added to each host.
func Own(dir string, names []string, ips []net.IP, now time.Time) (certificate tls.Certificate, fingerprint string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return tls.Certificate{}, "", fmt.Errorf("make the directory of certificates: %w", err)
	}
	ca, err := loadFile(dir, "ca")
	if errors.Is(err, fs.ErrNotExist) {
		ca, err = newCA(dir, now)
	}
	if err != nil {
		return tls.Certificate{}, "", fmt.Errorf("the certificate authority in %s: %w", dir, err)
	}
	names, ips = allNames(names), allIPs(ips)
	leaf, err := loadFile(dir, "page")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, "", fmt.Errorf("the certificate in %s: %w", dir, err)
	}
	if err != nil || !fits(leaf.Leaf, ca.Leaf, names, ips, now) {
		if leaf, err = newLeaf(dir, ca, names, ips, now); err != nil {
			return tls.Certificate{}, "", fmt.Errorf("make the own certificate: %w", err)
		}
	}
	leaf.Certificate = append(leaf.Certificate[:1:1], ca.Certificate[0])
	return leaf, fingerprintOf(ca.Certificate[0]), nil
}

func fingerprintOf(der []byte) string {
	sum := sha256.Sum256(der)
	text := strings.ToUpper(hex.EncodeToString(sum[:]))
	var pairs []string
	for pair := range slices.Chunk([]byte(text), 2) {
		pairs = append(pairs, string(pair))
	}
	return strings.Join(pairs, ":")
}

func allNames(names []string) []string {
	result := []string{"localhost"}
	for _, name := range names {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		result = append(result, name)
		if !strings.Contains(name, ".") && name != "localhost" {
			result = append(result, name+".local")
		}
	}
	result = slices.DeleteFunc(result, func(name string) bool { return !isHostName(name) })
	slices.Sort(result)
	return slices.Compact(result)
}

// isHostName leaves out what a certificate must not have, so that an odd host name does not cost the page.
func isHostName(name string) bool {
	return name != "" && len(name) <= 253 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" &&
		!strings.HasPrefix(name, ".") && !strings.Contains(name, "..")
}

func allIPs(ips []net.IP) []net.IP {
	result := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	for _, ip := range ips {
		if !slices.ContainsFunc(result, ip.Equal) {
			result = append(result, ip)
		}
	}
	return result
}

// fits reports whether a leaf can stay.
func fits(leaf, ca *x509.Certificate, names []string, ips []net.IP, now time.Time) bool {
	for _, ip := range ips {
		if !slices.ContainsFunc(leaf.IPAddresses, ip.Equal) {
			return false
		}
	}
	return slices.Equal(leaf.DNSNames, names) && len(leaf.IPAddresses) == len(ips) &&
		leaf.NotAfter.Sub(now) >= leafRenewal && !now.Before(leaf.NotBefore) && leaf.CheckSignatureFrom(ca) == nil
}

func newCA(dir string, now time.Time) (tls.Certificate, error) {
	template, err := newTemplate(now, caLife)
	if err != nil {
		return tls.Certificate{}, err
	}
	template.Subject = pkix.Name{CommonName: "Tidegate device CA " + template.SerialNumber.Text(16)[:8]}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign
	return issue(dir, "ca", template, nil)
}

func newLeaf(dir string, ca tls.Certificate, names []string, ips []net.IP, now time.Time) (tls.Certificate, error) {
	template, err := newTemplate(now, leafLife)
	if err != nil {
		return tls.Certificate{}, err
	}
	template.Subject = pkix.Name{CommonName: names[0]}
	template.DNSNames, template.IPAddresses = names, ips
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return issue(dir, "page", template, &ca)
}

func newTemplate(now time.Time, life time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("make a serial number: %w", err)
	}
	serial.SetBit(serial, 120, 1)
	begin := now.Add(-clockSlack)
	return &x509.Certificate{SerialNumber: serial, NotBefore: begin, NotAfter: begin.Add(life)}, nil
}

// issue makes a key and a certificate, signed by itself when there is no CA, and writes both.
func issue(dir, name string, template *x509.Certificate, ca *tls.Certificate) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a key: %w", err)
	}
	parent, signer := template, any(key)
	if ca != nil {
		parent, signer = ca.Leaf, ca.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("sign: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("encode the key: %w", err)
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := writeSafely(filepath.Join(dir, name+".pem"), text); err != nil {
		return tls.Certificate{}, err
	}
	return loadFile(dir, name)
}

// loadFile reads certificate and key, which stand in one file so that they cannot come apart.
func loadFile(dir, name string) (tls.Certificate, error) {
	path := filepath.Join(dir, name+".pem")
	text, err := os.ReadFile(path)
	if err != nil {
		return tls.Certificate{}, err
	}
	certificate, err := tls.X509KeyPair(text, text)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("%s: %w: remove the file and start again to have a new one", path, err)
	}
	return certificate, nil
}

// writeSafely leaves the old file or the new one after a power cut, never half of one.
func writeSafely(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("make a file: %w", err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(file.Name()))
	}
	return nil
}
