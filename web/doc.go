// Package web serves the page and the API under /api/v1.
//
// Every route stands in one table (routes.go) with the least role that may use it. Handlers are plain functions from an
// input to an output; the library that checks input and writes openapi.yaml is used in routes.go and schema.go only. All
// changes go through gateway.Control: the configuration in force is copied, edited and applied with the revision that the
// form was made from.
//
//	request -> headers -> cross-origin check -> body limit -> recovery -> log -> role -> input check -> handler
//
// The package opens no listeners and starts nothing by itself: Serve blocks.
package web
