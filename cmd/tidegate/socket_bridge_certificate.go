package main

import (
	"cmp"
	"context"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/gateway/certificates"
)

// bridgeCertificateRequest is what the sub-commands ask of the running gateway.
type bridgeCertificateRequest struct {
	ID, CommonName, Author string
	Upload                 gateway.CertificateUpload
}

// bridgeCertificates change what bridges prove themselves with, for the owner of the gateway.
type bridgeCertificates struct {
	backlogs *backlogs
	tests    *bridgeTests
	set      *certificates.Set
}

func (s *controlSocket) handleBridgeCertificates(b *bridgeCertificates) {
	handle(s, "bridge-certificate-request", b.request)
	handle(s, "bridge-certificate-test", func(ctx context.Context, in bridgeCertificateRequest) (gateway.BridgeTest, error) {
		changed, err := b.with(in)
		if err != nil {
			return gateway.BridgeTest{}, err
		}
		return b.tests.TestBridge(ctx, changed)
	})
	handle(s, "bridge-certificate-replace", b.replace)
}

// request keeps the key here and gives out the request for its certificate.
func (b *bridgeCertificates) request(ctx context.Context, in bridgeCertificateRequest) (string, error) {
	config, err := b.backlogs.configured(in.ID)
	if err != nil {
		return "", err
	}
	request, key, err := b.set.RequestClient(cmp.Or(in.CommonName, config.ClientID, config.ID), config.TLS.NewKey)
	if err != nil {
		return "", err
	}
	return request, b.backlogs.change(ctx, in.ID, in.Author, func(c *gateway.Bridge) { c.TLS.NewKey = key })
}

// with is the bridge as it runs, with another certificate in place of its own.
func (b *bridgeCertificates) with(in bridgeCertificateRequest) (gateway.Bridge, error) {
	config, err := b.backlogs.configured(in.ID)
	if err != nil {
		return config, err
	}
	identity, err := b.set.ReadClient(in.Upload, config.TLS.NewKey)
	if err != nil {
		return config, err
	}
	config.TLS.Certificate, config.TLS.Key, config.TLS.NewKey = identity.Chain, identity.Key, ""
	return config, nil
}

// replace swaps: the next connection, which begins at once, has the new one.
func (b *bridgeCertificates) replace(ctx context.Context, in bridgeCertificateRequest) (gateway.Certificate, error) {
	changed, err := b.with(in)
	if err != nil {
		return gateway.Certificate{}, err
	}
	err = b.backlogs.change(ctx, in.ID, in.Author, func(c *gateway.Bridge) {
		c.TLS.Certificate, c.TLS.Key, c.TLS.NewKey = changed.TLS.Certificate, changed.TLS.Key, ""
	})
	if err != nil {
		return gateway.Certificate{}, err
	}
	for _, certificate := range b.set.Certificates() {
		if certificate.Kind == gateway.CertificateBridge && certificate.ID == in.ID {
			return certificate, nil
		}
	}
	return gateway.Certificate{Kind: gateway.CertificateBridge, ID: in.ID}, nil
}
