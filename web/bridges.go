package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// BridgeEdit is a bridge as a form sends it.
type BridgeEdit struct {
	// Revision of the configuration from which the form was made.
	Revision int64          `json:"revision" doc:"Revision of the configuration from which the form was made"`
	Bridge   gateway.Bridge `json:"bridge"`
}

// BridgeSaved is a bridge as it is now.
type BridgeSaved struct {
	Revision int64          `json:"revision"`
	Bridge   gateway.Bridge `json:"bridge"`
}

type (
	addBridgeIn    struct{ Body BridgeEdit }
	changeBridgeIn struct {
		ID   string `path:"id"`
		Body BridgeEdit
	}
	bridgeOut struct{ Body BridgeSaved }
)

func (s *Server) addBridge(ctx context.Context, in *addBridgeIn) (*bridgeOut, error) {
	return s.saveBridge(ctx, in.Body, func(config gateway.Config) (gateway.Config, error) {
		return withNewBridge(config, in.Body.Bridge)
	})
}

func (s *Server) changeBridge(ctx context.Context, in *changeBridgeIn) (*bridgeOut, error) {
	return s.saveBridge(ctx, in.Body, func(config gateway.Config) (gateway.Config, error) {
		return withChangedBridge(config, in.ID, in.Body.Bridge)
	})
}

func (s *Server) saveBridge(ctx context.Context, sent BridgeEdit, edit edit) (*bridgeOut, error) {
	config, err := s.apply(ctx, sent.Revision, sentIDs{bridge: sent.Bridge.ID}, edit)
	if err != nil {
		return nil, err
	}
	config = shown(config)
	bridge, _ := config.Bridge(sent.Bridge.ID)
	return &bridgeOut{Body: BridgeSaved{Revision: config.Revision, Bridge: bridge}}, nil
}

func (s *Server) removeBridge(ctx context.Context, in *removeIn) (*savedOut, error) {
	config, err := s.apply(ctx, in.Revision, sentIDs{}, func(config gateway.Config) (gateway.Config, error) {
		return withoutBridge(config, in.ID)
	})
	if err != nil {
		return nil, err
	}
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}
