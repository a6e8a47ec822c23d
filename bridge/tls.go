package bridge

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt/client"
)

// identify says whom the connection trusts and who it is. The configuration was checked before it was saved.
func identify(o *client.Options, t gateway.BridgeTLS) error {
	o.ServerName, o.Verify = t.ServerName, pinned(&t)
	if t.ALPN != "" {
		o.ALPN = []string{t.ALPN}
	}
	if t.CA != "" {
		o.RootCAs = x509.NewCertPool()
		if !o.RootCAs.AppendCertsFromPEM([]byte(t.CA)) {
			return errors.New("the bridge's CA is no certificate")
		}
	}
	if t.Certificate == "" {
		return nil
	}
	own, err := tls.X509KeyPair([]byte(t.Certificate), []byte(t.Key.Reveal()))
	if err != nil {
		return fmt.Errorf("the bridge's certificate: %w", err)
	}
	o.Certificates = []tls.Certificate{own}
	return nil
}

// ownEnd is when the certificate of the bridge itself ends; nil without one.
func ownEnd(t *gateway.BridgeTLS) *time.Time {
	block, _ := pem.Decode([]byte(t.Certificate))
	if block == nil {
		return nil
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return &leaf.NotAfter
}
