// Package ui is the page: the built TypeScript application, embedded into the program and served from memory.
//
// What has a hash in its name is cached by the browser for good; other files are asked for each time and answered with "not
// modified" when they are still the same. Text is compressed when the page is built, and takes that much less room in the
// program. Paths that are no file are the application's own pages and get index.html, which is sent each time, with a nonce
// of its own. A program that was built without the
// page serves a placeholder that says so.
package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// Policy gives the Content-Security-Policy of a document whose style elements carry a nonce; an empty one allows none.
type Policy func(nonce string) string

// Handler serves the embedded page.
func Handler(policy Policy) http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is constant
	}
	handler, err := New(files, policy)
	if err != nil {
		panic(err) // the files are inside of the program
	}
	return handler
}

// asset is one file. It is never changed.
type asset struct {
	files       fs.FS
	name        string
	size        int64
	contentType string
	tag         string
	immutable   bool
}

type page struct {
	assets map[string]*asset
	index  []byte
	policy Policy
}

// New serves the page out of files, which never change: index.html, or placeholder.html where that is missing.
func New(files fs.FS, policy Policy) (http.Handler, error) {
	p := &page{assets: map[string]*asset{}, policy: policy}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		a, err := newAsset(files, name)
		if err != nil {
			return err
		}
		p.assets[strings.TrimSuffix(name, zipEnding)] = a
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	for _, name := range []string{"index.html", "placeholder.html"} {
		if a := p.assets[name]; a != nil && p.index == nil {
			if p.index, err = fs.ReadFile(files, name); err != nil {
				return nil, fmt.Errorf("read the page: %w", err)
			}
		}
		delete(p.assets, name)
	}
	if p.index == nil {
		return nil, errors.New("the page has neither index.html nor placeholder.html")
	}
	return p, nil
}

// newAsset takes a file as it is, or without the ending .gz one that was compressed when the page was built.
func newAsset(files fs.FS, name string) (*asset, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	size, err := io.Copy(sum, file)
	if err != nil {
		return nil, err
	}
	return &asset{
		files: files, name: name, size: size, contentType: contentType(strings.TrimSuffix(name, zipEnding)),
		tag: `"` + hex.EncodeToString(sum.Sum(nil)[:12]) + `"`, immutable: strings.HasPrefix(name, "assets/"),
	}, nil
}

const zipEnding = ".gz"

// contentTypes are fixed: what a machine says in /etc/mime.types must not decide whether scripts run.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".ico": "image/x-icon",
	".woff2": "font/woff2", ".woff": "font/woff", ".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
	".map": "application/json",
}

func contentType(name string) string {
	extension := path.Ext(name)
	if known := contentTypes[extension]; known != "" {
		return known
	}
	if known := mime.TypeByExtension(extension); known != "" {
		return known
	}
	return "application/octet-stream"
}

// ServeHTTP answers GET and HEAD.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "there is only something to read here", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	switch a := p.find(name); {
	case a != nil:
		a.serve(w, r)
	case isFile(name):
		http.NotFound(w, r)
	default:
		p.serveIndex(w, r)
	}
}

// find is the file of a path; nil for none. The page refers to its files relatively, so below /devices/x it asks for
// /devices/assets/...: the end of the path decides.
func (p *page) find(name string) *asset {
	for rest, more := name, true; more; _, rest, more = strings.Cut(rest, "/") {
		if a := p.assets[rest]; a != nil {
			return a
		}
	}
	return nil
}

// isFile tells the path of a file from one of the application's own pages.
func isFile(name string) bool {
	return strings.HasPrefix(name, "assets/") || contentTypes[path.Ext(name)] != "" && name != "index.html"
}

// nonceMark stands in the built page (vite.config.ts) where the nonce of its style elements belongs.
const nonceMark = "STYLE-NONCE"

// serveIndex answers with the document, which is another one each time: its style elements have a nonce that nobody can
// have known before.
func (p *page) serveIndex(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	header := w.Header()
	header.Set("Content-Security-Policy", p.policy(nonce))
	header.Set("Cache-Control", "no-cache")
	header.Set("Content-Type", contentTypes[".html"])
	body := bytes.ReplaceAll(p.index, []byte(nonceMark), []byte(nonce))
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		// A browser that went away needs no answer.
		_, _ = w.Write(body)
	}
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Vary", "Accept-Encoding")
	header.Set("ETag", a.tag)
	if a.immutable {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	if r.Header.Get("If-None-Match") == a.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	file, err := a.files.Open(a.name)
	if err != nil {
		panic(err) // the files are inside of the program
	}
	defer func() { _ = file.Close() }()
	header.Set("Content-Type", a.contentType)
	var body io.Reader = file
	switch {
	case !strings.HasSuffix(a.name, zipEnding):
		header.Set("Content-Length", strconv.FormatInt(a.size, 10))
	case acceptsGzip(r.Header.Get("Accept-Encoding")):
		header.Set("Content-Length", strconv.FormatInt(a.size, 10))
		header.Set("Content-Encoding", "gzip")
	default: // for the few who take nothing compressed
		if body, err = gzip.NewReader(file); err != nil {
			panic(err) // as above
		}
	}
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		// A browser that went away needs no answer.
		_, _ = io.Copy(w, body)
	}
}

func acceptsGzip(accept string) bool {
	for coding := range strings.SplitSeq(accept, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if name == "gzip" {
			return strings.ReplaceAll(parameters, " ", "") != "q=0"
		}
	}
	return false
}
