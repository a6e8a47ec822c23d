// Package http3 stands in the place of a package that gin knows and nothing here uses: HTTP/3 would be a tenth of what the
// page and its API need of the program.
package http3

import (
	"errors"
	"net/http"
)

// ListenAndServeQUIC always fails.
func ListenAndServeQUIC(string, string, string, http.Handler) error {
	return errors.New("this program does not speak HTTP/3")
}
