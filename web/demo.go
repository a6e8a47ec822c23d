package web

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// Outage is how long the link between the demo and its cloud is cut.
type Outage struct {
	Seconds int `json:"seconds" minimum:"0" maximum:"86400" doc:"0 mends the link at once"`
}

type outageIn struct{ Body Outage }

func (s *Server) cutDemoLink(ctx context.Context, in *outageIn) (*none, error) {
	if s.Demo == nil {
		return nil, gateway.Errorf(gateway.NotFound, "only the demo has a link that can be cut")
	}
	return nil, s.Demo.Outage(ctx, time.Duration(in.Body.Seconds)*time.Second)
}
