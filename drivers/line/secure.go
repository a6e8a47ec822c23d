package line

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// openTLS calls a device and shakes hands within dialTimeout. Who we are, and so which role we have there (extension
// 1.3.6.1.4.1.50316.802.1), is in the certificate that the plant's authority made for us: it is sent as it is.
func openTLS(ctx context.Context, a Address) (Line, error) {
	config, err := tlsConfig(a)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := tls.Dialer{NetDialer: &net.Dialer{KeepAliveConfig: keepAlive}, Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", a.Host)
	if err != nil {
		return nil, tlsError(a.Host, err)
	}
	return &secureWire{wire: wire{file: conn.(*tls.Conn)}}, nil
}

func tlsConfig(a Address) (*tls.Config, error) {
	// A plant's devices are vouched for by the plant's authority; TLS 1.2 is what the specification asks for at least.
	config := &tls.Config{ServerName: a.Security.ServerName, MinVersion: tls.VersionTLS12}
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(a.Host)
		if err != nil {
			return nil, urlErrorf("%q is not host and port", a.Host)
		}
		config.ServerName = host
	}
	if a.Security.CA != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(a.Security.CA)) {
			return nil, gateway.FieldErrorf("tls.ca", "there is no certificate in the text")
		}
	}
	if a.Security.Certificate != "" {
		own, err := tls.X509KeyPair([]byte(a.Security.Certificate), []byte(a.Security.Key.Reveal()))
		if err != nil {
			return nil, gateway.FieldErrorf("tls.certificate", "certificate and key cannot be used together: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

func tlsError(host string, err error) error {
	_, unverified := errors.AsType[*tls.CertificateVerificationError](err)
	_, refused := errors.AsType[tls.AlertError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case unverified:
		return gateway.Errorf(gateway.Unavailable, "the certificate of %s is not trusted: enter the authority that made it, "+
			"or the name that it was made for: %w", host, err)
	case refused:
		return gateway.Errorf(gateway.Unavailable, "%s refuses us: it may want a certificate of its own authority: %w", host, err)
	case plain:
		return gateway.Errorf(gateway.Unavailable, "%s does not speak TLS: use tcp:// or another port: %w", host, err)
	}
	return gateway.Errorf(gateway.Unavailable, "%s cannot be reached: check address, port and cable: %w", host, err)
}

// secureWire has no descriptor to look into: what arrived is known after decryption only. A write that runs into its
// deadline ends it, since half a record cannot be taken back.
type secureWire struct{ wire }

var _ Line = (*secureWire)(nil)

// glance is how long a look takes at what has arrived: a deadline in the past would read nothing at all.
const glance = time.Millisecond

// Buffered blocks for up to a millisecond.
func (w *secureWire) Buffered(p []byte) (int, error) {
	n, err := w.Read(context.Background(), p, time.Now().Add(glance))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, nil
	}
	return n, err
}

func (w *secureWire) Flush() error { return flush(w) }
