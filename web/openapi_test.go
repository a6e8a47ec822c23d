package web_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/tidegate/tidegate/web"
)

var update = flag.Bool("update", false, "write openapi.yaml anew")

// TestOpenAPIIsUpToDate fails when openapi.yaml is older than the handlers; -update writes it anew.
func TestOpenAPIIsUpToDate(t *testing.T) {
	generated, err := web.New(web.Options{}).OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.yaml", generated, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(generated, committed) {
		t.Error("openapi.yaml is not what the handlers say: run go test ./web -run OpenAPI -update")
	}
}
