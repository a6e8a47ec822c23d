// Package ui is the page: the built TypeScript application, embedded into the program and served from memory.
//
// What has a hash in its name is cached by the browser for good; everything else is asked for each time and answered with
// "not modified" when it is still the same. Text is compressed when the page is built, and takes that much less room in the
// program. Paths that are no file are the application's own pages and get index.html. A program that was built without the
// page serves a placeholder that says so.
package ui

import (
	"bytes"
	"compress/gzip"
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

// Handler serves the embedded page.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is constant
	}
	handler, err := New(files)
	if err != nil {
		panic(err) // the files are inside of the program
	}
	return handler
}

// asset is one file. It is never changed.
type asset struct {
	data        []byte
	zipped      bool // data is compressed
	contentType string
	tag         string
	immutable   bool
}

type page struct {
	assets map[string]*asset
	index  *asset
}

// New serves the page out of files, which are read once: index.html, or placeholder.html where that is missing.
func New(files fs.FS) (http.Handler, error) {
	p := &page{assets: map[string]*asset{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		a := newAsset(name, data)
		p.assets[strings.TrimSuffix(name, zipEnding)] = a
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	for _, name := range []string{"index.html", "placeholder.html"} {
		if p.index == nil {
			p.index = p.assets[name]
		}
	}
	if p.index == nil {
		return nil, errors.New("the page has neither index.html nor placeholder.html")
	}
	return p, nil
}

// newAsset takes a file as it is, or without the ending .gz one that was compressed when the page was built.
func newAsset(name string, data []byte) *asset {
	sum := sha256.Sum256(data)
	return &asset{
		data: data, zipped: strings.HasSuffix(name, zipEnding), contentType: contentType(strings.TrimSuffix(name, zipEnding)),
		tag: `"` + hex.EncodeToString(sum[:12]) + `"`, immutable: strings.HasPrefix(name, "assets/"),
	}
}

const zipEnding = ".gz"

// unpacked is the file for the few who take nothing compressed.
func (a *asset) unpacked() []byte {
	reader, err := gzip.NewReader(bytes.NewReader(a.data))
	if err != nil {
		panic(err) // the files are inside of the program
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		panic(err) // as above
	}
	return data
}

// contentTypes are fixed: what a machine says in /etc/mime.types must not decide whether scripts run.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
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
	a := p.find(strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/"))
	if a == nil {
		http.NotFound(w, r)
		return
	}
	a.serve(w, r)
}

// find is the file of a path, the application for one of its own pages, or nil for a file that is not there. The page
// refers to its files relatively, so below /devices/x it asks for /devices/assets/...: the end of the path decides.
func (p *page) find(name string) *asset {
	for rest, more := name, true; more; _, rest, more = strings.Cut(rest, "/") {
		if a := p.assets[rest]; a != nil {
			return a
		}
	}
	if strings.HasPrefix(name, "assets/") || contentTypes[path.Ext(name)] != "" {
		return nil
	}
	return p.index
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
	header.Set("Content-Type", a.contentType)
	body := a.data
	switch {
	case !a.zipped:
	case acceptsGzip(r.Header.Get("Accept-Encoding")):
		header.Set("Content-Encoding", "gzip")
	default:
		body = a.unpacked()
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		// A browser that went away needs no answer.
		_, _ = w.Write(body)
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
