package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// logsPace is the shortest distance between two events with lines.
const logsPace = 200 * time.Millisecond

type (
	logsIn struct {
		Level  gateway.LogLevel `query:"level"  enum:"debug,info,warn,error" doc:"The least that is wanted; left out: all"`
		Search string           `query:"search" maxLength:"200"              doc:"A part of the message or the attributes, whatever its case"`
		Limit  int              `query:"limit"  minimum:"1" maximum:"1000" default:"1000" doc:"The newest so many"`
	}
	logsOut struct{ Body []gateway.LogLine }
)

func (s *Server) getLogs(_ context.Context, in *logsIn) (*logsOut, error) {
	return &logsOut{Body: s.logLines(gateway.LogQuery{Level: in.Level, Search: in.Search, Limit: in.Limit})}, nil
}

// logLines has no secret of the configuration, also where an error of somebody else's has one in its text.
func (s *Server) logLines(q gateway.LogQuery) []gateway.LogLine {
	config := s.Control.Config()
	redact, lines := config.Redactor(), list(s.Logs.Lines(q))
	for i := range lines {
		lines[i].Message, lines[i].Attributes = redact(lines[i].Message), redact(lines[i].Attributes)
	}
	return lines
}

// getLogEvents sends the lines that are kept, then those that come. A page that is slow misses none that are still kept.
func (s *Server) getLogEvents(c *gin.Context) {
	s.serveStream(c, func(ctx context.Context, stream eventStream) { s.followLogs(ctx, c.Request, stream) })
}

func (s *Server) followLogs(ctx context.Context, request *http.Request, stream eventStream) {
	pace := time.NewTicker(logsPace)
	defer pace.Stop()
	last := uint64(0)
	for {
		if s.visit(request).may(gateway.RoleOperator) != nil {
			return // logged out meanwhile
		}
		lines := s.logLines(gateway.LogQuery{After: last})
		if len(lines) > 0 {
			last = lines[len(lines)-1].Number
		}
		// An empty event is the sign of life.
		if stream.event("lines", lines) != nil {
			return
		}
		if !s.waitForLines(ctx, last) {
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
	}
}

// waitForLines is false at the end of the stream; after a while without lines it is true as well.
func (s *Server) waitForLines(ctx context.Context, after uint64) bool {
	wait, cancel := context.WithTimeout(ctx, statusPace)
	defer cancel()
	_ = s.Logs.Wait(wait, after) // its error is that of the context, which is looked at
	return ctx.Err() == nil
}
