package web

import (
	"cmp"
	"context"
	"slices"

	"github.com/tidegate/tidegate/gateway"
)

// BridgeIdentity is a client certificate for a bridge: PEM, PKCS#12, or the answer to the bridge's request alone. The key
// never comes back.
type BridgeIdentity struct {
	Certificate string `json:"certificate,omitempty" maxLength:"65536" doc:"PEM with the certificate and its chain, in any order; the key may be in it too"`
	Key         string `json:"key,omitempty" maxLength:"65536" format:"password" doc:"PEM, without a password; left out for the certificate that was requested here"`
	PKCS12      []byte `json:"pkcs12,omitempty" maxLength:"87384" doc:"A PKCS#12 file (.p12, .pfx), in place of certificate and key"`
	Password    string `json:"password,omitempty" maxLength:"512" format:"password" doc:"That of the PKCS#12 file"`
}

func (i *BridgeIdentity) upload() gateway.CertificateUpload {
	return gateway.CertificateUpload{Certificate: i.Certificate, Key: i.Key, PKCS12: i.PKCS12, Password: i.Password}
}

// BridgeCertificateEdit changes the client certificate of a bridge.
type BridgeCertificateEdit struct {
	Revision int64 `json:"revision" doc:"Revision of the configuration that the user saw; of no matter for a test"`
	BridgeIdentity
}

// BridgeCertificateOrder asks for a signing request.
type BridgeCertificateOrder struct {
	Revision   int64  `json:"revision" doc:"Revision of the configuration that the user saw"`
	CommonName string `json:"commonName,omitempty" maxLength:"64" doc:"Name in the certificate; left out: the client id of the bridge, or else its id"`
}

// BridgeCertificateRequest is what an authority signs.
type BridgeCertificateRequest struct {
	Revision int64 `json:"revision"`
	// Request is PKCS#10 as PEM. Asked for again before its certificate came, it is for the same key.
	Request string `json:"request"`
}

type (
	bridgeCertificateIn struct {
		ID   string `path:"id"`
		Body BridgeCertificateEdit
	}
	bridgeOrderIn struct {
		ID   string `path:"id"`
		Body BridgeCertificateOrder
	}
	bridgeRequestOut struct{ Body BridgeCertificateRequest }
)

// withCertificate is the bridge as it runs, with another certificate in place of its own.
func (s *Server) withCertificate(in *bridgeCertificateIn) (gateway.Bridge, error) {
	config := s.Control.Config()
	bridge, exists := config.Bridge(in.ID)
	if !exists {
		return bridge, notFound("bridge", in.ID)
	}
	return s.identified(bridge, &in.Body.BridgeIdentity, bridge.TLS.NewKey)
}

// identified is a bridge with another client certificate, whose key may be the pending one.
func (s *Server) identified(bridge gateway.Bridge, sent *BridgeIdentity, pending gateway.Secret) (gateway.Bridge, error) {
	identity, err := s.ClientCertificates.ReadClient(sent.upload(), pending)
	if err != nil {
		return bridge, err
	}
	bridge.TLS.Certificate, bridge.TLS.Key, bridge.TLS.NewKey = identity.Chain, identity.Key, ""
	return bridge, nil
}

// withIdentity is the bridge of a form with the client certificate that came along.
func (s *Server) withIdentity(sent BridgeEdit) (gateway.Bridge, error) {
	if sent.Identity == nil {
		return sent.Bridge, nil
	}
	config := s.Control.Config()
	stored, _ := config.Bridge(sent.Bridge.ID)
	bridge, err := s.identified(sent.Bridge, sent.Identity, stored.TLS.NewKey)
	if err != nil {
		return bridge, gateway.InField("identity", err)
	}
	return bridge, nil
}

// testBridgeCertificate tries a connection with another certificate, beside the one that runs.
func (s *Server) testBridgeCertificate(ctx context.Context, in *bridgeCertificateIn) (*bridgeTestOut, error) {
	bridge, err := s.withCertificate(in)
	if err != nil {
		return nil, err
	}
	test, err := s.BridgeTests.TestBridge(ctx, bridge)
	return &bridgeTestOut{Body: test}, err
}

// changeBridgeCertificate swaps: the next connection, which begins at once, has the new one. What waits stays.
func (s *Server) changeBridgeCertificate(ctx context.Context, in *bridgeCertificateIn) (*bridgeOut, error) {
	changed, err := s.withCertificate(in)
	if err != nil {
		return nil, err
	}
	return s.saveBridge(ctx, BridgeEdit{Revision: in.Body.Revision, Bridge: changed}, s.editTLS(in.ID, func(t *gateway.BridgeTLS) {
		t.Certificate, t.Key, t.NewKey = changed.TLS.Certificate, changed.TLS.Key, ""
	}))
}

// editTLS changes the TLS of a bridge alone.
func (s *Server) editTLS(id string, change func(*gateway.BridgeTLS)) edit {
	return func(config gateway.Config) (gateway.Config, error) {
		i := slices.IndexFunc(config.Bridges, func(b gateway.Bridge) bool { return b.ID == id })
		if i < 0 {
			return config, notFound("bridge", id)
		}
		change(&config.Bridges[i].TLS)
		return config, nil
	}
}

// requestBridgeCertificate keeps the key here and gives out the request for its certificate.
func (s *Server) requestBridgeCertificate(ctx context.Context, in *bridgeOrderIn) (*bridgeRequestOut, error) {
	config := s.Control.Config()
	bridge, exists := config.Bridge(in.ID)
	if !exists {
		return nil, notFound("bridge", in.ID)
	}
	name := cmp.Or(in.Body.CommonName, bridge.ClientID, bridge.ID)
	request, key, err := s.ClientCertificates.RequestClient(name, bridge.TLS.NewKey)
	if err != nil {
		return nil, err
	}
	config, err = s.apply(ctx, in.Body.Revision, sentIDs{bridge: in.ID}, s.editTLS(in.ID, func(t *gateway.BridgeTLS) { t.NewKey = key }))
	if err != nil {
		return nil, err
	}
	return &bridgeRequestOut{Body: BridgeCertificateRequest{Revision: config.Revision, Request: request}}, nil
}
