package certificates

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/gateway"
)

var _ gateway.ClientCertificates = (*Set)(nil)

// ReadClient takes the pending key where the upload has a certificate alone.
func (s *Set) ReadClient(upload gateway.CertificateUpload, pending gateway.Secret) (gateway.ClientIdentity, error) {
	if len(upload.PKCS12) == 0 && upload.Key == "" {
		upload.Key = pending.Reveal()
	}
	now := s.Clock.Now()
	certificate, err := check(upload, now, forClients)
	if err != nil {
		return gateway.ClientIdentity{}, err
	}
	kept, err := stored("", certificate, nil)
	if err != nil {
		return gateway.ClientIdentity{}, err
	}
	return gateway.ClientIdentity{Chain: kept.Chain, Key: kept.Key}, nil
}

// DescribeChain is about the first one.
func (s *Set) DescribeChain(text string) (*gateway.Certificate, error) {
	chain, err := certificatesIn(text)
	if err != nil || len(chain) == 0 {
		return nil, err
	}
	found := describe(gateway.CertificateBridge, "", chain, s.Clock.Now())
	return &found, nil
}

// DescribeEach is about all.
func (s *Set) DescribeEach(text string) ([]gateway.Certificate, error) {
	found, err := certificatesIn(text)
	list := make([]gateway.Certificate, len(found))
	for i := range found {
		list[i] = describe(gateway.CertificateCA, "", found[i:i+1], s.Clock.Now())
	}
	return list, err
}

func certificatesIn(text string) ([]*x509.Certificate, error) {
	found := parseChain(text)
	if len(found) == 0 && strings.TrimSpace(text) != "" {
		return nil, errNoCertificate()
	}
	return found, nil
}

// forClients refuses what brokers would refuse.
func forClients(leaf *x509.Certificate) error {
	usages := leaf.ExtKeyUsage
	if len(usages) > 0 && !slices.Contains(usages, x509.ExtKeyUsageClientAuth) && !slices.Contains(usages, x509.ExtKeyUsageAny) {
		return gateway.Errorf(gateway.Invalid, "the certificate of %s is not for clients: have one issued for TLS client authentication", subjectOf(leaf))
	}
	return nil
}

// RequestClient makes a key of P-256, which all clouds take, where none is pending.
func (s *Set) RequestClient(commonName string, pending gateway.Secret) (request string, key gateway.Secret, err error) {
	var signer crypto.Signer
	if pending == "" {
		if signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return "", "", fmt.Errorf("make a key: %w", err)
		}
		encoded, err := x509.MarshalPKCS8PrivateKey(signer)
		if err != nil {
			return "", "", fmt.Errorf("encode the key: %w", err)
		}
		pending = gateway.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
	} else {
		block, _ := pem.Decode([]byte(pending.Reveal()))
		if block == nil {
			return "", "", errors.New("the pending key is no PEM")
		}
		if signer, err = parseKey(block.Bytes); err != nil {
			return "", "", err
		}
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: commonName}}, signer)
	if err != nil {
		return "", "", fmt.Errorf("make the request: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})), pending, nil
}
