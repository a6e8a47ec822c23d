package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// openAPIDocument answers with the description of the API, which is the same for everybody: a program is told nothing of
// this gateway. It is written anew each time, because it is asked for rarely and is large.
func (s *Server) openAPIDocument(c *gin.Context) { c.JSON(http.StatusOK, s.api) }
