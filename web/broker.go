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

// SessionID names a session: it may have any characters, so that it is no part of a path.
type SessionID struct {
	ID string `json:"id"`
}

type sessionIn struct{ Body SessionID }

func (s *Server) disconnectClient(ctx context.Context, in *sessionIn) (*none, error) {
	noteOf(ctx).subject = in.Body.ID
	if err := s.Clients.Disconnect(ctx, in.Body.ID); err != nil {
		return nil, err
	}
	s.Logger.Info("client disconnected by a person", "client", in.Body.ID, "user", visitorOf(ctx).user.Name)
	return &none{}, nil
}

func (s *Server) removeSession(ctx context.Context, in *sessionIn) (*none, error) {
	noteOf(ctx).subject = in.Body.ID
	if err := s.Clients.RemoveSession(ctx, in.Body.ID); err != nil {
		return nil, err
	}
	s.Logger.Info("session removed by a person", "client", in.Body.ID, "user", visitorOf(ctx).user.Name)
	return &none{}, nil
}

type givenUpOut struct{ Body []gateway.GivenUp }

func (s *Server) getGivenUp(ctx context.Context, _ *none) (*givenUpOut, error) {
	lines, err := s.Monitor.GivenUp(ctx)
	return &givenUpOut{Body: list(lines)}, err
}
