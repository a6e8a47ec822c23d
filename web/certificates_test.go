package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

// shownCertificate is the one that the plant shows.
var shownCertificate = gateway.Certificate{
	Kind: gateway.CertificateUploaded, ID: "plant", Subject: "CN=edge", Issuer: "CN=root", Names: []string{"edge.example"},
	NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), DaysLeft: 30,
	Fingerprint: "AB:CD", Key: "ECDSA P-256", Chain: []string{}, Listeners: []string{}, UsedBy: []string{"lan"},
}

func (p *plant) Certificates() []gateway.Certificate { return []gateway.Certificate{shownCertificate} }

func (p *plant) CheckCertificate(upload gateway.CertificateUpload) (gateway.Certificate, error) {
	if upload.Key != "its key" && string(upload.PKCS12) != "its file" {
		return gateway.Certificate{}, gateway.FieldErrorf("key", "the key does not belong to it")
	}
	certificate := shownCertificate
	certificate.ID = upload.ID
	return certificate, nil
}

func (p *plant) AddCertificate(_ context.Context, upload gateway.CertificateUpload, _ string) (gateway.Certificate, error) {
	return p.CheckCertificate(upload)
}

func (p *plant) ChangeCertificate(_ context.Context, upload gateway.CertificateUpload, _ string) (gateway.Certificate, error) {
	return p.CheckCertificate(upload)
}

func (p *plant) RemoveCertificate(_ context.Context, id, _ string) error {
	if id != "plant" {
		return gateway.Errorf(gateway.NotFound, "there is no uploaded certificate %q", id)
	}
	return nil
}

func TestCertificates(t *testing.T) {
	p := newPage()
	if got := mustDecode[[]gateway.Certificate](t, p.as(gateway.RoleViewer, "GET", "/api/v1/certificates", "")); len(got) != 1 || got[0].DaysLeft != 30 {
		t.Errorf("list %+v", got)
	}
	sent := web.CertificateEdit{ID: "new", Certificate: "PEM", Key: "its key"}
	if got := mustDecode[gateway.Certificate](t, p.asAdministrator("POST", "/api/v1/certificates", sent)); got.ID != "new" || got.Subject != "CN=edge" {
		t.Errorf("added %+v", got)
	}
	sent = web.CertificateEdit{PKCS12: []byte("its file")}
	if got := mustDecode[gateway.Certificate](t, p.asAdministrator("POST", "/api/v1/certificates/check", sent)); got.Subject != "CN=edge" {
		t.Errorf("checked %+v", got)
	}
	if got := mustDecode[gateway.Certificate](t, p.asAdministrator("PUT", "/api/v1/certificates/plant", sent)); got.ID != "plant" {
		t.Errorf("changed %+v", got)
	}
	sent.ID = "other"
	wantProblem(t, p.asAdministrator("PUT", "/api/v1/certificates/plant", sent), http.StatusUnprocessableEntity, gateway.Invalid, "id")
	if answer := p.asAdministrator("DELETE", "/api/v1/certificates/plant", nil); answer.Code != http.StatusNoContent && answer.Code != http.StatusOK {
		t.Errorf("removed: %d %s", answer.Code, answer.Body)
	}
	wantProblem(t, p.asAdministrator("DELETE", "/api/v1/certificates/other", nil), http.StatusNotFound, gateway.NotFound, "")
}

func TestAnUploadedKeyIsNeitherShownNorLogged(t *testing.T) {
	p := newPage()
	for _, body := range []string{
		`{"id":"new","certificate":"PEM","key":"` + canarySecret + `"}`,
		`{"id":"new","certificate":7,"key":"` + canarySecret + `","password":"` + canarySecret + `"}`,
	} {
		answer := p.as(gateway.RoleAdministrator, "POST", "/api/v1/certificates", body)
		if answer.Code != http.StatusUnprocessableEntity || strings.Contains(answer.Body.String()+p.log.String(), canarySecret) {
			t.Errorf("%d %s\n%s", answer.Code, answer.Body, p.log)
		}
	}
}

const canarySecret = "the key that nobody may see"
