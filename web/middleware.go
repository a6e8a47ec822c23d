package web

import (
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// ContentSecurityPolicy is what the page may load and do: itself, and nothing from elsewhere. Style elements, which the
// component library of the page adds, have to carry the nonce of the document; an empty one allows none. No script may
// stand in the document.
func ContentSecurityPolicy(nonce string) string {
	styles := "'self'"
	if nonce != "" {
		styles += " 'nonce-" + nonce + "'"
	}
	return "default-src 'none'; script-src 'self'; style-src " + styles + "; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

// secured puts around everything what every answer needs, also a refusal. Strict-Transport-Security is left out: it
// covers all ports of a host name, and the gateway does not decide for others on its machine.
func secured(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusForbidden, gateway.Forbidden, "the request comes from another site"))
	}))
	inner, policy := origin.Handler(limited(next)), ContentSecurityPolicy("")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if isAPI(r.URL.Path) {
			header.Set("Cache-Control", "no-store")
		}
		inner.ServeHTTP(w, r)
	})
}

// limited bounds what a request may send. An upload has bounds of its own.
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == apiPrefix+restorePath {
			next.ServeHTTP(w, r)
			return
		}
		limit := bodyLimit(r.URL.Path)
		if r.ContentLength > limit { // nothing of it has to be read to know
			writeProblem(w, newProblem(http.StatusRequestEntityTooLarge, gateway.Invalid, fmt.Sprintf("at most %d bytes are taken here", limit)))
			return
		}
		http.MaxBytesHandler(next, limit).ServeHTTP(w, r)
	})
}

func bodyLimit(path string) int64 {
	// A device may have thousands of points.
	if strings.HasPrefix(path, apiPrefix+importPath) || strings.HasPrefix(path, apiPrefix+devicesPath) {
		return maxDocument
	}
	return maxBody
}

func isAPI(path string) bool {
	return path == "/api" || strings.HasPrefix(path, "/api/") || path == "/healthz" || path == "/readyz" || path == metricsPath
}

// otherPath is the page, for all that is not the API.
func (s *Server) otherPath(c *gin.Context) {
	if isAPI(c.Request.URL.Path) || s.UI == nil {
		writeProblem(c.Writer, newProblem(http.StatusNotFound, gateway.NotFound, "there is nothing here"))
		return
	}
	c.Status(http.StatusOK) // the router has set 404
	s.UI.ServeHTTP(c.Writer, c.Request)
}

// recover ends one request, not the program.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		if cause == http.ErrAbortHandler { //nolint:errorlint // the value itself, as net/http compares it
			panic(cause) // an answer that has begun is broken off: an orderly end would make it look whole
		}
		p := s.internal(c.Request.Context(), "request panicked", "cause", cause, "stack", string(debug.Stack()))
		if !c.Writer.Written() {
			writeProblem(c.Writer, p)
		}
		c.Abort()
	}()
	c.Next()
}

// log has one line per request for debugging, and one for every change that a user made.
func (s *Server) log(c *gin.Context) {
	start := time.Now()
	c.Next()
	status, user := c.Writer.Status(), visitorOf(c.Request.Context()).user.Name
	attributes := []any{
		"method", c.Request.Method, "path", shortened(c.Request.URL.Path), "status", status,
		"user", user, "address", addressOf(c.Request),
	}
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead && status < 400 {
		s.Logger.Info("change by a user", attributes...)
		return
	}
	s.Logger.Debug("request", append(attributes, "duration", time.Since(start))...)
}

func shortened(text string) string {
	const limit = 200
	if len(text) > limit {
		return text[:limit]
	}
	return text
}

// addressOf is where a request comes from, without the port.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
