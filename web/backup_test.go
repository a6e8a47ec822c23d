package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

const canaryPassphrase = "canary-passphrase-of-a-backup"

// backups remembers what was asked for; a passphrase is right when it is the canary's.
type backups struct {
	content    []byte // what a backup has, and what was staged last
	cutAfter   int    // bytes after which the writing fails; 0: never
	parts      gateway.BackupParts
	restored   string
	discarded  string
	open, made int
}

func (b *backups) touched() bool {
	return b.made > 0 || b.restored+b.discarded != "" || b.content != nil
}

func (p *plant) Backup(_ context.Context, passphrase string, parts gateway.BackupParts) (gateway.Backup, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return nil, p.fail
	}
	if passphrase != canaryPassphrase {
		return nil, gateway.FieldErrorf("passphrase", "too weak: choose a longer one")
	}
	p.backups.parts = parts
	p.backups.made++
	p.backups.open++
	return copied{p}, nil
}

type copied struct{ plant *plant }

func (copied) Name() string { return "tidegate-press 7-\"x\".tgbackup" }

func (c copied) Write(w io.Writer) error {
	b := &c.plant.backups
	if b.cutAfter > 0 {
		_, err := w.Write(b.content[:b.cutAfter])
		return errors.Join(err, errInternal)
	}
	_, err := io.Copy(w, bytes.NewReader(b.content))
	return err
}

func (c copied) Close() error {
	c.plant.mu.Lock()
	defer c.plant.mu.Unlock()
	c.plant.backups.open--
	return nil
}

func (p *plant) Stage(_ context.Context, content io.Reader, passphrase string, parts gateway.BackupParts) (gateway.RestorePlan, error) {
	if passphrase != canaryPassphrase {
		return gateway.RestorePlan{}, gateway.FieldErrorf("passphrase", "not that of this backup: try another one")
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return gateway.RestorePlan{}, gateway.Errorf(gateway.Invalid, "it was cut off: send it again")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backups.content, p.backups.parts = data, parts
	return gateway.RestorePlan{ID: "7", Revision: 3, Restores: parts}, p.fail
}

func (p *plant) Restore(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backups.restored = id
	return p.fail
}

func (p *plant) Discard(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backups.discarded = id
	return p.fail
}

func TestABackupIsDownloaded(t *testing.T) {
	p := newPage()
	p.backups.content = bytes.Repeat([]byte("age"), 1<<20)
	answer := p.asAdministrator("POST", "/api/v1/backup", web.BackupOrder{Passphrase: canaryPassphrase, History: true})
	if answer.Code != http.StatusOK || !bytes.Equal(answer.Body.Bytes(), p.backups.content) {
		t.Errorf("%d, %d bytes", answer.Code, answer.Body.Len())
	}
	want := `attachment; filename="tidegate-press 7-\"x\".tgbackup"`
	if got := answer.Header().Get("Content-Disposition"); got != want {
		t.Errorf("it is called %s instead of %s", got, want)
	}
	if p.backups.parts != (gateway.BackupParts{History: true}) || p.backups.open != 0 {
		t.Errorf("asked for %+v, %d copies are left", p.backups.parts, p.backups.open)
	}
	if log := p.log.String(); strings.Contains(log, "canary-passphrase") || !strings.Contains(log, "path=/api/v1/backup") {
		t.Errorf("log: %s", log)
	}
	weak := p.asAdministrator("POST", "/api/v1/backup", web.BackupOrder{Passphrase: "x"})
	wantProblem(t, weak, http.StatusUnprocessableEntity, gateway.Invalid, "passphrase")
}

// TestABrokenDownloadIsSeen: an orderly end would make the browser keep half a backup.
func TestABrokenDownloadIsSeen(t *testing.T) {
	p := newPage()
	p.backups.content, p.backups.cutAfter = make([]byte, 1<<20), 1<<19
	server := httptest.NewServer(p.server.Handler())
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v1/backup",
		strings.NewReader(`{"passphrase":"`+canaryPassphrase+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.AddCookie(&http.Cookie{Name: "tidegate", Value: canaryToken + "administrator"})
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if n, err := io.Copy(io.Discard, answer.Body); err == nil {
		t.Errorf("%d bytes came to an orderly end", n)
	}
	server.Close() // waits for the handler
	if p.backups.open != 0 {
		t.Error("the copy is left behind")
	}
}

// multipartForm is a form as a browser sends it; pairs of names and contents in their order.
func multipartForm(t *testing.T, pairs ...string) (body, contentType string) {
	t.Helper()
	var text bytes.Buffer
	writer := multipart.NewWriter(&text)
	for i := 0; i < len(pairs); i += 2 {
		create := writer.CreateFormField
		if pairs[i] == "file" {
			create = func(field string) (io.Writer, error) { return writer.CreateFormFile(field, "gate.tgbackup") }
		}
		part, err := create(pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return text.String(), writer.FormDataContentType()
}

func TestABackupIsUploadedConfirmedAndForgotten(t *testing.T) {
	p := newPage()
	content := strings.Repeat("age", 1<<20) // more than other requests may have
	body, kind := multipartForm(t, "passphrase", canaryPassphrase, "history", "true", "file", content)
	answer := p.as(gateway.RoleAdministrator, "POST", "/api/v1/restore", body, "Content-Type", kind)
	plan := mustDecode[gateway.RestorePlan](t, answer)
	if answer.Code != http.StatusOK || plan.ID != "7" || plan.Revision != 3 || string(p.backups.content) != content ||
		p.backups.parts != (gateway.BackupParts{History: true}) {
		t.Errorf("%d %s, asked for %+v, %d bytes", answer.Code, answer.Body, p.backups.parts, len(p.backups.content))
	}
	if !json.Valid(answer.Body.Bytes()) || strings.Contains(answer.Body.String(), "null") {
		t.Errorf("%s", answer.Body)
	}
	if p.backups.restored+p.backups.discarded != "" {
		t.Error("looking has changed something")
	}
	p.as(gateway.RoleAdministrator, "DELETE", "/api/v1/restore/7", "")
	p.as(gateway.RoleAdministrator, "POST", "/api/v1/restore/8", "")
	if p.backups.discarded != "7" || p.backups.restored != "8" {
		t.Errorf("forgotten %q, restored %q", p.backups.discarded, p.backups.restored)
	}
	if strings.Contains(p.log.String(), "canary-passphrase") {
		t.Error("the passphrase is in the log")
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	form := func(pairs ...string) []string {
		body, kind := multipartForm(t, pairs...)
		return []string{body, kind}
	}
	whole := form("passphrase", canaryPassphrase, "file", strings.Repeat("x", 1000))
	for name, c := range map[string]struct {
		request []string
		field   string
	}{
		"wrong passphrase": {form("passphrase", "x", "file", strings.Repeat("x", 4<<20)), "passphrase"},
		"file first":       {form("file", "x", "passphrase", canaryPassphrase), "passphrase"},
		"no file":          {form("passphrase", canaryPassphrase), "file"},
		"long field":       {form("passphrase", strings.Repeat("x", 5000), "file", "x"), "passphrase"},
		"many fields":      {form(strings.Fields(strings.Repeat("a b ", 20))...), ""},
		"cut off":          {[]string{whole[0][:500], whole[1]}, ""},
		"no form":          {[]string{`{}`, "application/json"}, ""},
		"no boundary":      {[]string{"x", "multipart/form-data"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPage()
			answer := p.as(gateway.RoleAdministrator, "POST", "/api/v1/restore", c.request[0], "Content-Type", c.request[1])
			wantProblem(t, answer, http.StatusUnprocessableEntity, gateway.Invalid, c.field)
			if p.backups.touched() || strings.Contains(answer.Body.String(), canaryPassphrase) {
				t.Errorf("%+v, %s", p.backups, answer.Body)
			}
		})
	}
}

// TestARefusedUploadGetsItsAnswer also with a client that sends everything before it reads: a server that does not read
// on resets the connection, and the client never sees why.
func TestARefusedUploadGetsItsAnswer(t *testing.T) {
	p := newPage()
	server := httptest.NewServer(p.server.Handler())
	defer server.Close()
	body, kind := multipartForm(t, "passphrase", "x", "file", strings.Repeat("x", 16<<20))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v1/restore", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	request.AddCookie(&http.Cookie{Name: "tidegate", Value: canaryToken + "administrator"})
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := request.Write(conn); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%s", answer.Status)
	}
}
