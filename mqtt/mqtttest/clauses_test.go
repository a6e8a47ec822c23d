package mqtttest_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// citation is how a statement is named in code, tests and conversations: MQTT-3.1.0-1 is one of MQTT 5.0,
// MQTT3-3.1.0-1 one of MQTT 3.1.1, because the same number often means another thing there.
var citation = regexp.MustCompile(`\bMQTT3?-\d+(?:\.\d+)+-\d+\b`)

// side is whom a statement binds.
type side string

const (
	server side = "server"
	client side = "client"
	both   side = "both"
)

func (s side) parts() []side {
	if s == both {
		return []side{server, client}
	}
	return []side{s}
}

// MustClauses reads a list of statements.
func MustClauses(t *testing.T, file, prefix string) map[string]side {
	t.Helper()
	clauses := map[string]side{}
	for line := range strings.Lines(MustRead(t, file)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		binds := side(fields[1])
		if !slices.Contains([]side{server, client, both}, binds) {
			t.Fatalf("%s: %q binds nobody", file, line)
		}
		clauses[prefix+fields[0]] = binds
	}
	return clauses
}

func MustRead(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// explanation is a statement that no test can show for one of the sides.
type explanation struct {
	clause string
	side   side
}

// MustExplanations reads the sentences for what is not tested: "[statement] side: why".
func MustExplanations(t *testing.T) map[explanation]bool {
	t.Helper()
	form := regexp.MustCompile(`^\[(MQTT3?-[\d.]+-\d+)\] (server|client): \S.{20,}\.$`)
	explained := map[explanation]bool{}
	for line := range strings.SplitSeq(strings.TrimSpace(MustRead(t, "clauses/explained.txt")), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := form.FindStringSubmatch(line)
		if parts == nil {
			t.Errorf("%q is not of the form [statement] side: a sentence", line)
			continue
		}
		explained[explanation{parts[1], side(parts[2])}] = true
	}
	return explained
}

// where says which sides a file speaks for, and whether it is a test. What is cited in code alone is a claim.
func where(path string) (sides []side, isTest bool) {
	isTest = strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".txt")
	switch dir := filepath.ToSlash(filepath.Dir(path)); {
	case dir == "mqtt/client", strings.HasPrefix(dir, "bridge"), dir == "mqtt/mqtttest/conversations/client":
		return []side{client}, isTest
	case dir == "mqtt/broker", strings.HasPrefix(dir, "mqtt/mqtttest/conversations"), dir == "storage/queue":
		return []side{server}, isTest
	default: // what broker and client share
		return []side{server, client}, isTest
	}
}

// MustCitations finds which statements are cited, by tests and at all.
func MustCitations(t *testing.T) (tested map[explanation]bool, cited map[string]string) {
	t.Helper()
	const root = "../.."
	tested, cited = map[explanation]bool{}, map[string]string{}
	for _, folder := range []string{"mqtt", "storage", "bridge"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			inside, _ := filepath.Rel(root, path)
			if err != nil || entry.IsDir() || !mayCite(inside) {
				return err
			}
			sides, isTest := where(inside)
			for _, clause := range citation.FindAllString(MustRead(t, path), -1) {
				cited[clause] = inside
				for _, s := range sides {
					if isTest {
						tested[explanation{clause, s}] = true
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return tested, cited
}

// mayCite leaves out the lists, and this test.
func mayCite(path string) bool {
	if filepath.Dir(path) == filepath.Join("mqtt", "mqtttest") {
		return false
	}
	return strings.HasSuffix(path, ".go") ||
		strings.HasSuffix(path, ".txt") && strings.Contains(path, filepath.Join("mqtttest", "conversations"))
}

// TestEveryStatementIsTestedOrExplained holds the numbered statements of MQTT 3.1.1 and 5.0 against code and tests: what
// binds a server must be tested with the broker, what binds a client with our client, or stand with its reason in
// clauses/explained.txt; and what is cited must exist.
func TestEveryStatementIsTestedOrExplained(t *testing.T) {
	clauses := MustClauses(t, "clauses/v311.txt", "MQTT3-")
	maps.Copy(clauses, MustClauses(t, "clauses/v5.txt", "MQTT-"))
	if len(clauses) != 141+251 {
		t.Errorf("%d statements, want the 141 of MQTT 3.1.1 and the 251 of 5.0", len(clauses))
	}
	tested, cited := MustCitations(t)
	for clause, path := range cited {
		if _, known := clauses[clause]; !known {
			t.Errorf("%s cites %s, which does not exist", path, clause)
		}
	}
	explained := MustExplanations(t)
	var open []string
	for clause, binds := range clauses {
		for _, s := range binds.parts() {
			key := explanation{clause, s}
			switch {
			case !tested[key] && !explained[key]:
				open = append(open, fmt.Sprintf("%s binds the %s: no test cites it", clause, s))
			case tested[key] && explained[key]:
				t.Errorf("%s is tested for the %s: its explanation is not needed", clause, s)
			}
			delete(explained, key)
		}
	}
	for key := range explained {
		t.Errorf("%s does not exist or does not bind the %s", key.clause, key.side)
	}
	slices.Sort(open)
	for _, line := range open {
		t.Error(line)
	}
}
