package gateway

import (
	"bytes"
	"encoding/json"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// ReadYAML reads a text that people have written into what has JSON tags. It knows every field, so that a typing error is
// told and not left out. The error is Invalid and is about field, which what says in words.
func ReadYAML(field, what, text string, into any) error {
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return FieldErrorf(field, "this is not YAML: %s", yaml.FormatError(err, false, true))
	}
	// A short text with aliases of aliases can become a huge one.
	search := &aliases{}
	for _, d := range file.Docs {
		ast.Walk(search, d)
	}
	if search.found || len(file.Docs) != 1 {
		return FieldErrorf(field, "it must be one YAML document without anchors and aliases (& and *)")
	}
	data, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		return FieldErrorf(field, "this is not YAML: %s", yaml.FormatError(err, false, true))
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return FieldErrorf(field, "this is not %s: %w", what, err)
	}
	return nil
}

// aliases looks for anchors and aliases.
type aliases struct{ found bool }

// Visit implements ast.Visitor.
func (a *aliases) Visit(node ast.Node) ast.Visitor {
	switch node.(type) {
	case *ast.AliasNode, *ast.AnchorNode:
		a.found = true
	}
	return a
}
