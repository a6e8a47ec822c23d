package web

import (
	"cmp"
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// BridgeCertificateCheck asks what is in the certificates of a bridge.
type BridgeCertificateCheck struct {
	Bridge   string          `json:"bridge,omitempty" doc:"The saved bridge, whose pending key is tried where none is sent"`
	CA       string          `json:"ca,omitempty" maxLength:"262144" doc:"PEM of the authorities that may vouch for the other broker"`
	Chain    string          `json:"chain,omitempty" maxLength:"65536" doc:"PEM of a client certificate that the bridge has already"`
	Identity *BridgeIdentity `json:"identity,omitempty" doc:"A client certificate that is to take its place, with its key"`
}

// BridgeCertificates are what was found.
type BridgeCertificates struct {
	Authorities []gateway.Certificate `json:"authorities"`
	// Own is the client certificate with its chain; left out where there is none.
	Own *gateway.Certificate `json:"own,omitempty"`
}

type (
	checkBridgeCertificateIn struct{ Body BridgeCertificateCheck }
	bridgeCertificatesOut    struct{ Body BridgeCertificates }
)

func (s *Server) checkBridgeCertificate(_ context.Context, in *checkBridgeCertificateIn) (*bridgeCertificatesOut, error) {
	sent, chain := in.Body, in.Body.Chain
	if sent.Identity != nil {
		bridge, err := s.withIdentity(BridgeEdit{Bridge: gateway.Bridge{ID: sent.Bridge}, Identity: sent.Identity})
		if err != nil {
			return nil, err
		}
		chain = bridge.TLS.Certificate
	}
	own, err := s.ClientCertificates.DescribeChain(chain)
	authorities, errCA := s.ClientCertificates.DescribeEach(sent.CA)
	if err := cmp.Or(gateway.InField("chain", err), gateway.InField("ca", errCA)); err != nil {
		return nil, err
	}
	return &bridgeCertificatesOut{Body: BridgeCertificates{Authorities: list(authorities), Own: own}}, nil
}
