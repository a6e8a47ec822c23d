package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// WireSearch is where to look for units.
type WireSearch struct {
	// Connection may be one that is not saved.
	Connection gateway.Connection `json:"connection"`
	Search     gateway.UnitSearch `json:"search"`
}

// WireRange is what to look at.
type WireRange struct {
	Connection gateway.Connection `json:"connection"`
	Range      gateway.Range      `json:"range"`
}

type (
	findUnitsIn  struct{ Body WireSearch }
	findUnitsOut struct{ Body []gateway.FoundUnit }
	readRangeIn  struct{ Body WireRange }
	readRangeOut struct{ Body []gateway.Place }
	planOut      struct{ Body gateway.Plan }
)

func (s *Server) findUnits(ctx context.Context, in *findUnitsIn) (*findUnitsOut, error) {
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	config := s.Control.Config()
	connection, err := withKey(&config, in.Body.Connection)
	if err != nil {
		return nil, err
	}
	found, err := s.Exploration.FindUnits(ctx, connection, in.Body.Search)
	if err != nil {
		return nil, err
	}
	return &findUnitsOut{Body: list(found)}, nil
}

func (s *Server) readRange(ctx context.Context, in *readRangeIn) (*readRangeOut, error) {
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	config := s.Control.Config()
	connection, err := withKey(&config, in.Body.Connection)
	if err != nil {
		return nil, err
	}
	places, err := s.Exploration.ReadRange(ctx, connection, in.Body.Range)
	if err != nil {
		return nil, err
	}
	return &readRangeOut{Body: list(places)}, nil
}

func (s *Server) planDevice(_ context.Context, in *testDeviceIn) (*planOut, error) {
	config := s.Control.Config()
	connection, err := connectionOf(&config, in.Body.Connection, in.Body.Device)
	if err != nil {
		return nil, err
	}
	plan, err := s.Exploration.Plan(connection, in.Body.Device)
	if err != nil {
		return nil, err
	}
	return &planOut{Body: plan}, nil
}
