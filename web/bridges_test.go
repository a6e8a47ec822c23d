package web_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

func TestBridgesAreCheckedWithoutSaving(t *testing.T) {
	p := newPage()
	p.waiting = 50 // and as many come in each second
	presets := mustDecode[[]gateway.BridgePreset](t, p.as(gateway.RoleViewer, "GET", "/api/v1/bridge-presets", ""))
	if len(presets) != len(gateway.BridgePresets()) || presets[0].Rules[0].Source == "" {
		t.Errorf("presets %+v", presets)
	}
	config := p.Config()
	bridge, _ := config.Bridge("cloud")
	bridge.URL, bridge.Preset, bridge.Password, bridge.Routes = "mqtts://cloud.example:8883", "emqx-cloud", "", []gateway.Route{}
	check := func() web.BridgeCheck {
		t.Helper()
		return mustDecode[web.BridgeCheck](t, p.asAdministrator("POST", "/api/v1/bridges/check",
			web.BridgeEdit{Revision: 7, Bridge: bridge}))
	}
	result := check()
	if len(result.Problems) != 1 || result.Problems[0].Field != "bridge.password" {
		t.Errorf("problems %+v", result.Problems)
	}
	if w := result.Warnings; len(w) != 1 || w[0].Field != "bridge.pace.messagesPerSecond" || !strings.Contains(w[0].Message, "50 messages") {
		t.Errorf("warnings %+v", w)
	}
	if got := p.Config(); got.Revision != config.Revision {
		t.Error("something was saved")
	}
}

// TestBridge passes bridges that have their password.
func (p *plant) TestBridge(_ context.Context, b gateway.Bridge) (gateway.BridgeTest, error) {
	return gateway.BridgeTest{Passed: b.Password == canaryPassword, Server: b.URL, Steps: []gateway.BridgeTestStep{
		{Step: gateway.StepDNS, Outcome: gateway.StepPassed, Addresses: []gateway.TestedAddress{{Address: "10.0.0.7"}}},
	}}, nil
}

func TestConnectionsAreTestedWithoutSaving(t *testing.T) {
	p := newPage()
	test := mustDecode[gateway.BridgeTest](t, p.as(gateway.RoleOperator, "POST", "/api/v1/bridges/cloud/test", ""))
	if !test.Passed || len(test.Steps) != 1 || test.Steps[0].Addresses[0].Address != "10.0.0.7" {
		t.Errorf("a saved one: %+v", test)
	}
	wantProblem(t, p.as(gateway.RoleOperator, "POST", "/api/v1/bridges/none/test", ""), http.StatusNotFound, gateway.NotFound, "")

	config := p.Config()
	draft, _ := config.Bridge("cloud")
	draft.Password, draft.Username = gateway.Redacted, "other" // as the form has it
	body := web.BridgeEdit{Bridge: draft}
	if test := mustDecode[gateway.BridgeTest](t, p.asAdministrator("POST", "/api/v1/bridges/test", body)); !test.Passed {
		t.Errorf("a draft lacks the stored password: %+v", test)
	}
	body.Bridge.URL = "mqtts://elsewhere.example"
	wantProblem(t, p.asAdministrator("POST", "/api/v1/bridges/test", body), http.StatusUnprocessableEntity, gateway.Invalid, "bridge.password")
	body.Bridge.URL, body.Bridge.Password = "http://cloud.example", ""
	wantProblem(t, p.asAdministrator("POST", "/api/v1/bridges/test", body), http.StatusUnprocessableEntity, gateway.Invalid, "bridge.url")
	if p.Config().Revision != config.Revision {
		t.Error("something was saved")
	}
}

// newIdentity is one whose key belongs to it; each call gives the same.
var newIdentity = sync.OnceValue(func() gateway.ClientIdentity {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err1 := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	private, err2 := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err1, err2); err != nil {
		panic(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return gateway.ClientIdentity{Chain: text("CERTIFICATE", certificate), Key: gateway.Secret(text("PRIVATE KEY", private))}
})

// ReadClient takes one certificate with its key, given or pending.
func (p *plant) ReadClient(upload gateway.CertificateUpload, pending gateway.Secret) (gateway.ClientIdentity, error) {
	if key := gateway.Secret(upload.Key); upload.Certificate == "PEM" && (key == "its key" || pending == "a new key") {
		return newIdentity(), nil
	}
	return gateway.ClientIdentity{}, gateway.FieldErrorf("key", "the key does not belong to it")
}

func (p *plant) RequestClient(commonName string, pending gateway.Secret) (string, gateway.Secret, error) {
	if pending != "" {
		return "again for " + commonName, pending, nil
	}
	return "request for " + commonName, "a new key", nil
}

// DescribeChain knows one text.
func (p *plant) DescribeChain(text string) (*gateway.Certificate, error) {
	if text == "" {
		return nil, nil
	}
	return &gateway.Certificate{Kind: gateway.CertificateBridge, Subject: text, Names: []string{}, Chain: []string{}, Listeners: []string{}, UsedBy: []string{}}, nil
}

func (p *plant) DescribeEach(text string) ([]gateway.Certificate, error) {
	if text == "no PEM" {
		return nil, gateway.Errorf(gateway.Invalid, "there is no certificate in the text")
	}
	return nil, nil
}

// TestACertificateComesWithItsBridge: what a form sends beside the bridge takes the place of what is in it.
func TestACertificateComesWithItsBridge(t *testing.T) {
	p := newPage()
	bridge := gateway.Bridge{ID: "azure", Name: "Azure", URL: "mqtts://cloud.example", Routes: []gateway.Route{}}
	sent := web.BridgeEdit{Revision: 7, Bridge: bridge, Identity: &web.BridgeIdentity{Certificate: "PEM", Key: "another key"}}
	wantProblem(t, p.asAdministrator("POST", "/api/v1/bridges", sent), http.StatusUnprocessableEntity, gateway.Invalid, "identity.key")
	check := web.BridgeCertificateCheck{CA: "no PEM", Identity: sent.Identity}
	const at = "/api/v1/bridges/certificate/check"
	wantProblem(t, p.asAdministrator("POST", at, check), http.StatusUnprocessableEntity, gateway.Invalid, "identity.key")
	check.Identity = nil
	wantProblem(t, p.asAdministrator("POST", at, check), http.StatusUnprocessableEntity, gateway.Invalid, "ca")

	check, sent.Identity.Key = web.BridgeCertificateCheck{Identity: sent.Identity}, "its key"
	found := mustDecode[web.BridgeCertificates](t, p.asAdministrator("POST", at, check))
	if found.Own == nil || found.Own.Subject != newIdentity().Chain || len(found.Authorities) != 0 {
		t.Errorf("found %+v", found)
	}
	answer := p.asAdministrator("POST", "/api/v1/bridges", sent)
	if mustDecode[web.BridgeSaved](t, answer); strings.Contains(answer.Body.String(), "PRIVATE KEY") {
		t.Errorf("the key comes back: %s", answer.Body)
	}
	config := p.Config()
	if saved, _ := config.Bridge("azure"); saved.TLS.Certificate != newIdentity().Chain || saved.TLS.Key != newIdentity().Key {
		t.Errorf("saved %+v", saved)
	}
}

// PreviewRoutes takes one topic for each route.
func (p *plant) PreviewRoutes(routes []gateway.Route) []gateway.RoutePreview {
	list := make([]gateway.RoutePreview, 0, len(routes))
	for i := range routes {
		list = append(list, gateway.RoutePreview{Topics: 1, Examples: []gateway.CarriedTopic{{Topic: routes[i].Filter, Remote: routes[i].Prefix + routes[i].Filter}}})
	}
	return list
}

func TestRoutesArePreviewed(t *testing.T) {
	p := newPage()
	const at = "/api/v1/bridges/routes/preview"
	sent := web.RoutesToPreview{Routes: []gateway.Route{{Direction: gateway.Out, Filter: "a/b", Prefix: "x/", QoS: 1}}}
	got := mustDecode[[]gateway.RoutePreview](t, p.asAdministrator("POST", at, sent))
	if len(got) != 1 || got[0].Topics != 1 || got[0].Examples[0].Remote != "x/a/b" {
		t.Errorf("%+v", got)
	}
	sent.Routes[0].Filter = "a/#/b"
	wantProblem(t, p.asAdministrator("POST", at, sent), http.StatusUnprocessableEntity, gateway.Invalid, "routes[0].filter")
}

func TestACertificateIsRequestedAndSwapped(t *testing.T) {
	p := newPage()
	before := p.Config().Bridges[0]
	const at = "/api/v1/bridges/cloud/certificate"
	wrong := web.BridgeCertificateEdit{Revision: 7, BridgeIdentity: web.BridgeIdentity{Certificate: "PEM"}}
	wantProblem(t, p.asAdministrator("PUT", at, wrong), http.StatusUnprocessableEntity, gateway.Invalid, "key")

	answer := p.asAdministrator("POST", at+"/request", web.BridgeCertificateOrder{Revision: 7, CommonName: "edge-1"})
	made := mustDecode[web.BridgeCertificateRequest](t, answer)
	if made.Request != "request for edge-1" || strings.Contains(answer.Body.String(), "a new key") || p.Config().Bridges[0].TLS.NewKey != "a new key" {
		t.Errorf("%s, stored %+v", answer.Body, p.Config().Bridges[0].TLS.NewKey.Reveal())
	}
	again := mustDecode[web.BridgeCertificateRequest](t, p.asAdministrator("POST", at+"/request", web.BridgeCertificateOrder{Revision: made.Revision}))
	if again.Request != "again for cloud" {
		t.Errorf("another key: %+v", again)
	}
	sent := web.BridgeCertificateEdit{Revision: again.Revision, BridgeIdentity: web.BridgeIdentity{Certificate: "PEM"}}
	if test := mustDecode[gateway.BridgeTest](t, p.asAdministrator("POST", at+"/test", sent)); !test.Passed {
		t.Errorf("a test beside: %+v", test)
	}
	if p.Config().Bridges[0].TLS.Certificate != "" {
		t.Error("a test changed something")
	}
	answer = p.asAdministrator("PUT", at, sent)
	if mustDecode[web.BridgeSaved](t, answer); strings.Contains(answer.Body.String(), "PRIVATE KEY") {
		t.Errorf("the key comes back: %s", answer.Body)
	}
	got := p.Config().Bridges[0]
	if got.TLS.Certificate != newIdentity().Chain || got.TLS.Key != newIdentity().Key || got.TLS.NewKey != "" || got.Password != before.Password {
		t.Errorf("swapped to %+v", got)
	}
	sent.Key = "its key" // nothing is pending any more
	wantProblem(t, p.asAdministrator("PUT", at, sent), http.StatusConflict, gateway.Conflict, "")
}
