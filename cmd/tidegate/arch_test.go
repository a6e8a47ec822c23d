package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tidegate/tidegate/"

// allowed is who may import whom of ours. An edge that is not here turns the flow of data or of configuration around,
// or ties two parts together that speak through the vocabulary (gateway, mqtt).
var allowed = map[string][]string{
	"mqtt":               {},
	"mqtt/packet":        {"mqtt"},
	"mqtt/inflight":      {"mqtt"},
	"mqtt/broker":        {"mqtt", "mqtt/packet", "mqtt/inflight"},
	"mqtt/client":        {"mqtt", "mqtt/packet", "mqtt/inflight"},
	"mqtt/mqtttest":      {"mqtt", "mqtt/packet"},
	"gateway":            {"mqtt"},
	"gateway/poller":     {"gateway", "mqtt"},
	"gateway/supervisor": {"gateway"},
	"gateway/live":       {"gateway", "mqtt"},
	"gateway/access":     {"gateway", "mqtt"},
	// What drivers have learned about devices; it outlives drivers and wires.
	"gateway/memory": {"gateway"},
	// What the kernel says about the machine below, for the page.
	"gateway/machine": {"gateway"},
	// Changes that undo themselves; what they are about is wired by cmd.
	"gateway/pending": {"gateway"},
	// When alarms began and ended, and who has seen them; who decides about them is wired by cmd.
	"gateway/alarms": {"gateway"},
	// What the gateway shows in a handshake, for MQTT and the page alike.
	"gateway/certificates": {"gateway"},
	"drivers":              {"gateway", "drivers/..."},
	"drivers/line":         {"gateway"},
	"drivers/value":        {"gateway"},
	"drivers/modbus":       {"gateway", "drivers/line", "drivers/value"},
	"drivers/serial":       {"gateway", "drivers/line", "drivers/value"},
	"drivers/sim":          {"gateway", "drivers/line", "drivers/value"},
	"drivers/drivertest":   {"gateway"},
	// Templates of devices, as data.
	"drivers/profiles": {"gateway"},
	"bridge":           {"gateway", "mqtt", "mqtt/client"},
	"storage":          {},
	"storage/config":   {"storage", "gateway"},
	"storage/history":  {"storage", "gateway"},
	"storage/queue":    {"storage", "mqtt"},
	// Disks that fail, for tests of all packages.
	"storage/storagetest": {},
	"storage/archive":     {},
	"web":                 {"gateway", "mqtt", "web/ui"},
	"web/ui":              {},
	"cmd/tidegate":        {"..."},
	// Wiring, as cmd/tidegate is: it reads the parts for Prometheus and none of them knows it, nor that library.
	"cmd/tidegate/metrics": {"gateway", "mqtt", "mqtt/broker", "storage", "storage/queue"},
	// Only tests: the built program is looked at from outside.
	"cmd/tidegate/faults":      {},
	"cmd/tidegate/programtest": {},
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Doc        string
	GoFiles    []string
}

func listPackages(t *testing.T) []goPackage {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Doc,GoFiles", module+"...").Output()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	var packages []goPackage
	decoder := json.NewDecoder(strings.NewReader(string(output)))
	for {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("decode the list of packages: %v", err)
		}
		packages = append(packages, p)
	}
}

func TestImportsFollowTheTable(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		rules, known := allowed[name]
		if !known {
			t.Errorf("package %s has no row in the import table: give it one in arch_test.go, with a reason", name)
			continue
		}
		for _, path := range p.Imports {
			imported, ours := strings.CutPrefix(path, module)
			if ours && !mayImport(rules, imported) {
				t.Errorf("%s imports %s: they speak through the vocabulary (gateway, mqtt), and cmd/tidegate wires them", name, imported)
			}
		}
	}
}

func mayImport(rules []string, imported string) bool {
	return slices.ContainsFunc(rules, func(rule string) bool {
		prefix, wildcard := strings.CutSuffix(rule, "...")
		return rule == imported || wildcard && strings.HasPrefix(imported, prefix)
	})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range listPackages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("package %s has no package comment", p.ImportPath)
		}
	}
}

// TestNoForeignMQTT keeps the promise that broker and client are our own.
func TestNoForeignMQTT(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+"cmd/tidegate").Output()
	if err != nil {
		t.Fatalf("list dependencies: %v", err)
	}
	for path := range strings.Lines(string(output)) {
		if strings.Contains(strings.ToLower(path), "mqtt") && !strings.HasPrefix(path, module) {
			t.Errorf("the product depends on an MQTT library: %s", path)
		}
	}
}
