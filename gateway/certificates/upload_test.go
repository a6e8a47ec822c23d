package certificates_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/tidegate/tidegate/gateway"
)

func TestACertificateIsLookedAtBeforeItIsTaken(t *testing.T) {
	root := newAuthority(t, nil, "root")
	between := newAuthority(t, root, "between")
	leaf := newIssued(t, between, func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "Edge", Organization: []string{"Plant"}}
		c.DNSNames, c.IPAddresses = []string{"edge.plant.example", "*.cell.example"}, []net.IP{net.IPv4(10, 0, 0, 7)}
	})
	set := newMachine(t).mustOpen(t)
	whole := gateway.CertificateUpload{Certificate: root.pem() + leaf.pem() + "a comment\n" + between.pem() + leaf.pem(), Key: leaf.keyPEM(t)}
	for name, upload := range map[string]gateway.CertificateUpload{
		"wrong order and doubles": whole,
		"key beside it":           {Certificate: leaf.keyPEM(t) + leaf.pem() + between.pem() + root.pem()},
		"PKCS#12":                 {PKCS12: mustPKCS12(t, pkcs12.Modern2023, leaf, root, between), Password: "open sesame"},
		"PKCS#12 of old tools":    {PKCS12: mustPKCS12(t, pkcs12.LegacyDES, leaf, between, root), Password: "open sesame"},
	} {
		got, err := set.CheckCertificate(upload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Subject != "CN=Edge,O=Plant" || got.Issuer != "CN=between" || !slices.Equal(got.Chain, []string{"CN=between", "CN=root"}) ||
			!slices.Equal(got.Names, []string{"edge.plant.example", "*.cell.example", "10.0.0.7"}) || got.DaysLeft != 99 || got.Key != "ECDSA P-256" {
			t.Errorf("%s: %+v", name, got)
		}
		if !slices.Equal(got.UsedBy, []string{"page", "lan", "ws"}) {
			t.Errorf("%s is used by %v", name, got.UsedBy)
		}
	}
	if len(set.Certificates()) != 2 {
		t.Errorf("a check took something: %+v", set.Certificates())
	}
}

func mustPKCS12(t *testing.T, encoder *pkcs12.Encoder, leaf *issued, others ...*issued) []byte {
	t.Helper()
	var chain []*x509.Certificate
	for _, other := range others {
		chain = append(chain, other.Certificate)
	}
	data, err := encoder.Encode(leaf.key, leaf.Certificate, chain, "open sesame")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWhatOpenSSLWritesIsTaken(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		command := exec.CommandContext(t.Context(), "openssl", args...)
		command.Dir = dir
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("openssl %v: %v %s", args, err, output)
		}
	}
	run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "30",
		"-subj", "/CN=edge", "-addext", "subjectAltName=DNS:edge.example")
	run("pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "edge.p12", "-passout", "pass:secret")
	run("ec", "-in", "key.pem", "-out", "old.pem", "-param_enc", "named_curve")
	run("ec", "-in", "key.pem", "-aes128", "-passout", "pass:secret", "-out", "locked.pem")
	run("pkcs8", "-topk8", "-in", "key.pem", "-passout", "pass:secret", "-out", "locked8.pem")
	file := func(name string) string { return mustRead(t, filepath.Join(dir, name)) }
	set := newMachine(t).mustOpen(t)
	for name, upload := range map[string]gateway.CertificateUpload{
		"PKCS#8": {Certificate: file("cert.pem"), Key: file("key.pem")}, "SEC 1": {Certificate: file("cert.pem"), Key: file("old.pem")},
		"PKCS#12": {PKCS12: []byte(file("edge.p12")), Password: "secret"},
	} {
		if got, err := set.CheckCertificate(upload); err != nil || !slices.Equal(got.Names, []string{"edge.example"}) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	for _, key := range []string{"locked.pem", "locked8.pem"} {
		_, err := set.CheckCertificate(gateway.CertificateUpload{Certificate: file("cert.pem"), Key: file(key)})
		wantField(t, key, err, "key", "password")
	}
	_, err := set.CheckCertificate(gateway.CertificateUpload{PKCS12: []byte(file("edge.p12")), Password: "wrong"})
	wantField(t, "wrong password", err, "password", "not the password")
}

func TestWhatClientsWouldRefuseIsRefused(t *testing.T) {
	root := newAuthority(t, nil, "root")
	between := newAuthority(t, root, "between")
	leaf := newServer(t, between, "edge.example")
	other := newServer(t, root, "other.example")
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*x509.Certificate)) gateway.CertificateUpload {
		return newIssued(t, root, func(c *x509.Certificate) {
			c.DNSNames = []string{"edge.example"}
			change(c)
		}).upload(t, "")
	}
	late := newIssued(t, root, func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.KeyUsage, c.NotAfter = "late", true, x509.KeyUsageCertSign, time.Now().Add(-time.Minute)
	})
	set := newMachine(t).mustOpen(t)
	pair := func(certificate, key string) gateway.CertificateUpload {
		return gateway.CertificateUpload{Certificate: certificate, Key: key}
	}
	for name, c := range map[string]struct {
		upload      gateway.CertificateUpload
		field, text string
	}{
		"nothing":              {gateway.CertificateUpload{}, "certificate", "missing"},
		"key alone":            {pair("", leaf.keyPEM(t)), "certificate", "missing"},
		"text":                 {pair("hello", "hello"), "certificate", "BEGIN CERTIFICATE"},
		"no key":               {pair(leaf.pem(), ""), "key", "no key"},
		"two keys":             {pair(leaf.pem()+other.keyPEM(t), leaf.keyPEM(t)), "key", "more than one key"},
		"foreign key":          {pair(leaf.pem()+between.pem(), other.keyPEM(t)), "certificate", "does not belong"},
		"foreign certificate":  {pair(leaf.pem()+other.pem(), leaf.keyPEM(t)), "certificate", "not part of the chain"},
		"gap in the chain":     {pair(leaf.pem()+root.pem(), leaf.keyPEM(t)), "certificate", "ends at CN=between"},
		"half a certificate":   {pair(strings.Replace(leaf.pem(), "M", "N", 1), leaf.keyPEM(t)), "certificate", "cannot be read"},
		"request":              {pair("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", ""), "certificate", "authority"},
		"broken key":           {pair(leaf.pem(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "key", "cannot be read"},
		"both forms":           {gateway.CertificateUpload{Certificate: "x", PKCS12: []byte("x")}, "pkcs12", "not both"},
		"no PKCS#12":           {gateway.CertificateUpload{PKCS12: []byte("hello")}, "pkcs12", "no PKCS#12"},
		"large":                {pair(strings.Repeat("x", 70_000), ""), "", "too large"},
		"many":                 {pair(leaf.pem()+manyOf(t, root, 11), leaf.keyPEM(t)), "certificate", "too many"},
		"expired":              {with(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), "certificate", "expired on"},
		"expired in the chain": {newServer(t, late, "edge.example").upload(t, ""), "certificate", "CN=late expired"},
		"not yet valid":        {with(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }), "certificate", "clock"},
		"for clients": {
			with(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
			"certificate", "not for servers",
		},
		"without names": {with(func(c *x509.Certificate) { c.DNSNames, c.Subject.CommonName = nil, "edge.example" }), "certificate", "alternative name"},
		"short key": {
			issueFor(t, root, short, func(c *x509.Certificate) { c.DNSNames = []string{"edge.example"} }).upload(t, ""),
			"certificate", "1024 bits",
		},
		"unknown listener": {leaf.upload(t, "", "lam"), "listeners", `no listener "lam"`},
		"plain listener":   {leaf.upload(t, "", "plain"), "listeners", "does not speak TLS"},
	} {
		_, err := set.CheckCertificate(c.upload)
		wantField(t, name, err, c.field, c.text)
	}
}

func manyOf(t *testing.T, issuer *issued, count int) (text string) {
	t.Helper()
	for range count {
		text += newServer(t, issuer, "x.example").pem()
	}
	return text
}

func wantField(t *testing.T, name string, err error, field, text string) {
	t.Helper()
	e, is := errors.AsType[*gateway.Error](err)
	if !is || e.Code != gateway.Invalid || e.Field != field || !strings.Contains(e.Message, text) {
		t.Errorf("%s: %v (field %q), want %q at %q", name, err, fieldOf(e), text, field)
	}
}

func fieldOf(e *gateway.Error) string {
	if e == nil {
		return ""
	}
	return e.Field
}

func FuzzUpload(f *testing.F) {
	f.Add("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n", []byte{})
	f.Add("", "", []byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, certificate, key string, file []byte) {
		// What is no certificate is Invalid, and nothing else: no panic, no internal error.
		_, err := newMachine(t).mustOpen(t).CheckCertificate(gateway.CertificateUpload{Certificate: certificate, Key: key, PKCS12: file})
		if gateway.CodeOf(err) != gateway.Invalid {
			t.Errorf("%v", err)
		}
	})
}
