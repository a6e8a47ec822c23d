package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

type (
	parkedIn struct {
		ID   string `path:"id"`
		From uint64 `query:"from" doc:"Position of the first one; for the next page that of the last one plus one"`
	}
	parkedOut     struct{ Body []gateway.ParkedMessage }
	parkedOrderIn struct {
		ID   string `path:"id"`
		Body gateway.ParkedOrder
	}
	parkedDoneOut struct{ Body gateway.ParkedDone }
)

func (s *Server) getParked(ctx context.Context, in *parkedIn) (*parkedOut, error) {
	parked, err := s.Parking.Parked(ctx, in.ID, in.From)
	return &parkedOut{Body: list(parked)}, err
}

func (s *Server) exportParked(ctx context.Context, in *bridgeIn) (gateway.Export, error) {
	return s.Parking.ExportParked(ctx, in.ID)
}

func (s *Server) sendParked(ctx context.Context, in *parkedOrderIn) (*parkedDoneOut, error) {
	done, err := s.Parking.SendParked(ctx, in.ID, in.Body, visitorOf(ctx).user.Name)
	return &parkedDoneOut{Body: done}, err
}

func (s *Server) discardParked(ctx context.Context, in *parkedOrderIn) (*parkedDoneOut, error) {
	done, err := s.Parking.DiscardParked(ctx, in.ID, in.Body, visitorOf(ctx).user.Name)
	return &parkedDoneOut{Body: done}, err
}
