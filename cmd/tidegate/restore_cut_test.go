package main_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
)

// state is what tells two gateways apart: one mark for each thing that a restore replaces.
type state struct {
	ca       string // tls
	setUp    bool   // config.db
	sessions int    // queue.db
}

func (s service) state(t *testing.T) state {
	t.Helper()
	got := state{setUp: !strings.Contains(s.Value("page"), "#setup="), sessions: s.status(t).Broker.Sessions}
	for _, line := range s.Output() {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "certificate" {
			got.ca = fields[len(fields)-1]
		}
	}
	return got
}

// killedAt runs tidegate until it renames something of that name for the first time, at which it gets kill -9; false when
// it came further, or, for the service, began to serve.
func killedAt(t *testing.T, name, dir string, args ...string) bool {
	t.Helper()
	all := append([]string{
		"-f", "-qq", "--signal=none", "-o", filepath.Join(dir, "tmp", "strace"), "-e", "trace=renameat,renameat2",
		"-P", name, "-e", "inject=renameat,renameat2:signal=KILL:when=1", program,
	}, args...)
	p := programtest.Start(t, nil, "/usr/bin/strace", append(all, "--data", filepath.Join(dir, "data"), "--runtime", filepath.Join(dir, "run"))...)
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-p.Ended:
			return !p.Command.ProcessState.Success()
		case <-tick.C:
			if p.Value("control") != "" {
				p.Interrupt(t)
				return false
			}
		case <-deadline:
			t.Fatal("it neither dies nor serves")
		}
	}
}

func copyTree(t *testing.T, from string) string {
	t.Helper()
	to := newPlace(t)
	if err := os.CopyFS(filepath.Join(to, "data"), os.DirFS(filepath.Join(from, "data"))); err != nil {
		t.Fatal(err)
	}
	return to
}

// TestRestoreKilledAtAnyRename: until the restore is certain the old gateway starts, from then on the new one, wherever
// the restore was killed. Each kill is followed by a start; the syncs between the renames are not proved by it.
func TestRestoreKilledAtAnyRename(t *testing.T) {
	t.Parallel()
	if output, err := exec.CommandContext(t.Context(), "/usr/bin/strace", "-qq", "-e", "trace=none", "true").CombinedOutput(); err != nil {
		t.Skipf("strace is missing or may not trace here: %v %s", err, output)
	}
	from := startService(t, newPlace(t))
	from.remember(t, "one")
	setUp(t, from)
	file := filepath.Join(from.dir, "file")
	mustTool(t, from.dir, "backup", "--queue", "-o", file)
	from.Interrupt(t)
	again := startService(t, from.dir)
	fresh := again.state(t)
	again.Interrupt(t)

	old := startService(t, newPlace(t))
	old.remember(t, "two")
	old.remember(t, "three")
	present := old.state(t)
	old.Interrupt(t)
	if present.ca == fresh.ca || present.sessions != fresh.sessions+1 || !fresh.setUp || present.setUp {
		t.Fatalf("the test proves nothing: %+v, %+v", present, fresh)
	}
	restore := []string{"restore", file, "--queue", "--yes", "--passphrase-file", filepath.Join(old.dir, "pass")}

	uncertain := copyTree(t, old.dir)
	if !killedAt(t, "restore.new", uncertain, restore...) {
		t.Fatal("it was not killed")
	}
	wantState(t, uncertain, present)
	certain := copyTree(t, old.dir)
	if !killedAt(t, "config.db", certain, restore...) {
		t.Fatal("it was not killed")
	}
	for _, name := range []string{"config.db", "config.db-wal", "config.db-damaged", "tls", "queue.db", "queue.db-damaged", "restored.json"} {
		dir := copyTree(t, certain)
		if !killedAt(t, name, dir, "serve", "--https", "off", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0") {
			t.Errorf("%s: it was not killed", name)
		}
		wantState(t, dir, fresh)
	}
}

func wantState(t *testing.T, dir string, want state) {
	t.Helper()
	s := startService(t, dir)
	if got := s.state(t); got != want {
		t.Errorf("it starts as %+v, want %+v", got, want)
	}
	s.Interrupt(t)
	for _, name := range []string{"restore.new", "restore.ready", "backup.new"} {
		if _, err := os.Stat(filepath.Join(dir, "data", name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}

// setUp makes the first administrator.
func setUp(t *testing.T, s service) {
	t.Helper()
	for _, line := range s.Output() {
		page, token, found := strings.Cut(line, "#setup=")
		if !found || !strings.Contains(page, "http://") {
			continue
		}
		url := strings.Fields(page)[1] + "api/v1/setup"
		body := fmt.Sprintf(`{"token":%q,"name":"anna","password":"a long one for anna"}`, token)
		response, err := http.Post(url, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK {
			t.Fatalf("set-up: %s", response.Status)
		}
		return
	}
	t.Fatal("no link over HTTP")
}
