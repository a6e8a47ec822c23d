package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

type sessionsOut struct{ Body []gateway.SessionStatus }

func (s *Server) getSessions(context.Context, *none) (*sessionsOut, error) {
	sessions := list(s.Monitor.Sessions())
	for i := range sessions {
		sessions[i].Subscriptions = list(sessions[i].Subscriptions)
	}
	return &sessionsOut{Body: sessions}, nil
}

type givenUpOut struct{ Body []gateway.GivenUp }

func (s *Server) getGivenUp(ctx context.Context, _ *none) (*givenUpOut, error) {
	lines, err := s.Monitor.GivenUp(ctx)
	return &givenUpOut{Body: list(lines)}, err
}
