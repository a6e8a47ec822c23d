package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// valuesPace is the shortest distance between two events with values.
	valuesPace = 200 * time.Millisecond
	// statusPace is also the sign of life by which the page sees within seconds that the stream is lost.
	statusPace = time.Second
	// streamWriteTimeout ends a stream whose receiver takes nothing.
	streamWriteTimeout = 10 * time.Second
)

// getEvents is the live stream of the page: values and status. The first values are a snapshot of all points, and replace
// what the page knows; later ones are the points that changed. It ends with the login, and at once with the server.
func (s *Server) getEvents(c *gin.Context) {
	s.serveStream(c, func(ctx context.Context, stream eventStream) {
		values := make(chan []gateway.Reading)
		var follower sync.WaitGroup
		defer follower.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		follower.Go(func() { s.follow(ctx, values) })
		s.stream(ctx, c.Request, stream, values)
	})
}

// serveStream takes a place for an event stream and runs it with a context that ends with the request or the server.
func (s *Server) serveStream(c *gin.Context, run func(context.Context, eventStream)) {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		writeProblem(c.Writer, newProblem(http.StatusServiceUnavailable, gateway.Unavailable,
			"too many pages are open: close one"))
		return
	}
	ctx, cancel := context.WithCancel(c.Request.Context())
	defer cancel()
	defer context.AfterFunc(serving(ctx), cancel)()

	header := c.Writer.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no")
	stream := eventStream{writer: c.Writer, control: http.NewResponseController(c.Writer)}
	if err := stream.send("retry: 1000\n\n"); err != nil {
		return
	}
	run(ctx, stream)
}

// follow hands over what changed, at the pace of the stream.
func (s *Server) follow(ctx context.Context, values chan<- []gateway.Reading) {
	defer close(values)
	watch := s.Live.Watch()
	defer watch.Close()
	pace := time.NewTicker(valuesPace)
	defer pace.Stop()
	for {
		readings, err := watch.Next(ctx)
		if err != nil {
			return
		}
		select {
		case values <- readings:
		case <-ctx.Done():
			return
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return
		}
	}
}

// stream sends until a side ends. Errors of sending mean that the page is gone, which is no news to anybody.
func (s *Server) stream(ctx context.Context, request *http.Request, stream eventStream, values <-chan []gateway.Reading) {
	status := time.NewTicker(statusPace)
	defer status.Stop()
	if stream.event("status", s.status()) != nil {
		return
	}
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case readings, more := <-values:
			if !more {
				return
			}
			err = stream.event("values", list(readings))
		case <-status.C:
			if s.visit(request).may(gateway.RoleViewer) != nil {
				return // logged out meanwhile
			}
			err = stream.event("status", s.status())
		}
		if err != nil {
			return
		}
	}
}

type eventStream struct {
	writer  http.ResponseWriter
	control *http.ResponseController
}

func (e eventStream) event(name string, content any) error {
	data, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", name, err)
	}
	return e.send("event: " + name + "\ndata: " + string(data) + "\n\n")
}

// send lifts the write timeout of the server and puts one for each event in its place.
func (e eventStream) send(text string) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(streamWriteTimeout)); err != nil {
		return fmt.Errorf("set the deadline of the stream: %w", err)
	}
	if _, err := e.writer.Write([]byte(text)); err != nil {
		return fmt.Errorf("write to the stream: %w", err)
	}
	return e.control.Flush()
}
