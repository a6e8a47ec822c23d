package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/tidegate/tidegate/gateway"
)

// problemType is the content type of errors.
const problemType = "application/problem+json"

// codeInternal is the code of everything that a user cannot mend.
const codeInternal gateway.Code = "internal"

// statuses is the one table from codes to HTTP.
var statuses = map[gateway.Code]int{
	gateway.Invalid:      http.StatusUnprocessableEntity,
	gateway.NotFound:     http.StatusNotFound,
	gateway.Conflict:     http.StatusConflict,
	gateway.Unauthorized: http.StatusUnauthorized,
	gateway.Forbidden:    http.StatusForbidden,
	gateway.TooMany:      http.StatusTooManyRequests,
	gateway.Unavailable:  http.StatusServiceUnavailable,
	gateway.HasBacklog:   http.StatusConflict,
	codeInternal:         http.StatusInternalServerError,
}

// Problem is what went wrong, as RFC 9457 wants it.
type Problem struct {
	Title  string `json:"title" doc:"The HTTP status in words"`
	Status int    `json:"status"`
	Detail string `json:"detail" doc:"One sentence for the user: what is wrong and what to do"`
	// Code is for programs.
	Code gateway.Code `json:"code"`
	// Field is the path of the wrong input in the request: device.points[0].address.
	Field string `json:"field,omitempty" doc:"The wrong input in the request: device.points[0].address"`
	// Errors has all wrong fields when the form of the input is wrong.
	Errors []FieldProblem `json:"errors,omitempty"`
	// Instance is the id of an internal error in the log.
	Instance string `json:"instance,omitempty" doc:"The id of an internal error in the log"`
}

// FieldProblem is what is wrong with one field.
type FieldProblem struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Error is the sentence for the user.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType says that this is a problem.
func (p *Problem) ContentType(string) string { return problemType }

func newProblem(status int, code gateway.Code, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Detail: detail, Code: code}
}

// problem puts an error into words for the outside. Internal errors are logged in full and shown with an id only.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	if e, ok := errors.AsType[*gateway.Error](err); ok && statuses[e.Code] != 0 {
		p := newProblem(statuses[e.Code], e.Code, e.Message)
		p.Field = e.Field
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return newProblem(http.StatusServiceUnavailable, gateway.Unavailable, "this took too long: try again")
	}
	return s.internal(ctx, "request failed", "error", err)
}

func (s *Server) internal(ctx context.Context, message string, attributes ...any) *Problem {
	id := rand.Text()[:10]
	s.Logger.ErrorContext(ctx, message, append([]any{"id", id}, attributes...)...) //nolint:sloglint // constant at each call
	p := newProblem(http.StatusInternalServerError, codeInternal, "internal error "+id+": see the log")
	p.Instance = id
	return p
}

// writeProblem is for places outside of the handlers.
func writeProblem(w http.ResponseWriter, p *Problem) {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts and a number
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	// The client may be gone; there is nobody left to tell.
	_, _ = w.Write(append(data, '\n'))
}
