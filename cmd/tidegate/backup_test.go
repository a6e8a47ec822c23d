package main_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// service is a gateway of its own for the tests of backups.
type service struct {
	*programtest.Process
	dir  string // everything of the test; data is its sub-directory
	port string
}

const backupPassphrase = "correct horse battery staple"

// newPlace makes a directory with a file of the passphrase.
func newPlace(t *testing.T) string {
	t.Helper()
	dir := programtest.ShortDir(t)
	for _, sub := range []string{"home", "tmp", "cwd"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "pass"), []byte(backupPassphrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func startService(t *testing.T, dir string) service {
	t.Helper()
	port := freePort(t)
	s := service{programtest.Start(t, nil, program, "serve", "--data", filepath.Join(dir, "data"), "--runtime", filepath.Join(dir, "run"),
		"--https", "127.0.0.1:0", "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:"+port), dir, port}
	programtest.Eventually(t, 15*time.Second, "the service prints its links", func() bool { return s.Value("control") != "" })
	return s
}

// tool runs a sub-command in the directory cwd with nothing of this machine's user.
func tool(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, append(args, "--data", filepath.Join(dir, "data"),
		"--runtime", filepath.Join(dir, "run"), "--passphrase-file", filepath.Join(dir, "pass"))...)
	command.Dir = filepath.Join(dir, "cwd")
	command.Env = []string{"HOME=" + filepath.Join(dir, "home"), "TMPDIR=" + filepath.Join(dir, "tmp"), "PATH=" + os.Getenv("PATH")}
	output, err := command.CombinedOutput()
	return string(output), err
}

func mustTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	output, err := tool(t, dir, args...)
	if err != nil {
		t.Fatalf("tidegate %v: %v\n%s", args, err, output)
	}
	return output
}

func (s service) statusText() ([]byte, error) {
	return exec.Command(program, "status", "--runtime", filepath.Join(s.dir, "run")).Output()
}

func (s service) status(t *testing.T) (status gateway.Status) {
	t.Helper()
	output, err := s.statusText()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(output, &status); err != nil {
		t.Fatal(err)
	}
	return status
}

// mosquitto runs one of Mosquitto's clients against the service.
func (s service) mosquitto(t *testing.T, client string, args ...string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), client, append([]string{"-p", s.port, "-V", "5"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", client, args, err, output)
	}
	return string(output)
}

// remember makes a session that queues everything while nobody is there.
func (s service) remember(t *testing.T, id string) {
	t.Helper()
	s.mosquitto(t, "mosquitto_sub", "-i", id, "-c", "-x", "4294967295", "-q", "2", "-t", "#", "-E")
}

// publish sends one message per line and returns when all are acknowledged.
func (s service) publish(t *testing.T, topic, prefix string, count int) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "mosquitto_pub", "-p", s.port, "-V", "5", "-q", "1", "-t", topic, "-l")
	var lines strings.Builder
	for i := range count {
		fmt.Fprintf(&lines, "%s-%d\n", prefix, i)
	}
	command.Stdin = strings.NewReader(lines.String())
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("publish: %v\n%s", err, output)
	}
}

// load publishes until it is stopped, at most 20,000 messages at some 5,000 in a second.
func (s service) load(t *testing.T, topic string) (stop func()) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "mosquitto_pub", "-p", s.port, "-V", "5", "-q", "1", "-t", topic, "-l")
	lines, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var feeding sync.WaitGroup
	feeding.Go(func() {
		pace := time.NewTicker(10 * time.Millisecond)
		defer pace.Stop()
		for range 400 {
			<-pace.C
			if _, err := io.WriteString(lines, strings.Repeat("later\n", 50)); err != nil {
				return // it was stopped
			}
		}
	})
	stop = sync.OnceFunc(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		feeding.Wait()
	})
	t.Cleanup(stop)
	return stop
}

// queued takes what waits for a session.
func (s service) queued(t *testing.T, id string, count int) []string {
	t.Helper()
	output := s.mosquitto(t, "mosquitto_sub", "-i", id, "-c", "-x", "4294967295", "-q", "2", "-t", "#", "-C", fmt.Sprint(count), "-W", "20")
	return strings.Fields(output)
}

// TestBackupUnderLoadIsRestoredElsewhere: what was acknowledged before the backup began is in it, in order, and comes out
// of another gateway, which says that it may come twice until it is gone.
func TestBackupUnderLoadIsRestoredElsewhere(t *testing.T) {
	t.Parallel()
	first := startService(t, newPlace(t))
	first.remember(t, "reader")
	first.publish(t, "a", "before", 500)
	stopLoad := first.load(t, "b")
	programtest.Eventually(t, 10*time.Second, "the load is on", func() bool { return first.status(t).Broker.Queued > 700 })
	file := filepath.Join(first.dir, "gate.tgbackup")
	mustTool(t, first.dir, "backup", "--queue", "--output", file)
	held := first.status(t).Broker.Queued
	stopLoad()
	first.Interrupt(t)

	second := startService(t, newPlace(t))
	t.Log(mustTool(t, second.dir, "restore", file, "--queue", "--yes"))
	programtest.Eventually(t, 10*time.Second, "the service runs again", func() bool { return len(second.status(t).Alarms) > 0 })
	status := second.status(t)
	if status.Alarms[0].Code != gateway.AlarmQueueRestored || status.Broker.Queued < 700 || status.Broker.Queued > held {
		t.Fatalf("alarms %+v, %d queued, at most %d were", status.Alarms, status.Broker.Queued, held)
	}
	got := second.queued(t, "reader", int(status.Broker.Queued))
	for i := range 500 {
		if got[i] != fmt.Sprintf("before-%d", i) {
			t.Fatalf("message %d is %s", i, got[i])
		}
	}
	programtest.Eventually(t, 10*time.Second, "the alarm ends", func() bool { return len(second.status(t).Alarms) == 0 })
	t.Logf("%d messages restored, %d were queued after the backup", len(got), held)
}

// TestBackupKeepsSecretsAndModes: the file is its owner's, and nothing in it can be read.
func TestBackupKeepsSecretsAndModes(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	s.mosquitto(t, "mosquitto_pub", "-q", "1", "-r", "-t", "kanarienvogel/topic", "-m", "kanarienvogel")
	output := strings.TrimSpace(mustTool(t, s.dir, "backup", "--queue"))
	if !strings.HasPrefix(output, "tidegate-") || !strings.HasSuffix(output, ".tgbackup") {
		t.Errorf("it is called %q", output)
	}
	path := filepath.Join(s.dir, "cwd", output)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"kanarienvogel", "PRIVATE KEY", "SQLite", "argon2id", "config.db"} {
		if bytes.Contains(content, []byte(word)) {
			t.Errorf("%q stands in the file", word)
		}
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, "data", "*.new")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for path, entry := range entries(t, filepath.Join(s.dir, "data")) {
		if entry.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, entry.Mode())
		}
	}
}

func entries(t *testing.T, folder string) map[string]fs.FileInfo {
	t.Helper()
	all := map[string]fs.FileInfo{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		all[path] = info
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestARefusedRestoreChangesNothing, neither with a running gateway nor without one.
func TestARefusedRestoreChangesNothing(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	s := startService(t, dir)
	good := filepath.Join(dir, "good")
	mustTool(t, dir, "backup", "--output", good)
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(content)
	flipped[len(flipped)/2] ^= 1
	files := map[string][]byte{"cut": content[:len(content)-100], "flipped": flipped, "foreign": []byte("SQLite format 3\x00"), "empty": nil}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	started := s.status(t).Started
	refused := func(t *testing.T, names ...string) {
		t.Helper()
		for _, name := range names {
			if output, err := tool(t, dir, "restore", filepath.Join(dir, name), "--yes"); err == nil {
				t.Errorf("%s: accepted: %s", name, output)
			}
		}
		if output, err := tool(t, dir, "restore", good, "--yes", "--queue"); err == nil || !strings.Contains(output, "the queue is not in it") {
			t.Errorf("a queue that is not in it: %v, %s", err, output)
		}
		if output := mustTool(t, dir, "restore", good, "--dry-run"); !strings.Contains(output, "revision") {
			t.Errorf("dry run: %s", output)
		}
		if output, err := tool(t, dir, "restore", good); err == nil || !strings.Contains(output, "no terminal") {
			t.Errorf("nobody was asked: %v, %s", err, output)
		}
	}
	before := listing(t, dir)
	refused(t, "cut", "flipped", "foreign", "empty")
	if got := s.status(t).Started; !got.Equal(started) || !slices.Equal(listing(t, dir), before) {
		t.Errorf("started %v instead of %v, files\n%v instead of\n%v", got, started, listing(t, dir), before)
	}
	s.Interrupt(t)
	before = sums(t, dir)
	refused(t, "cut")
	if got := sums(t, dir); !slices.Equal(got, before) {
		t.Errorf("changed\n%v instead of\n%v", got, before)
	}
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	for path := range entries(t, dir) {
		names = append(names, path)
	}
	slices.Sort(names)
	return names
}

// sums are names and contents.
func sums(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	for path, entry := range entries(t, dir) {
		content := ""
		if entry.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			content = fmt.Sprintf("%x", sha256.Sum256(data))
		}
		all = append(all, path+" "+content)
	}
	slices.Sort(all)
	return all
}

// TestNothingOutsideTheDataDirectoryIsWritten, by a restore with the gateway running and stopped.
func TestNothingOutsideTheDataDirectoryIsWritten(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	s := startService(t, dir)
	file := filepath.Join(dir, "file")
	mustTool(t, dir, "backup", "--queue", "-o", file)
	data := filepath.Join(dir, "data")
	outside := func() []string {
		return slices.DeleteFunc(listing(t, dir), func(path string) bool { return strings.HasPrefix(path, data) })
	}
	before := outside()
	mustTool(t, dir, "restore", file, "--queue", "--yes")
	if got := outside(); !slices.Equal(got, before) {
		t.Errorf("running: %v instead of %v", got, before)
	}
	s.Interrupt(t)
	before = outside()
	mustTool(t, dir, "restore", file, "--queue", "--yes")
	if got := outside(); !slices.Equal(got, before) {
		t.Errorf("stopped: %v instead of %v", got, before)
	}
	if kept, err := filepath.Glob(filepath.Join(data, "before-restore-*", "config.db")); err != nil || len(kept) != 2 {
		t.Errorf("of before are kept %v, %v", kept, err)
	}
}

// TestRestoreWithoutRoom: what fills the disk is refused, and nothing has changed.
func TestRestoreWithoutRoom(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	s := startService(t, dir)
	file := filepath.Join(dir, "file")
	mustTool(t, dir, "backup", "-o", file)
	s.Interrupt(t)
	before := sums(t, dir)
	// A limit on the size of files stands for the end of the disk.
	command := exec.CommandContext(t.Context(), "bash", "-c", `trap "" XFSZ; ulimit -f 16; exec "$0" "$@"`, program, "restore", file, "--yes",
		"--data", filepath.Join(dir, "data"), "--runtime", filepath.Join(dir, "run"), "--passphrase-file", filepath.Join(dir, "pass"))
	if output, err := command.CombinedOutput(); err == nil || !strings.Contains(string(output), "file too large") {
		t.Errorf("%v: %s", err, output)
	}
	if got := sums(t, dir); !slices.Equal(got, before) {
		t.Error("something has changed")
	}
	startService(t, dir)
}
