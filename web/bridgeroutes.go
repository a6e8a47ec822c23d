package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

// RoutesToPreview are the routes of a bridge, saved or not.
type RoutesToPreview struct {
	Routes []gateway.Route `json:"routes" maxItems:"1000"`
}

type (
	previewRoutesIn  struct{ Body RoutesToPreview }
	previewRoutesOut struct{ Body []gateway.RoutePreview }
)

func (s *Server) previewRoutes(_ context.Context, in *previewRoutesIn) (*previewRoutesOut, error) {
	if err := gateway.ValidateRoutes(in.Body.Routes); err != nil {
		return nil, err
	}
	return &previewRoutesOut{Body: list(s.RoutePreviews.PreviewRoutes(in.Body.Routes))}, nil
}
