package main

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

// openHTTPS serves the page with a certificate of the device's own CA.
func (p *program) openHTTPS(ctx context.Context, server *web.Server) error {
	if p.settings.HTTPS == off {
		return nil
	}
	listener, err := listen(ctx, "the page over HTTPS", p.settings.HTTPS, p.anyPort)
	if err != nil {
		return err
	}
	p.https, p.fingerprint = listener, p.certificates.Fingerprint()
	// HTTP/1.1 only: the event stream lives with the page's other requests on connections of their own.
	config := p.certificates.TLS(gateway.PageListener)
	p.parts.Go("page over HTTPS", func(ctx context.Context) error { return server.Serve(ctx, tls.NewListener(listener, config)) })
	return nil
}

// machineNames are the names and addresses under which a browser may reach this machine.
func machineNames() ([]string, []net.IP) {
	names := []string{"localhost"}
	if host, err := os.Hostname(); err == nil && host != "" {
		host = strings.ToLower(host)
		names = append(names, host)
		if !strings.Contains(host, ".") {
			names = append(names, host+".local")
		}
	}
	addresses := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	for _, text := range machineAddresses() {
		addresses = append(addresses, net.ParseIP(text))
	}
	return slices.Compact(names), addresses
}
