package web

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// historyTimeout bounds a look into the history, which reads from the disk.
const historyTimeout = 10 * time.Second

type historyIn struct {
	Device string    `path:"device"`
	Point  string    `path:"point"`
	From   time.Time `query:"from"  required:"true" doc:"The beginning, as in RFC 3339"`
	To     time.Time `query:"to"    required:"true" doc:"The end"`
	Limit  int       `query:"limit"                 doc:"The largest number of buckets" default:"1000" minimum:"2" maximum:"2000"`
}

type historyOut struct{ Body gateway.Past }

func (s *Server) getHistory(ctx context.Context, in *historyIn) (*historyOut, error) {
	ctx, cancel := context.WithTimeout(ctx, historyTimeout)
	defer cancel()
	past, err := s.History.Past(ctx, gateway.PastQuery{
		Point: gateway.PointKey{Device: in.Device, Point: in.Point}, From: in.From, To: in.To, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	past.Buckets = list(past.Buckets)
	return &historyOut{Body: past}, nil
}
