package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

const (
	// transferPause ends an upload or a download that stands still.
	transferPause = 30 * time.Second
	// drainTime is how long the rest of a refused upload is read, so that its sender gets the answer and not a reset.
	drainTime = time.Minute
)

// file is what a download sends. Close removes it.
type file interface {
	Name() string
	Write(w io.Writer) error
	Close() error
}

// download is a route of the API with checked input whose answer is a file of any size. An answer that ends in the middle
// is broken off, so that nobody takes it for whole.
func download[I any, F file](method, path, name string, least gateway.Role, summary string,
	handle func(*Server, context.Context, *I) (F, error),
) Route {
	return Route{
		Method: method, Path: apiPrefix + path, Least: least, name: name, summary: summary,
		mount: func(s *Server, api huma.API, r Route) {
			operation := r.operation()
			operation.Responses["200"] = response("application/octet-stream", &huma.Schema{Type: huma.TypeString, Format: "binary"})
			huma.Register(api, operation, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
				out, err := handle(s, ctx, in)
				if err != nil {
					return nil, s.problem(ctx, err)
				}
				return &huma.StreamResponse{Body: func(c huma.Context) { s.send(humagin.Unwrap(c), out) }}, nil
			})
		},
	}
}

func (s *Server) send(c *gin.Context, f file) {
	c.Header("Content-Type", "application/octet-stream")
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name()}))
	control := http.NewResponseController(c.Writer)
	// The body of the request was read; its deadline would end the request while the file is on its way.
	err := control.SetReadDeadline(time.Time{})
	if err == nil || errors.Is(err, http.ErrNotSupported) {
		err = f.Write(steadyWriter{c.Writer, control})
	}
	if err = errors.Join(err, f.Close()); err != nil {
		s.Logger.Warn("a download was broken off", "path", c.Request.URL.Path, "error", err)
		panic(http.ErrAbortHandler)
	}
}

// steadyWriter gives each piece a deadline of its own.
type steadyWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write ends with an error when nobody takes the piece in time.
func (w steadyWriter) Write(data []byte) (int, error) {
	if err := w.control.SetWriteDeadline(time.Now().Add(transferPause)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, fmt.Errorf("set the deadline of the download: %w", err)
	}
	return w.ResponseWriter.Write(data)
}

// upload is a route of the API that takes a form with a file of any size, which comes after the other fields; see form.
func upload[O any](method, path, name string, least gateway.Role, summary string,
	handle func(*Server, context.Context, *form) (*O, error),
) Route {
	return Route{
		Method: method, Path: apiPrefix + path, Least: least, name: name, summary: summary,
		mount: func(s *Server, api huma.API, r Route) {
			s.engine.Handle(r.Method, r.Path, func(c *gin.Context) {
				body := newSteadyReader(c)
				defer body.finish()
				out, err := receive(s, c.Request, body, handle)
				if err != nil {
					body.drain()
					writeProblem(c.Writer, s.problem(c.Request.Context(), err))
					return
				}
				c.JSON(http.StatusOK, out)
			})
			operation := r.operation()
			operation.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{formType: {Schema: formSchema()}}}
			answer := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[O](), true, "")
			operation.Responses["200"] = response("application/json", answer)
			api.OpenAPI().AddOperation(&operation)
		},
	}
}

func response(contentType string, schema *huma.Schema) *huma.Response {
	return &huma.Response{
		Description: http.StatusText(http.StatusOK),
		Content:     map[string]*huma.MediaType{contentType: {Schema: schema}},
	}
}

func receive[O any](s *Server, r *http.Request, body io.Reader, handle func(*Server, context.Context, *form) (*O, error)) (*O, error) {
	f, err := readForm(r.Header.Get("Content-Type"), body)
	if err != nil {
		return nil, err
	}
	return handle(s, r.Context(), f)
}

// steadyReader gives each piece of an upload a deadline of its own, in place of the server's for the whole request.
type steadyReader struct {
	body    io.Reader
	control *http.ResponseController
	end     time.Time // zero: none
}

func newSteadyReader(c *gin.Context) *steadyReader {
	return &steadyReader{body: c.Request.Body, control: http.NewResponseController(c.Writer)}
}

// Read ends with an error when nothing comes in time. What is done with all that came takes as long as it takes.
func (r *steadyReader) Read(data []byte) (int, error) {
	deadline := time.Now().Add(transferPause)
	if !r.end.IsZero() && r.end.Before(deadline) {
		deadline = r.end
	}
	if err := r.control.SetReadDeadline(deadline); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, fmt.Errorf("set the deadline of the upload: %w", err)
	}
	n, err := r.body.Read(data)
	if err == io.EOF { //nolint:errorlint // io.Reader gives the value itself
		// The server goes on reading to notice that the client is gone; that must not time out.
		_ = r.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// drain reads on for a while.
func (r *steadyReader) drain() {
	r.end = time.Now().Add(drainTime)
	_, _ = io.Copy(io.Discard, r) // the answer is an error in any case
}

// finish gives the answer its time, which the upload has used up.
func (r *steadyReader) finish() { _ = r.control.SetWriteDeadline(time.Now().Add(writeTimeout)) }
