package certificates

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// maxUpload in bytes is far beyond any chain.
	maxUpload = 64 << 10
	// maxChain is how many certificates an upload may have; a chain has two to four.
	maxChain = 10
	// leastRSA in bits is what clients accept of today's authorities.
	leastRSA = 2048
)

// material is what was found in an upload, in any order.
type material struct {
	certificates []*x509.Certificate
	key          crypto.Signer
}

// check turns an upload into a certificate that can be shown: the key belongs to it, its chain is whole and in order, and
// it suits and is good at the time now. The error is a *gateway.Error that points at what is wrong.
func check(upload gateway.CertificateUpload, now time.Time, suits func(*x509.Certificate) error) (tls.Certificate, error) {
	found, err := read(upload)
	if err != nil {
		return tls.Certificate{}, err
	}
	field := "certificate"
	if len(upload.PKCS12) > 0 {
		field = "pkcs12"
	}
	if len(found.certificates) > maxChain {
		return tls.Certificate{}, gateway.FieldErrorf(field, "%d certificates are too many: leave those of others out", len(found.certificates))
	}
	chain, err := inOrder(found)
	if err == nil {
		err = good(chain, now)
	}
	if err == nil {
		err = suits(chain[0])
	}
	if err != nil {
		return tls.Certificate{}, gateway.InField(field, err)
	}
	result := tls.Certificate{PrivateKey: found.key, Leaf: chain[0]}
	for _, certificate := range chain {
		result.Certificate = append(result.Certificate, certificate.Raw)
	}
	return result, nil
}

func read(upload gateway.CertificateUpload) (*material, error) {
	switch {
	case len(upload.Certificate)+len(upload.Key)+len(upload.PKCS12) > maxUpload:
		return nil, gateway.Errorf(gateway.Invalid, "the files are too large: a certificate with its chain and key has less than %d KB", maxUpload>>10)
	case len(upload.PKCS12) > 0 && upload.Certificate+upload.Key != "":
		return nil, gateway.FieldErrorf("pkcs12", "send PEM or PKCS#12, not both")
	case len(upload.PKCS12) > 0:
		return readPKCS12(upload.PKCS12, upload.Password)
	case upload.Certificate == "":
		return nil, errMissing()
	}
	return readPEM(upload.Certificate, upload.Key)
}

func errNoCertificate() error {
	return gateway.Errorf(gateway.Invalid, "there is no certificate in the text: it begins with -----BEGIN CERTIFICATE-----")
}

func errMissing() error {
	return gateway.FieldErrorf("certificate", "the certificate is missing: choose its file")
}

// readPEM takes the key from either text.
func readPEM(certificate, key string) (*material, error) {
	found := &material{}
	if err := found.add("certificate", certificate); err != nil {
		return nil, err
	}
	if err := found.add("key", key); err != nil {
		return nil, err
	}
	switch {
	case len(found.certificates) == 0:
		return nil, gateway.InField("certificate", errNoCertificate())
	case found.key == nil:
		return nil, gateway.FieldErrorf("key", "there is no key in the text: it begins with -----BEGIN PRIVATE KEY-----")
	}
	return found, nil
}

func (m *material) add(field, text string) error {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil
		}
		if err := m.addBlock(block); err != nil {
			return gateway.InField(field, err)
		}
	}
}

func (m *material) addBlock(block *pem.Block) error {
	switch {
	case block.Type == "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return gateway.Errorf(gateway.Invalid, "a certificate in the text cannot be read: %w", err)
		}
		if !slices.ContainsFunc(m.certificates, certificate.Equal) {
			m.certificates = append(m.certificates, certificate)
		}
		return nil
	case block.Type == "CERTIFICATE REQUEST":
		return gateway.Errorf(gateway.Invalid, "this is the request for a certificate: send it to your authority and upload what it answers")
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return m.addKey(block)
	}
	return nil // parameters of a curve, and what else tools write beside a key
}

func (m *material) addKey(block *pem.Block) error {
	if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
		return gateway.Errorf(gateway.Invalid,
			"the key has a password: take it off with openssl pkey -in key.pem -out open.pem, or upload a PKCS#12 file")
	}
	if m.key != nil {
		return gateway.Errorf(gateway.Invalid, "there is more than one key: leave the others out")
	}
	key, err := parseKey(block.Bytes)
	if err != nil {
		return err
	}
	m.key = key
	return nil
}

func parseKey(der []byte) (crypto.Signer, error) {
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, gateway.Errorf(gateway.Invalid, "the key cannot be read: %w", err)
	}
	signer, is := key.(crypto.Signer)
	if !is {
		return nil, gateway.Errorf(gateway.Invalid, "a key of this kind cannot be used: use RSA or ECDSA")
	}
	return signer, nil
}

// inOrder gives the certificate of the key, and behind each one its issuer.
func inOrder(found *material) ([]*x509.Certificate, error) {
	rest := slices.Clone(found.certificates)
	at := slices.IndexFunc(rest, func(c *x509.Certificate) bool { return belongs(found.key, c) })
	if at < 0 {
		return nil, gateway.Errorf(gateway.Invalid, "the key does not belong to the certificate of %s: it is the key of another one", subjectOf(rest[0]))
	}
	var chain []*x509.Certificate
	for at >= 0 {
		last := rest[at]
		chain = append(chain, last)
		rest = slices.Delete(rest, at, at+1)
		at = slices.IndexFunc(rest, func(c *x509.Certificate) bool { return last.CheckSignatureFrom(c) == nil })
	}
	if len(rest) > 0 {
		return nil, gateway.Errorf(gateway.Invalid, "the certificate of %s is not part of the chain of %s, which ends at %s: leave it out, "+
			"or add what is missing between them", subjectOf(rest[0]), subjectOf(chain[0]), chain[len(chain)-1].Issuer)
	}
	return chain, nil
}

func belongs(key crypto.Signer, certificate *x509.Certificate) bool {
	public, is := certificate.PublicKey.(interface{ Equal(x crypto.PublicKey) bool })
	return is && public.Equal(key.Public())
}

// good refuses what is not valid now.
func good(chain []*x509.Certificate, now time.Time) error {
	for _, certificate := range chain {
		if now.After(certificate.NotAfter) {
			return gateway.Errorf(gateway.Invalid, "the certificate of %s expired on %s (it is %s here now)",
				subjectOf(certificate), dayOf(certificate.NotAfter), dayOf(now))
		}
		if now.Before(certificate.NotBefore) {
			return gateway.Errorf(gateway.Invalid, "the certificate of %s is valid from %s, and it is %s here now: is the clock right?",
				subjectOf(certificate), dayOf(certificate.NotBefore), dayOf(now))
		}
	}
	return nil
}

// forServers refuses what clients would refuse.
func forServers(leaf *x509.Certificate) error {
	usages := leaf.ExtKeyUsage
	switch key, isRSA := leaf.PublicKey.(*rsa.PublicKey); {
	case len(usages) > 0 && !slices.Contains(usages, x509.ExtKeyUsageServerAuth) && !slices.Contains(usages, x509.ExtKeyUsageAny):
		return gateway.Errorf(gateway.Invalid, "the certificate of %s is not for servers: have one issued for TLS server authentication", subjectOf(leaf))
	case len(namesOf(leaf)) == 0:
		return gateway.Errorf(gateway.Invalid, "the certificate of %s has no name or address that clients compare (subject alternative "+
			"name): have it issued with those under which the gateway is reached", subjectOf(leaf))
	case isRSA && key.N.BitLen() < leastRSA:
		return gateway.Errorf(gateway.Invalid, "a key of %d bits is too short: clients ask for at least %d", key.N.BitLen(), leastRSA)
	}
	return nil
}

func dayOf(t time.Time) string { return t.UTC().Format("2006-01-02") }

// stored is how a certificate is kept.
func stored(id string, certificate tls.Certificate, listeners []string) (gateway.StoredCertificate, error) {
	var chain strings.Builder
	for _, der := range certificate.Certificate {
		chain.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		return gateway.StoredCertificate{}, fmt.Errorf("encode the key: %w", err)
	}
	return gateway.StoredCertificate{
		ID: id, Chain: chain.String(), Listeners: listeners,
		Key: gateway.Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	}, nil
}

// keyText is the kind of a key.
func keyText(key crypto.PublicKey) string {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", key.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + key.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", key)
}
