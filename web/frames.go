package web

import (
	"context"

	"github.com/tidegate/tidegate/gateway"
)

type (
	framesIn struct {
		ID       string `path:"id"`
		Since    uint64 `query:"since"    doc:"Where an earlier answer ended (next); left out: the newest ones"`
		Unit     int    `query:"unit"     minimum:"-1" maximum:"255" default:"-1" doc:"Only this unit; -1: all"`
		Function int    `query:"function" minimum:"-1" maximum:"127" default:"-1" doc:"Only this function; -1: all"`
		Problems bool   `query:"problems" doc:"Only what is not as it should be, exceptions too"`
		Limit    int    `query:"limit"    minimum:"1" maximum:"1000" default:"200" doc:"At most so many"`
	}
	framesOut   struct{ Body gateway.FramePage }
	frameFileIn struct {
		ID string `path:"id"`
	}
)

// getFrames has no place for a secret: Modbus has none.
func (s *Server) getFrames(_ context.Context, in *framesIn) (*framesOut, error) {
	connection, err := s.savedConnection(in.ID)
	if err != nil {
		return nil, err
	}
	page, err := s.Tracing.Frames(connection, gateway.FrameQuery{
		After: in.Since, Unit: in.Unit, Function: in.Function, Problems: in.Problems, Limit: in.Limit,
	})
	page.Frames = list(page.Frames)
	return &framesOut{Body: page}, err
}

func (s *Server) getFrameFile(_ context.Context, in *frameFileIn) (*document, error) {
	connection, err := s.savedConnection(in.ID)
	if err != nil {
		return nil, err
	}
	data, err := s.Tracing.FrameFile(connection)
	return &document{name: in.ID + ".pcapng", data: data}, err
}

func (s *Server) savedConnection(id string) (gateway.Connection, error) {
	config := s.Control.Config()
	connection, exists := config.Connection(id)
	if !exists {
		return connection, notFound("connection", id)
	}
	return connection, nil
}
