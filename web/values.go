package web

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// wireTimeout bounds what waits for a device: a write, a test.
const wireTimeout = 30 * time.Second

type readingsOut struct{ Body []gateway.Reading }

func (s *Server) getValues(context.Context, *none) (*readingsOut, error) {
	return &readingsOut{Body: list(s.Live.Snapshot())}, nil
}

// PointWrite is the value to set.
type PointWrite struct {
	Value gateway.Value `json:"value"`
}

type writeIn struct {
	Device string `path:"device"`
	Point  string `path:"point"`
	Body   PointWrite
}

type readingOut struct{ Body gateway.Reading }

func (s *Server) writePoint(ctx context.Context, in *writeIn) (*readingOut, error) {
	if in.Body.Value.IsNull() {
		return nil, gateway.FieldErrorf("value", "a value is needed")
	}
	noteOf(ctx).fields = []gateway.FieldChange{{Field: "value", After: in.Body.Value.String()}}
	ctx, cancel := context.WithTimeout(ctx, wireTimeout)
	defer cancel()
	reading, err := s.Control.Write(ctx, gateway.PointKey{Device: in.Device, Point: in.Point}, in.Body.Value)
	if err != nil {
		return nil, err
	}
	return &readingOut{Body: reading}, nil
}
