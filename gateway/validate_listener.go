package gateway

import (
	"crypto/x509"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
)

func (c *Config) validateListeners() error {
	taken := map[string]string{}
	for i, listener := range c.Listeners {
		field := fmt.Sprintf("listeners[%d]", i)
		if err := listener.validate(field); err != nil {
			return err
		}
		if other, is := taken[listener.Address]; is {
			return FieldErrorf(field+".address", "%q is also the address of %s", listener.Address, other)
		}
		taken[listener.Address] = listener.ID
	}
	return uniqueIDs("listeners", c.Listeners, func(l Listener) string { return l.ID })
}

func (l *Listener) validate(field string) error {
	if l.ID == LocalListener || l.ID == SocketListener {
		return FieldErrorf(field+".id", "%q is a listener of the start-up file: choose another name", l.ID)
	}
	if err := l.validateAddress(field); err != nil {
		return err
	}
	if err := l.validateProxies(field); err != nil {
		return err
	}
	return l.validateCertificates(field)
}

// maxProxies is how many addresses and networks of proxies a listener may trust.
const maxProxies = 64

func (l *Listener) validateProxies(field string) error {
	switch {
	case l.ProxyProtocol && l.Kind == ListenUnix:
		return FieldErrorf(field+".proxyProtocol", "a unix socket does not see the address of a proxy: choose the kind tcp, tls, ws or wss")
	case l.ProxyProtocol && len(l.TrustedProxies) == 0:
		return FieldErrorf(field+".trustedProxies", "the PROXY protocol needs the addresses of the proxies that are believed")
	case !l.ProxyProtocol && len(l.TrustedProxies) > 0:
		return FieldErrorf(field+".trustedProxies", "proxies are trusted only with the PROXY protocol: switch it on, or remove them")
	case len(l.TrustedProxies) > maxProxies:
		return FieldErrorf(field+".trustedProxies", "there are more than %d addresses: name networks, such as 192.0.2.0/24", maxProxies)
	}
	if _, err := l.Proxies(); err != nil {
		return FieldErrorf(field+".trustedProxies", "%w", err)
	}
	return nil
}

// maxSocketPath is what Linux takes as the path of a unix socket, in bytes.
const maxSocketPath = 107

func (l *Listener) validateAddress(field string) error {
	switch l.Kind {
	case ListenUnix:
		if !filepath.IsAbs(l.Address) || len(l.Address) > maxSocketPath {
			return FieldErrorf(field+".address", "%q is not the path of a socket: it begins with / and has at most %d bytes",
				l.Address, maxSocketPath)
		}
		return nil
	case ListenTCP, ListenTLS, ListenWebSocket, ListenSecureWebSocket:
	default:
		return FieldErrorf(field+".kind", "%q is not tcp, tls, ws, wss or unix", l.Kind)
	}
	_, port, err := net.SplitHostPort(l.Address)
	if n, wrong := strconv.Atoi(port); err != nil || wrong != nil || n < 1 || n > 65535 {
		return FieldErrorf(field+".address", "%q is not an address: use host:port, or :port for all interfaces", l.Address)
	}
	return nil
}

func (l *Listener) validateCertificates(field string) error {
	switch l.ClientCertificates {
	case CertificateIgnored:
		if l.CertificateUser {
			return FieldErrorf(field+".certificateUser", "the name of a certificate needs one: make client certificates optional or required")
		}
		return nil
	case CertificateOptional, CertificateRequired:
	default:
		return FieldErrorf(field+".clientCertificates", "%q is not optional or required", l.ClientCertificates)
	}
	if !l.Secure() {
		return FieldErrorf(field+".clientCertificates", "client certificates need TLS: choose the kind tls or wss")
	}
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(l.ClientCA)) {
		return FieldErrorf(field+".clientCA", "there is no certificate in the text: it begins with -----BEGIN CERTIFICATE-----")
	}
	return nil
}
