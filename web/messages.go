package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// messagesPace is the shortest distance between two events with messages.
const messagesPace = 200 * time.Millisecond

type (
	topicsIn struct {
		Prefix string `query:"prefix" maxLength:"65535" doc:"The beginning of a topic up to and with a slash; left out: the first levels"`
		Search string `query:"search" maxLength:"200"   doc:"A part of the name of the level, in any case"`
		Offset int    `query:"offset" minimum:"0" maximum:"10000000"`
		Limit  int    `query:"limit"  default:"100" minimum:"1" maximum:"500" doc:"The largest number of levels"`
	}
	topicsOut struct{ Body gateway.LevelPage }
)

func (s *Server) getTopics(_ context.Context, in *topicsIn) (*topicsOut, error) {
	page := s.Messages.Levels(gateway.LevelQuery{Prefix: in.Prefix, Search: in.Search, Offset: in.Offset, Limit: in.Limit})
	page.Levels = list(page.Levels)
	return &topicsOut{Body: page}, nil
}

type (
	retainedIn struct {
		Topic string `query:"topic" maxLength:"65535"`
	}
	retainedOut struct{ Body gateway.BrokerMessage }
)

func (s *Server) getRetained(_ context.Context, in *retainedIn) (*retainedOut, error) {
	m, err := s.Messages.Retained(in.Topic)
	if err != nil {
		return nil, err
	}
	return &retainedOut{Body: m}, nil
}

// Publication is a message to publish.
type Publication struct {
	Topic   string `json:"topic" minLength:"1" maxLength:"65535"`
	Payload []byte `json:"payload,omitempty" doc:"Base64; left out with retain: remove what is retained of the topic"`
	QoS     int    `json:"qos" minimum:"0" maximum:"2"`
	Retain  bool   `json:"retain"`
	// ContentType is a property of MQTT 5.
	ContentType string `json:"contentType,omitempty" maxLength:"200" doc:"A property of MQTT 5"`
}

type publicationIn struct{ Body Publication }

// publishMessage keeps the payload out of the audit log: it may be a secret of somebody's device.
func (s *Server) publishMessage(ctx context.Context, in *publicationIn) (*none, error) {
	sent, n := in.Body, noteOf(ctx)
	n.subject = sent.Topic
	n.fields = []gateway.FieldChange{
		{Field: "bytes", After: strconv.Itoa(len(sent.Payload))}, {Field: "retain", After: strconv.FormatBool(sent.Retain)},
	}
	return &none{}, s.Messages.Publish(ctx, gateway.BrokerMessage{
		Topic: sent.Topic, Payload: sent.Payload, QoS: sent.QoS, Retain: sent.Retain, ContentType: sent.ContentType,
	})
}

// getMessageEvents sends the messages that match a filter, as many as a person can look at.
func (s *Server) getMessageEvents(c *gin.Context) {
	watch, err := s.Messages.Follow(c.Request.Context(), c.DefaultQuery("filter", "#"))
	if err != nil {
		writeProblem(c.Writer, s.problem(c.Request.Context(), err))
		return
	}
	defer watch.Close()
	s.serveStream(c, func(ctx context.Context, stream eventStream) { s.followMessages(ctx, c.Request, stream, watch) })
}

func (s *Server) followMessages(ctx context.Context, request *http.Request, stream eventStream, watch gateway.MessageWatch) {
	pace := time.NewTicker(messagesPace)
	defer pace.Stop()
	for s.visit(request).may(gateway.RoleViewer) == nil { // nobody logged out meanwhile
		passed := nextMessages(ctx, watch)
		if ctx.Err() != nil || stream.event("messages", passed) != nil {
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
	}
}

// nextMessages has none after a while without any: the event is the sign of life.
func nextMessages(ctx context.Context, watch gateway.MessageWatch) gateway.PassedMessages {
	wait, cancel := context.WithTimeout(ctx, statusPace)
	defer cancel()
	passed, _ := watch.Next(wait) // its error is that of the context, which is looked at
	passed.Messages = list(passed.Messages)
	return passed
}
