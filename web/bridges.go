package web

import (
	"context"
	"time"

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
	if storage := &in.Body.Bridge.Storage; storage.MaxBytes == 0 {
		storage.MaxBytes = halfOf(s.Monitor.Status().Storage)
	}
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

// leastHalf is the least that a new bridge may queue, in bytes, however full the disk is.
const leastHalf = 10_000_000

// halfOf is half of the disk that may be used; 0, the limit of the broker, when nobody knows how much that is.
func halfOf(storage gateway.StorageStatus) int64 {
	if storage.FreeBytes <= 0 {
		return 0
	}
	return max(leastHalf, (storage.FreeBytes-storage.FloorBytes)/2)
}

// removeBridgeIn asks for one thing more than the removal of other things.
type removeBridgeIn struct {
	ID             string `path:"id"`
	Revision       int64  `query:"revision"       required:"true" doc:"Revision of the configuration that the user saw"`
	DiscardBacklog bool   `query:"discardBacklog" doc:"Remove it even if messages wait for the other broker; they are lost"`
}

func (s *Server) removeBridge(ctx context.Context, in *removeBridgeIn) (*savedOut, error) {
	if err := s.keepBacklog(in); err != nil {
		return nil, err
	}
	config, err := s.apply(ctx, in.Revision, sentIDs{}, func(config gateway.Config) (gateway.Config, error) {
		return withoutBridge(config, in.ID)
	})
	if err != nil {
		return nil, err
	}
	return &savedOut{Body: Saved{Revision: config.Revision}}, nil
}

// keepBacklog refuses to remove what still has something to send.
func (s *Server) keepBacklog(in *removeBridgeIn) error {
	config := s.Control.Config()
	if _, exists := config.Bridge(in.ID); in.DiscardBacklog || !exists {
		return nil
	}
	course, err := s.Backlogs.Course(in.ID, time.Time{})
	if err != nil {
		return err
	}
	if n := course.Backlog.Messages; n > 0 {
		return gateway.Errorf(gateway.HasBacklog, "%d messages still wait for the other broker and would be lost: wait until "+
			"they are sent, export them, or confirm that they may go", n)
	}
	return nil
}
