package bridge

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/mqtt/client"
)

// identify says whom the connection trusts and who it is. The configuration was checked before it was saved.
func identify(o *client.Options, t gateway.BridgeTLS) error {
	o.ServerName = t.ServerName
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
