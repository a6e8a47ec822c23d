package ui_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tidegate/tidegate/web/ui"
)

const script = "console.log('a script that is long enough to be worth compressing, worth compressing, worth compressing')"

func policy(nonce string) string { return "style-src 'nonce-" + nonce + "'" }

func mustPage(t *testing.T, files fstest.MapFS) http.Handler {
	t.Helper()
	handler, err := ui.New(files, policy)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func built() fstest.MapFS {
	return fstest.MapFS{
		"index.html":            {Data: []byte(`<title>the application</title><style nonce="STYLE-NONCE"></style>`)},
		"placeholder.html":      {Data: []byte("not built")},
		"assets/app-1a2b.js.gz": {Data: zipped(script)},
		"icon.svg":              {Data: []byte("<svg/>")},
	}
}

// zipped is a file as the build of the page leaves it.
func zipped(text string) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, _ = writer.Write([]byte(text)) // into memory
	_ = writer.Close()
	return buffer.Bytes()
}

func get(handler http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func TestPathsOfTheApplicationGetTheIndex(t *testing.T) {
	page := mustPage(t, built())
	for _, path := range []string{"/", "/devices", "/devices/boiler.1", "/a/../b", "/index.html"} {
		answer := get(page, path)
		if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "the application") {
			t.Errorf("%s: %d %q", path, answer.Code, answer.Body)
		}
		if cache := answer.Header().Get("Cache-Control"); cache != "no-cache" {
			t.Errorf("%s: Cache-Control %q, so an update would not be seen", path, cache)
		}
	}
}

func TestMissingFilesAreNotTheApplication(t *testing.T) {
	page := mustPage(t, built())
	for _, path := range []string{"/assets/app-old.js", "/devices/assets/old.css", "/favicon.ico", "/assets/x"} {
		if answer := get(page, path); answer.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
}

func TestHashedFilesAreKeptForGood(t *testing.T) {
	page := mustPage(t, built())
	for _, path := range []string{"/assets/app-1a2b.js", "/devices/assets/app-1a2b.js"} {
		answer := get(page, path)
		if answer.Body.String() != script || !strings.Contains(answer.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %q %v", path, answer.Body, answer.Header())
		}
		if kind := answer.Header().Get("Content-Type"); kind != "text/javascript; charset=utf-8" {
			t.Errorf("%s: Content-Type %q", path, kind)
		}
	}
	if kind := get(page, "/icon.svg").Header().Get("Content-Type"); kind != "image/svg+xml" {
		t.Errorf("icon: Content-Type %q", kind)
	}
}

func TestCompressedForWhoTakesIt(t *testing.T) {
	answer := get(mustPage(t, built()), "/assets/app-1a2b.js", "Accept-Encoding", "br, gzip;q=0.8")
	if answer.Header().Get("Content-Encoding") != "gzip" || answer.Body.Len() >= len(script) {
		t.Fatalf("not compressed: %v", answer.Header())
	}
	reader, err := gzip.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(reader); err != nil || string(text) != script {
		t.Errorf("%q %v", text, err)
	}
	for _, accept := range []string{"", "gzip;q=0", "br"} {
		if answer := get(mustPage(t, built()), "/assets/app-1a2b.js", "Accept-Encoding", accept); answer.Body.String() != script {
			t.Errorf("Accept-Encoding %q: compressed", accept)
		}
	}
}

func TestNotModified(t *testing.T) {
	page := mustPage(t, built())
	tag := get(page, "/icon.svg").Header().Get("ETag")
	if answer := get(page, "/icon.svg", "If-None-Match", tag); answer.Code != http.StatusNotModified || answer.Body.Len() > 0 {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}

// TestEachDocumentHasANonce of its own, which the policy and the styles of that document share.
func TestEachDocumentHasANonce(t *testing.T) {
	page := mustPage(t, built())
	seen := map[string]bool{}
	for range 3 {
		answer := get(page, "/devices")
		_, rest, _ := strings.Cut(answer.Header().Get("Content-Security-Policy"), "'nonce-")
		nonce, _, found := strings.Cut(rest, "'")
		if !found || len(nonce) < 20 || seen[nonce] || !strings.Contains(answer.Body.String(), `nonce="`+nonce+`"`) {
			t.Errorf("%v %s", answer.Header(), answer.Body)
		}
		seen[nonce] = true
	}
}

func TestOnlyReading(t *testing.T) {
	recorder := httptest.NewRecorder()
	mustPage(t, built()).ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/", nil))
	if recorder.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", recorder.Code)
	}
	recorder = httptest.NewRecorder()
	mustPage(t, built()).ServeHTTP(recorder, httptest.NewRequest(http.MethodHead, "/", nil))
	if recorder.Code != http.StatusOK || recorder.Body.Len() > 0 {
		t.Errorf("HEAD: %d %q", recorder.Code, recorder.Body)
	}
}

func TestPlaceholderWithoutAPage(t *testing.T) {
	files := built()
	delete(files, "index.html")
	if answer := get(mustPage(t, files), "/devices"); answer.Body.String() != "not built" {
		t.Errorf("%q", answer.Body)
	}
	if _, err := ui.New(fstest.MapFS{}, policy); err == nil {
		t.Error("a page without any file")
	}
}

func TestTheEmbeddedPageIsServed(t *testing.T) {
	if answer := get(ui.Handler(policy), "/"); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "<html") {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}
