package gateway

import (
	"context"
	"time"
)

// Certificate is what everybody may know of a certificate that the gateway shows to others.
type Certificate struct {
	Kind CertificateKind `json:"kind" enum:"own,ca,uploaded,bridge"`
	// ID is that of an uploaded certificate or of a bridge; empty for the two of the device itself.
	ID      string `json:"id,omitempty"`
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
	// Names are the host names and addresses that it is for, which clients compare with what they connect to.
	Names     []string  `json:"names"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	// DaysLeft are whole days to NotAfter; negative when it has expired.
	DaysLeft int `json:"daysLeft"`
	// Fingerprint is the SHA-256 of the certificate in hexadecimal with colons.
	Fingerprint string `json:"fingerprint"`
	// Key is the kind of its key, such as ECDSA P-256 or RSA 2048.
	Key string `json:"key"`
	// Chain are the subjects of the certificates that are sent with it, its issuer first.
	Chain []string `json:"chain"`
	// Listeners are those that may show an uploaded one, by ID; PageListener is the page. Empty: all that speak TLS.
	Listeners []string `json:"listeners"`
	// UsedBy are the listeners that show it now to whoever asks for one of its names; of the own one, all that speak TLS.
	UsedBy []string `json:"usedBy"`
}

// CertificateKind says whose a certificate is.
type CertificateKind string

// The kinds.
const (
	// CertificateOwn is the one that the device's own authority has made. It is shown wherever no uploaded one fits.
	CertificateOwn CertificateKind = "own"
	// CertificateCA is the device's own authority.
	CertificateCA CertificateKind = "ca"
	// CertificateUploaded is one that a person has brought.
	CertificateUploaded CertificateKind = "uploaded"
	// CertificateBridge is the one that a bridge shows to its broker.
	CertificateBridge CertificateKind = "bridge"
)

// PageListener stands for the page over HTTPS among the listeners that show a certificate.
const PageListener = "page"

// CertificateUpload is a certificate with its key as a person brings it: as PEM, or as PKCS#12. It is never logged.
type CertificateUpload struct {
	// ID names it, by the rules for identifiers.
	ID string `json:"id"`
	// Certificate has the certificate and those between it and its authority as PEM, in any order. The key may be in it too.
	Certificate string `json:"certificate,omitempty"`
	// Key is PEM without a password.
	Key string `json:"key,omitempty"`
	// PKCS12 is a file of this format, in place of Certificate and Key.
	PKCS12 []byte `json:"pkcs12,omitempty"`
	// Password is that of PKCS12.
	Password string `json:"password,omitempty"`
	// Listeners are those that may show it; see Certificate.
	Listeners []string `json:"listeners,omitempty"`
}

// HasCertificate tells an upload from a change of Listeners alone.
func (u *CertificateUpload) HasCertificate() bool {
	return u.Certificate != "" || u.Key != "" || len(u.PKCS12) > 0 || u.Password != ""
}

// StoredCertificate is an uploaded certificate as it is stored.
type StoredCertificate struct {
	ID string
	// Chain is PEM, the certificate itself first.
	Chain string
	// Key is PKCS#8 as PEM.
	Key       Secret
	Listeners []string
	// Changed and Author say who brought it, and when.
	Changed time.Time
	Author  string
}

// Certificates are those that the gateway shows to others; see gateway/certificates. Keys never come out. A change is on disk
// when the method returns, and each handshake from then on goes by it; connections stay as they are.
type Certificates interface {
	// Certificates gives all: the own one, its authority, the uploaded ones by ID, then those of bridges.
	Certificates() []Certificate
	// CheckCertificate says what would be taken, and takes nothing. Invalid points at what is wrong.
	CheckCertificate(upload CertificateUpload) (Certificate, error)
	// AddCertificate takes a new one. Invalid: the ID is taken, or something does not do.
	AddCertificate(ctx context.Context, upload CertificateUpload, author string) (Certificate, error)
	// ChangeCertificate replaces one. An upload without a certificate changes its listeners alone.
	ChangeCertificate(ctx context.Context, upload CertificateUpload, author string) (Certificate, error)
	// RemoveCertificate goes back to the own one. NotFound when there is none of that ID.
	RemoveCertificate(ctx context.Context, id, author string) error
}

// ClientIdentity is what a bridge proves itself with.
type ClientIdentity struct {
	// Chain is PEM, the certificate itself first.
	Chain string
	// Key is PKCS#8 as PEM.
	Key Secret
}

// ClientCertificates makes and reads what bridges prove themselves with; it keeps nothing.
type ClientCertificates interface {
	// ReadClient gives what an upload has, in the form in which bridges have it. pending is the key of a request, used where
	// the upload has none. Invalid points at what is wrong.
	ReadClient(upload CertificateUpload, pending Secret) (ClientIdentity, error)
	// RequestClient makes a signing request as PEM (PKCS#10), for the pending key or, where that is empty, for a new one.
	RequestClient(commonName string, pending Secret) (request string, key Secret, err error)
	// DescribeChain says what is in a PEM text with a certificate and its chain behind it; nil for an empty text. Invalid: no
	// certificate is in it.
	DescribeChain(text string) (*Certificate, error)
	// DescribeEach says what is in a PEM text with certificates that stand alone. Invalid: none is in it, unless it is empty.
	DescribeEach(text string) ([]Certificate, error)
}
