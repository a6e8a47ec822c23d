package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"

	"github.com/tidegate/tidegate/gateway"
)

// maxDocument bounds a configuration that is imported: 10,000 points need about a quarter of it.
const maxDocument = 8 << 20

// document is the configuration as a file.
type document struct {
	name string
	data []byte
}

// Name is what the file is called.
func (d *document) Name() string { return d.name }

// Write writes the file.
func (d *document) Write(w io.Writer) error {
	_, err := w.Write(d.data)
	return err
}

// Close has nothing to do.
func (d *document) Close() error { return nil }

// exportConfig gives the configuration in force as YAML. Secrets are redacted in it.
func (s *Server) exportConfig(context.Context, *none) (*document, error) {
	config := shown(s.Control.Config())
	data, err := json.Marshal(config.Compact())
	if err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	text, err := yaml.JSONToYAML(data)
	if err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	head := fmt.Sprintf("# Configuration of the Tidegate gateway %q, revision %d. Passwords and keys are not in it.\n", config.Name, config.Revision)
	return &document{name: "tidegate-" + config.Name + ".yaml", data: append([]byte(head), text...)}, nil
}

// Import is a configuration as a text in YAML.
type Import struct {
	Document string `json:"document" doc:"The configuration as YAML, as it was exported"`
}

type previewImportIn struct{ Body Import }

// previewImport changes nothing.
func (s *Server) previewImport(_ context.Context, in *previewImportIn) (*previewOut, error) {
	next, err := readDocument(in.Body.Document)
	if err != nil {
		return nil, err
	}
	current := s.Control.Config()
	ready, _ := current.WithSecretsOf(next)
	if err := ready.Validate(); err != nil {
		return nil, err
	}
	return &previewOut{Body: s.preview(next)}, nil
}

type importIn struct {
	Body struct {
		Import
		FromRevision
	}
}

func (s *Server) importConfig(ctx context.Context, in *importIn) (*savedOut, error) {
	next, err := readDocument(in.Body.Document)
	if err != nil {
		return nil, err
	}
	return s.replace(ctx, in.Body.Revision, next)
}

// readDocument reads a configuration as it was exported. What devices have in common with their profiles is put in.
func readDocument(text string) (config gateway.Config, err error) {
	if err := gateway.ReadYAML("document", "a configuration", text, &config); err != nil {
		return config, err
	}
	if config, err = config.Expanded(); err != nil {
		return config, err
	}
	return shown(config), nil
}
