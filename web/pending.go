package web

import (
	"context"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// Confirmation is a parameter of what can lock its author out.
type Confirmation struct {
	Confirm string `query:"confirm" enum:"now" doc:"now: the change lasts; left out: it undoes itself after 60 s unless it is kept"`
}

// tried makes a change that can lock its author out, so that it undoes itself unless it is kept. Where risky is false, and
// for who confirms it at once, it is made as any other.
func (s *Server) tried(ctx context.Context, c Confirmation, kind gateway.PendingKind, subject string, risky bool, apply func() error) error {
	if !risky || c.Confirm == "now" {
		if err := s.Pending.Free(kind, subject); err != nil {
			return err
		}
		return apply()
	}
	return s.Pending.Try(ctx, gateway.PendingChange{Kind: kind, Subject: subject, Author: visitorOf(ctx).user.Name}, apply)
}

type pendingOut struct{ Body []gateway.PendingChange }

func (s *Server) getPending(context.Context, *none) (*pendingOut, error) {
	return &pendingOut{Body: list(s.Pending.PendingChanges())}, nil
}

type pendingIn struct {
	ID string `path:"id"`
}

func (s *Server) keepChange(ctx context.Context, in *pendingIn) (*none, error) {
	change, err := s.pendingChange(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if change.Kind == gateway.PendingCertificate && openedBefore(ctx, change.Made) {
		return nil, gateway.Errorf(gateway.Conflict,
			"your connection is older than the certificate and proves nothing: try again, over a new one")
	}
	return &none{}, s.Pending.Keep(ctx, in.ID)
}

func (s *Server) undoChange(ctx context.Context, in *pendingIn) (*none, error) {
	if _, err := s.pendingChange(ctx, in.ID); err != nil {
		return nil, err
	}
	return &none{}, s.Pending.Undo(ctx, in.ID)
}

// pendingChange finds a change for its author or an administrator.
func (s *Server) pendingChange(ctx context.Context, id string) (gateway.PendingChange, error) {
	changes := s.Pending.PendingChanges()
	i := slices.IndexFunc(changes, func(c gateway.PendingChange) bool { return c.ID == id })
	if i < 0 {
		return gateway.PendingChange{}, gateway.Errorf(gateway.NotFound, "this change was kept or undone meanwhile")
	}
	noteOf(ctx).subject = changes[i].Subject
	v := visitorOf(ctx)
	if v.user.Name != changes[i].Author {
		return changes[i], v.may(administrator)
	}
	return changes[i], nil
}

type openedKey struct{}

// withOpened notes when a connection was opened over TLS.
func withOpened(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, openedKey{}, at)
}

// openedBefore is false where nobody knows, and without TLS, which shows no certificate.
func openedBefore(ctx context.Context, change time.Time) bool {
	at, known := ctx.Value(openedKey{}).(time.Time)
	return visitorOf(ctx).secure && known && at.Before(change)
}

// renewConnections closes connections that are older than a certificate that waits to be kept, after their answer: the next
// request shows whether the browser accepts it.
func (s *Server) renewConnections(c *gin.Context) {
	for _, change := range s.Pending.PendingChanges() {
		if change.Kind == gateway.PendingCertificate && openedBefore(c.Request.Context(), change.Made) {
			c.Writer.Header().Set("Connection", "close")
		}
	}
}
