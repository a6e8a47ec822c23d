package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

const shownRevisions = 1000

type revisionsOut struct{ Body []gateway.Revision }

func (s *Server) getRevisions(ctx context.Context, _ *none) (*revisionsOut, error) {
	revisions, err := s.Revisions.Revisions(ctx, shownRevisions)
	return &revisionsOut{Body: list(revisions)}, err
}

// Preview is what would become of the configuration in force.
type Preview struct {
	// Revision is the one in force, for the change that follows.
	Revision int64            `json:"revision"`
	Changes  []gateway.Change `json:"changes"`
	// Incomplete are bridges whose secrets are not known any more: they come switched off, until somebody enters them.
	Incomplete []string `json:"incomplete" doc:"Bridges that come switched off because their secrets have to be entered again"`
}

type (
	revisionIn struct {
		Number int64 `path:"number" minimum:"0"`
	}
	previewOut struct{ Body Preview }
	changesOut struct{ Body []gateway.Change }
)

// getRevisionChanges compares a revision with the one before it. The oldest that is kept has nothing to compare it with.
func (s *Server) getRevisionChanges(ctx context.Context, in *revisionIn) (*changesOut, error) {
	after, err := s.Revisions.Revision(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	before, err := s.Revisions.Revision(ctx, in.Number-1)
	if err != nil && (gateway.CodeOf(err) != gateway.NotFound || in.Number > 1) {
		return nil, err
	}
	return &changesOut{Body: gateway.Diff(before, after)}, nil
}

func (s *Server) previewRollback(ctx context.Context, in *revisionIn) (*previewOut, error) {
	old, err := s.Revisions.Revision(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return &previewOut{Body: s.preview(old)}, nil
}

func (s *Server) preview(next gateway.Config) Preview {
	current := s.Control.Config()
	ready, incomplete := current.WithSecretsOf(next)
	return Preview{Revision: current.Revision, Changes: gateway.Diff(current, ready), Incomplete: list(incomplete)}
}

// FromRevision names the revision that a change was made from.
type FromRevision struct {
	Revision int64 `json:"revision" doc:"The revision in force when the change was looked at"`
}

type rollBackIn struct {
	Number int64 `path:"number" minimum:"0"`
	Body   FromRevision
}

func (s *Server) rollBack(ctx context.Context, in *rollBackIn) (*savedOut, error) {
	old, err := s.Revisions.Revision(ctx, in.Number)
	if err != nil {
		return nil, err
	}
	return s.replace(ctx, in.Body.Revision, old)
}

// replace puts a whole configuration in the place of the one in force.
func (s *Server) replace(ctx context.Context, revision int64, next gateway.Config) (*savedOut, error) {
	saved, err := s.apply(ctx, revision, sentIDs{}, func(current gateway.Config) (gateway.Config, error) {
		ready, _ := current.WithSecretsOf(next)
		return ready, nil
	})
	if err != nil {
		return nil, err
	}
	return &savedOut{Body: Saved{Revision: saved.Revision}}, nil
}
