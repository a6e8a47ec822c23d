package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

type sessionsIn struct {
	Search     string              `query:"search"     maxLength:"200" doc:"Part of the client identifier, user name or address"`
	Sort       gateway.SessionSort `query:"sort"       default:"id" enum:"id,queue,since,received,sent"`
	Descending bool                `query:"descending"`
	Offset     int                 `query:"offset"     minimum:"0" maximum:"10000000"`
	Limit      int                 `query:"limit"      default:"50" minimum:"1" maximum:"500" doc:"The largest number of sessions"`
}

type sessionsOut struct{ Body gateway.SessionPage }

func (s *Server) getSessions(_ context.Context, in *sessionsIn) (*sessionsOut, error) {
	page := s.Monitor.Sessions(gateway.SessionQuery{
		Search: in.Search, Sort: in.Sort, Descending: in.Descending, Offset: in.Offset, Limit: in.Limit,
	})
	page.Sessions = list(page.Sessions)
	for i := range page.Sessions {
		page.Sessions[i].Subscriptions = list(page.Sessions[i].Subscriptions)
	}
	return &sessionsOut{Body: page}, nil
}

type sessionDetailIn struct {
	ID string `query:"id" maxLength:"65535" doc:"The client identifier, which may have any characters"`
}

type sessionDetailOut struct{ Body gateway.SessionDetail }

func (s *Server) getSessionDetail(_ context.Context, in *sessionDetailIn) (*sessionDetailOut, error) {
	detail, err := s.Monitor.SessionDetail(in.ID)
	if err != nil {
		return nil, err
	}
	detail.Session.Subscriptions = list(detail.Session.Subscriptions)
	detail.Subscriptions, detail.GivenUp = list(detail.Subscriptions), list(detail.GivenUp)
	return &sessionDetailOut{Body: detail}, nil
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
