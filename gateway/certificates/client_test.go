package certificates_test

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/tidegate/tidegate/gateway"
)

func TestARequestedCertificateBelongsToThePendingKey(t *testing.T) {
	t.Parallel()
	set := newMachine(t).mustOpen(t)
	request, key, err := set.RequestClient("edge-1", "")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(request))
	asked, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil || asked.CheckSignature() != nil || asked.Subject.CommonName != "edge-1" {
		t.Fatalf("%+v %v", asked, err)
	}
	if again, same, err := set.RequestClient("edge-2", key); err != nil || same != key || again == request {
		t.Errorf("asked again: another key, or the old name: %v", err)
	}
	block, _ = pem.Decode([]byte(key.Reveal()))
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	root := newAuthority(t, nil, "root")
	leaf := issueFor(t, root, private.(*ecdsa.PrivateKey), func(c *x509.Certificate) { // no name but its common name
		c.Subject, c.ExtKeyUsage = asked.Subject, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	})
	got, err := set.ReadClient(gateway.CertificateUpload{Certificate: leaf.pem()}, key)
	if err != nil || got.Chain != leaf.pem() || got.Key != key {
		t.Errorf("%+v %v", got, err)
	}
	_, other, err := set.RequestClient("edge-3", "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = set.ReadClient(gateway.CertificateUpload{Certificate: leaf.pem()}, other)
	wantField(t, "another key", err, "certificate", "does not belong")
	_, err = set.ReadClient(gateway.CertificateUpload{Certificate: leaf.pem()}, "")
	wantField(t, "no key", err, "key", "no key")
	server := issueFor(t, root, private.(*ecdsa.PrivateKey), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })
	_, err = set.ReadClient(gateway.CertificateUpload{Certificate: server.pem()}, key)
	wantField(t, "for servers", err, "certificate", "not for clients")
}

func TestCertificatesAreDescribedWithoutAKey(t *testing.T) {
	t.Parallel()
	set := newMachine(t).mustOpen(t)
	root, other := newAuthority(t, nil, "root"), newAuthority(t, nil, "other")
	own, err := set.DescribeChain(root.pem() + other.pem())
	if err != nil || own.Subject != "CN=root" || len(own.Chain) != 1 || own.DaysLeft < 0 {
		t.Errorf("%+v %v", own, err)
	}
	if each, err := set.DescribeEach(root.pem() + other.pem()); err != nil || len(each) != 2 || each[1].Subject != "CN=other" || len(each[0].Chain) != 0 {
		t.Errorf("%+v %v", each, err)
	}
	if own, err := set.DescribeChain(" "); own != nil || err != nil {
		t.Errorf("of nothing: %+v %v", own, err)
	}
	_, err = set.DescribeEach("-----BEGIN NOTHING-----")
	wantField(t, "no certificate", err, "", "BEGIN CERTIFICATE")
}
