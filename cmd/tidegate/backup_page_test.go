package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/storage/history"
)

var (
	pastPoint = gateway.PointKey{Device: "boiler", Point: "flow"}
	pastTime  = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
)

// remembered runs a history without a gateway and gives what it knows of a point, after putting readings into it.
func remembered(t *testing.T, dir string, put ...gateway.Reading) []gateway.Bucket {
	t.Helper()
	h := history.New(filepath.Join(dir, "data", "history.db"), history.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := h.Run(ctx); err != nil {
			t.Errorf("run the history: %v", err)
		}
	})
	defer running.Wait()
	defer cancel()
	programtest.Eventually(t, 10*time.Second, "the history is open", func() bool { return h.Status().Failure == "" })
	h.Put(put)
	past, err := h.Past(ctx, gateway.PastQuery{Point: pastPoint, From: pastTime.Add(-time.Hour), To: pastTime.Add(time.Hour), Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return past.Buckets
}

func holdsReading(buckets []gateway.Bucket) bool {
	for _, b := range buckets {
		if b.Count == 1 && *b.Mean == 21.5 {
			return true
		}
	}
	return false
}

// upload sends a backup; whoever reads body may cut it.
func (a administrator) upload(backup io.Reader, passphrase string) (*http.Response, error) {
	a.t.Helper()
	body, out := io.Pipe()
	form := multipart.NewWriter(out)
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		err := form.WriteField("passphrase", passphrase)
		if err == nil {
			err = form.WriteField("history", "true")
		}
		part, failed := form.CreateFormFile("file", "gate.tgbackup")
		if err == nil && failed == nil {
			_, err = io.Copy(part, backup)
		}
		if err == nil {
			err = form.Close()
		}
		_ = out.CloseWithError(err)
	})
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.url+"restore", body)
	if err != nil {
		a.t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	for _, cookie := range a.cookies {
		request.AddCookie(cookie)
	}
	response, err := http.DefaultClient.Do(request)
	_ = body.Close() // ends the sender when the server did not take all
	return response, err
}

// stage uploads a backup that is accepted, as soon as nothing else goes on.
func (a administrator) stage(backup []byte) (plan gateway.RestorePlan) {
	a.t.Helper()
	programtest.Eventually(a.t, 10*time.Second, "the backup is taken", func() bool {
		response, err := a.upload(bytes.NewReader(backup), backupPassphrase)
		if err != nil {
			a.t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode == http.StatusConflict {
			return false
		}
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			a.t.Fatalf("%s %s: %v", response.Status, text, err)
		}
		if err := json.Unmarshal(text, &plan); err != nil {
			a.t.Fatal(err)
		}
		return true
	})
	return plan
}

// again is the administrator at a gateway that has restarted, perhaps at other addresses.
func (a administrator) again(s service) administrator {
	a.t.Helper()
	// It is printed a moment after the gateway answers; that of before has the token of set-up behind it.
	programtest.Eventually(a.t, 10*time.Second, "the new link is printed", func() bool {
		for _, line := range s.Output() {
			fields := strings.Fields(line)
			if len(fields) == 2 && strings.HasPrefix(fields[1], "http://") && strings.HasSuffix(fields[1], "/") {
				a.url = fields[1] + "api/v1/"
				return true
			}
		}
		return false
	})
	a.cookies = nil
	response, text := a.do("POST", "login", map[string]any{"name": "anna", "password": "a long one for anna"})
	if response.StatusCode != http.StatusOK {
		a.t.Fatalf("log in: %s %s", response.Status, text)
	}
	a.cookies = response.Cookies()
	return a
}

func (a administrator) hasUser(name string) bool {
	_, text := a.do("GET", "users", nil)
	return strings.Contains(string(text), fmt.Sprintf("%q", name))
}

func wantNoLeftovers(t *testing.T, dir string) {
	t.Helper()
	programtest.Eventually(t, 10*time.Second, "nothing unfinished is left", func() bool {
		left, err := filepath.Glob(filepath.Join(dir, "data", "*.new"))
		return err == nil && len(left) == 0
	})
}

// TestBackupAndRestoreThroughTheAPI: what is not confirmed changes nothing, what is confirmed brings the old state back,
// the history too, and whatever breaks off on the way leaves nothing behind.
func TestBackupAndRestoreThroughTheAPI(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	remembered(t, dir, gateway.Reading{Point: pastPoint, Value: gateway.FloatValue(21.5), Quality: gateway.Good, Time: pastTime})
	s := startService(t, dir)
	admin := setUpPage(t, s)
	response, backup := admin.do("POST", "backup", map[string]any{"passphrase": backupPassphrase, "history": true})
	if response.StatusCode != http.StatusOK || !strings.Contains(response.Header.Get("Content-Disposition"), ".tgbackup") {
		t.Fatalf("%s, %s: %.200s", response.Status, response.Header.Get("Content-Disposition"), backup)
	}
	wantNoLeftovers(t, dir)
	if response, text := admin.do("POST", "users", map[string]any{
		"user": map[string]any{"name": "bob", "role": "viewer"}, "password": "a long one for bob",
	}); response.StatusCode != http.StatusOK {
		t.Fatalf("add bob: %s %s", response.Status, text)
	}

	wrong, err := admin.upload(bytes.NewReader(backup), "not the passphrase of it")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(wrong.Body)
	_ = wrong.Body.Close()
	if wrong.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(text), `"field":"passphrase"`) {
		t.Errorf("a wrong passphrase: %s %s", wrong.Status, text)
	}
	cut := io.MultiReader(bytes.NewReader(backup[:len(backup)/2]), brokenReader{})
	if response, err := admin.upload(cut, backupPassphrase); err == nil {
		t.Errorf("a cut connection: %s", response.Status)
		_ = response.Body.Close()
	}
	forgotten := admin.stage(backup).ID
	admin.do("DELETE", "restore/"+forgotten, nil)
	wantNoLeftovers(t, dir)
	plan := admin.stage(backup)
	if response, _ := admin.do("POST", "restore/"+forgotten, nil); response.StatusCode != http.StatusNotFound {
		t.Errorf("what was forgotten is restored: %s", response.Status)
	}
	if len(plan.Users) != 1 || plan.Users[0] != "anna" || !plan.Backup.Has.History || plan.Backup.Has.Queue || !plan.Restores.History {
		t.Errorf("plan %+v", plan)
	}
	if !admin.hasUser("bob") {
		t.Error("looking has changed something")
	}

	started := s.status(t).Started
	if response, text := admin.do("POST", "restore/"+plan.ID, nil); response.StatusCode >= 300 {
		t.Fatalf("%s %s", response.Status, text)
	}
	programtest.Eventually(t, 20*time.Second, "it restarts", func() bool { return s.restartedAfter(started) })
	admin = admin.again(s)
	if admin.hasUser("bob") {
		t.Error("bob is still there")
	}
	if aside, err := filepath.Glob(filepath.Join(dir, "data", "before-restore-*", "history.db")); err != nil || len(aside) != 1 {
		t.Errorf("the history of before: %v, %v", aside, err)
	}

	// Killed while a backup waits for its confirmation.
	admin.stage(backup)
	s.Kill()
	s = startService(t, dir)
	wantNoLeftovers(t, dir)
	s.Interrupt(t)
	if !holdsReading(remembered(t, dir)) {
		t.Error("the reading is not in the history")
	}
}

// restartedAfter is false while nobody answers.
func (s service) restartedAfter(started time.Time) bool {
	output, err := s.statusText()
	var status gateway.Status
	return err == nil && json.Unmarshal(output, &status) == nil && status.Started.After(started)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestTheHistoryIsRestoredWhenWanted, of a gateway that does not run.
func TestTheHistoryIsRestoredWhenWanted(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	reading := gateway.Reading{Point: pastPoint, Value: gateway.FloatValue(21.5), Quality: gateway.Good, Time: pastTime}
	remembered(t, dir, reading)
	s := startService(t, dir)
	s.Interrupt(t)
	file, without := filepath.Join(dir, "file"), filepath.Join(dir, "without")
	mustTool(t, dir, "backup", "--history", "-o", file)
	mustTool(t, dir, "backup", "-o", without)
	path := filepath.Join(dir, "data", "history.db")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if text := mustTool(t, dir, "restore", file, "--yes"); !strings.Contains(text, "history        is in the backup, but stays") {
		t.Errorf("%s", text)
	}
	if holdsReading(remembered(t, dir)) {
		t.Error("the history was restored although nobody wanted it")
	}
	if output, err := tool(t, dir, "restore", without, "--history", "--yes"); err == nil || !strings.Contains(output, "the history is not in it") {
		t.Errorf("a history that is not in it: %v, %s", err, output)
	}
	mustTool(t, dir, "restore", file, "--history", "--yes")
	if !holdsReading(remembered(t, dir)) {
		t.Error("the history was not restored")
	}
}
