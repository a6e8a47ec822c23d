package web

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// purgeTimeout bounds how long a purge may take; what it did not reach stays.
const purgeTimeout = 40 * time.Second

type (
	bridgeIn struct {
		ID string `path:"id"`
	}
	backlogIn struct {
		ID    string    `path:"id"`
		Since time.Time `query:"since" doc:"Begin of the samples, as in RFC 3339; left out: since nothing waited, an hour at least"`
	}
	backlogOut struct{ Body gateway.BacklogCourse }
	paceIn     struct {
		ID   string `path:"id"`
		Body gateway.BridgePace
	}
	// PurgeOrder confirms a purge.
	PurgeOrder struct {
		Name string `json:"name" doc:"Name or id of the bridge, typed by who wants its backlog to be lost"`
	}
	purgeIn struct {
		ID   string `path:"id"`
		Body PurgeOrder
	}
	purgedOut struct{ Body gateway.Purged }
)

func (s *Server) getBacklog(_ context.Context, in *backlogIn) (*backlogOut, error) {
	course, err := s.Backlogs.Course(in.ID, in.Since)
	course.Samples, course.Backlog.GivenUp = list(course.Samples), list(course.Backlog.GivenUp)
	return &backlogOut{Body: course}, err
}

func (s *Server) pauseBridge(ctx context.Context, in *bridgeIn) (*none, error) {
	return &none{}, s.Backlogs.SetPaused(ctx, in.ID, true, visitorOf(ctx).user.Name)
}

func (s *Server) resumeBridge(ctx context.Context, in *bridgeIn) (*none, error) {
	return &none{}, s.Backlogs.SetPaused(ctx, in.ID, false, visitorOf(ctx).user.Name)
}

func (s *Server) flushBridge(_ context.Context, in *bridgeIn) (*none, error) {
	return &none{}, s.Backlogs.Flush(in.ID)
}

func (s *Server) paceBridge(ctx context.Context, in *paceIn) (*none, error) {
	return &none{}, s.Backlogs.SetPace(ctx, in.ID, in.Body, visitorOf(ctx).user.Name)
}

func (s *Server) purgeBridge(ctx context.Context, in *purgeIn) (*purgedOut, error) {
	ctx, cancel := context.WithTimeout(ctx, purgeTimeout)
	defer cancel()
	purged, err := s.Backlogs.Purge(ctx, in.ID, in.Body.Name, visitorOf(ctx).user.Name)
	return &purgedOut{Body: purged}, err
}

func (s *Server) exportBacklog(ctx context.Context, in *bridgeIn) (gateway.Export, error) {
	return s.Backlogs.Export(ctx, in.ID)
}
