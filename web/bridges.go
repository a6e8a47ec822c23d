package web

import (
	"context"
	"errors"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// BridgeEdit is a bridge as a form sends it.
type BridgeEdit struct {
	// Revision of the configuration from which the form was made.
	Revision int64          `json:"revision" doc:"Revision of the configuration from which the form was made"`
	Bridge   gateway.Bridge `json:"bridge"`
	// Identity takes the place of the certificate and key of the bridge.
	Identity *BridgeIdentity `json:"identity,omitempty" doc:"A client certificate in place of that of the bridge"`
}

// BridgeSaved is a bridge as it is now.
type BridgeSaved struct {
	Revision int64          `json:"revision"`
	Bridge   gateway.Bridge `json:"bridge"`
	// Warnings do not hinder saving.
	Warnings []gateway.FieldWarning `json:"warnings"`
}

// BridgeCheck is what would become of a bridge if it were saved.
type BridgeCheck struct {
	Problems []gateway.FieldWarning `json:"problems" doc:"What hinders saving, the first of it"`
	Warnings []gateway.FieldWarning `json:"warnings"`
}

type (
	bridgeCheckOut   struct{ Body BridgeCheck }
	bridgePresetsOut struct{ Body []gateway.BridgePreset }
	addBridgeIn      struct{ Body BridgeEdit }
	changeBridgeIn   struct {
		ID   string `path:"id"`
		Body BridgeEdit
	}
	bridgeOut     struct{ Body BridgeSaved }
	bridgeTestOut struct{ Body gateway.BridgeTest }
)

func (s *Server) addBridge(ctx context.Context, in *addBridgeIn) (*bridgeOut, error) {
	if storage := &in.Body.Bridge.Storage; storage.MaxBytes == 0 {
		storage.MaxBytes = halfOf(s.Monitor.Status().Storage)
	}
	bridge, err := s.withIdentity(in.Body)
	if err != nil {
		return nil, err
	}
	return s.saveBridge(ctx, in.Body, func(config gateway.Config) (gateway.Config, error) {
		return withNewBridge(config, bridge)
	})
}

func (s *Server) changeBridge(ctx context.Context, in *changeBridgeIn) (*bridgeOut, error) {
	bridge, err := s.withIdentity(in.Body)
	if err != nil {
		return nil, err
	}
	return s.saveBridge(ctx, in.Body, func(config gateway.Config) (gateway.Config, error) {
		return withChangedBridge(config, in.ID, bridge)
	})
}

func (s *Server) saveBridge(ctx context.Context, sent BridgeEdit, edit edit) (*bridgeOut, error) {
	config, err := s.apply(ctx, sent.Revision, sentIDs{bridge: sent.Bridge.ID}, edit)
	if err != nil {
		return nil, err
	}
	config = shown(config)
	bridge, _ := config.Bridge(sent.Bridge.ID)
	return &bridgeOut{Body: BridgeSaved{Revision: config.Revision, Bridge: bridge, Warnings: s.rateWarnings(&bridge)}}, nil
}

func (s *Server) getBridgePresets(context.Context, *struct{}) (*bridgePresetsOut, error) {
	return &bridgePresetsOut{Body: gateway.BridgePresets()}, nil
}

// draft is a bridge that is not saved, with the secrets that the form did not show.
func (s *Server) draft(sent BridgeEdit) (gateway.Bridge, error) {
	draft, err := s.withIdentity(sent)
	if err != nil {
		return draft, err
	}
	config := s.Control.Config()
	stored, _ := config.Bridge(draft.ID)
	if draft, err = withSecrets(draft, stored); err != nil {
		return draft, err
	}
	return draft, draft.ValidateAlone()
}

func (s *Server) testBridge(ctx context.Context, in *addBridgeIn) (*bridgeTestOut, error) {
	draft, err := s.draft(in.Body)
	if err != nil {
		return nil, err
	}
	test, err := s.BridgeTests.TestBridge(ctx, draft)
	return &bridgeTestOut{Body: test}, err
}

func (s *Server) testSavedBridge(ctx context.Context, in *bridgeIn) (*bridgeTestOut, error) {
	config := s.Control.Config()
	bridge, exists := config.Bridge(in.ID)
	if !exists {
		return nil, notFound("bridge", in.ID)
	}
	test, err := s.BridgeTests.TestBridge(ctx, bridge)
	return &bridgeTestOut{Body: test}, err
}

// checkBridge validates without saving; the revision does not matter.
func (s *Server) checkBridge(_ context.Context, in *addBridgeIn) (*bridgeCheckOut, error) {
	result := BridgeCheck{Problems: []gateway.FieldWarning{}, Warnings: s.rateWarnings(&in.Body.Bridge)}
	_, err := s.draft(in.Body)
	if problem, about := errors.AsType[*gateway.Error](err); about {
		result.Problems = append(result.Problems, gateway.FieldWarning{Field: problem.Field, Message: problem.Message})
	} else if err != nil {
		return nil, err
	}
	return &bridgeCheckOut{Body: result}, nil
}

// rateWarnings compare with the rate measured now; a bridge that is not there yet has none.
func (s *Server) rateWarnings(b *gateway.Bridge) []gateway.FieldWarning {
	course, err := s.Backlogs.Course(b.ID, time.Time{})
	if err != nil {
		return []gateway.FieldWarning{}
	}
	list := b.RateWarnings(course.Backlog.In)
	for i := range list {
		list[i].Field = "bridge." + list[i].Field
	}
	return list
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
