package main

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// handleCertificates lets the owner of the gateway manage what it shows.
func (s *controlSocket) handleCertificates(c gateway.Certificates) {
	one := func(certificate gateway.Certificate, err error) ([]gateway.Certificate, error) {
		return []gateway.Certificate{certificate}, err
	}
	handle(s, "certificate-list", func(context.Context, certificateRequest) ([]gateway.Certificate, error) { return c.Certificates(), nil })
	handle(s, "certificate-check", func(_ context.Context, in certificateRequest) ([]gateway.Certificate, error) {
		return one(c.CheckCertificate(in.Upload))
	})
	handle(s, "certificate-add", func(ctx context.Context, in certificateRequest) ([]gateway.Certificate, error) {
		return one(c.AddCertificate(ctx, in.Upload, in.Author))
	})
	handle(s, "certificate-replace", func(ctx context.Context, in certificateRequest) ([]gateway.Certificate, error) {
		return one(c.ChangeCertificate(ctx, in.Upload, in.Author))
	})
	handle(s, "certificate-remove", func(ctx context.Context, in certificateRequest) ([]gateway.Certificate, error) {
		return nil, c.RemoveCertificate(ctx, in.Upload.ID, in.Author)
	})
}
