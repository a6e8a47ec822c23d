package certificates

import (
	"crypto/x509"
	"encoding/pem"
	"math"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// describe says what everybody may know of a chain.
func describe(kind gateway.CertificateKind, id string, chain []*x509.Certificate, now time.Time) gateway.Certificate {
	leaf := chain[0]
	description := gateway.Certificate{
		Kind: kind, ID: id, Subject: subjectOf(leaf), Issuer: leaf.Issuer.String(), Names: namesOf(leaf),
		NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(), DaysLeft: daysTo(leaf.NotAfter, now),
		Fingerprint: fingerprintOf(leaf.Raw), Key: keyText(leaf.PublicKey),
		Chain: []string{}, Listeners: []string{}, UsedBy: []string{},
	}
	for _, certificate := range chain[1:] {
		description.Chain = append(description.Chain, subjectOf(certificate))
	}
	return description
}

// subjectOf is never empty: certificates of today often have names only.
func subjectOf(certificate *x509.Certificate) string {
	if text := certificate.Subject.String(); text != "" {
		return text
	}
	if names := namesOf(certificate); len(names) > 0 {
		return names[0]
	}
	return "serial number " + certificate.SerialNumber.Text(16)
}

func namesOf(certificate *x509.Certificate) []string {
	names := append([]string{}, certificate.DNSNames...)
	for _, ip := range certificate.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

func daysTo(end, now time.Time) int {
	const day = 24 * time.Hour
	return int(math.Floor(float64(end.Sub(now)) / float64(day)))
}

// parseChain reads the certificates of a PEM text and leaves out what cannot be read.
func parseChain(text string) (chain []*x509.Certificate) {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return chain
		}
		if certificate, err := x509.ParseCertificate(block.Bytes); err == nil {
			chain = append(chain, certificate)
		}
	}
}

func parseDER(ders [][]byte) (chain []*x509.Certificate) {
	for _, der := range ders {
		if certificate, err := x509.ParseCertificate(der); err == nil {
			chain = append(chain, certificate)
		}
	}
	return chain
}
