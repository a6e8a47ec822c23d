package web

import (
	"context"
	"encoding/hex"

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

// RawRequest is a request as it goes on the wire.
type RawRequest struct {
	// Connection may be one that is not saved.
	Connection gateway.Connection `json:"connection"`
	Unit       int                `json:"unit"`
	// PDU is function code and data, two hexadecimal digits for each byte: 0300000001 reads holding:0.
	PDU string `json:"pdu" minLength:"2" maxLength:"506" pattern:"^([0-9a-fA-F]{2})+$"`
}

// RawReply is what came back.
type RawReply struct {
	// PDU is function code and data; with 0x80 added to the function it is an exception.
	PDU string `json:"pdu"`
}

// BroadcastRequest is a value for all devices of a serial line.
type BroadcastRequest struct {
	Connection gateway.Connection `json:"connection"`
	// Point needs address and type only.
	Point gateway.Point `json:"point"`
	Value gateway.Value `json:"value"`
}

// WireSettings is which line to find out about.
type WireSettings struct {
	// Connection names the port; the settings in its address are not used.
	Connection gateway.Connection `json:"connection"`
	Search     gateway.LineSearch `json:"search"`
}

type (
	detectIn     struct{ Body WireSettings }
	detectOut    struct{ Body []gateway.FoundLine }
	rawIn        struct{ Body RawRequest }
	rawOut       struct{ Body RawReply }
	broadcastIn  struct{ Body BroadcastRequest }
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

func (s *Server) sendRaw(ctx context.Context, in *rawIn) (*rawOut, error) {
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	pdu, err := hex.DecodeString(in.Body.PDU)
	if err != nil {
		return nil, gateway.FieldErrorf("pdu", "%q is not two hexadecimal digits for each byte", in.Body.PDU)
	}
	config := s.Control.Config()
	connection, err := withKey(&config, in.Body.Connection)
	if err != nil {
		return nil, err
	}
	reply, err := s.Exploration.Raw(ctx, connection, in.Body.Unit, pdu)
	if err != nil {
		return nil, err
	}
	return &rawOut{Body: RawReply{PDU: hex.EncodeToString(reply)}}, nil
}

func (s *Server) broadcast(ctx context.Context, in *broadcastIn) (*none, error) {
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	config := s.Control.Config()
	connection, err := withKey(&config, in.Body.Connection)
	if err != nil {
		return nil, err
	}
	return &none{}, s.Exploration.Broadcast(ctx, connection, in.Body.Point, in.Body.Value)
}

func (s *Server) detectLine(ctx context.Context, in *detectIn) (*detectOut, error) {
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	found, err := s.Exploration.DetectLine(ctx, in.Body.Connection, in.Body.Search)
	if err != nil {
		return nil, err
	}
	return &detectOut{Body: list(found)}, nil
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
