package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tidegate/tidegate/gateway"
)

// metricsPath is where Prometheus looks by itself.
const metricsPath = "/metrics"

func (s *Server) getMetrics(c *gin.Context) {
	if s.Metrics == nil {
		writeProblem(c.Writer, newProblem(http.StatusNotFound, gateway.NotFound, "there are no metrics here"))
		return
	}
	s.Metrics.ServeHTTP(c.Writer, c.Request)
}
