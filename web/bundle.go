package web

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// bundleSessions is how many sessions are in a bundle, the largest queues first.
const bundleSessions = 200

const bundleAbout = `What a supporter needs to know of this Tidegate gateway. Passwords, keys and tokens are not in it; names, topics, addresses
and the last lines of the log are. Look through it before you give it away.

config.yaml        the configuration in force, secrets redacted
status.json        states of connections, devices, bridges, storage and alarms
system.json        the machine
values.json        the latest reading of every point
sessions.json      sessions of the broker, the largest queues first
given-up.json      messages that the broker gave up
backlogs.json      what waits in the bridges, with its course
certificates.json  the certificates that the gateway shows, without keys
metrics.txt        the metrics, as Prometheus gets them
log.jsonl          the last lines of the log
`

// bundle is a support bundle: its files in their order.
type bundle struct {
	name   string
	made   time.Time
	redact func(string) string
	files  []bundleFile
}

type bundleFile struct{ name, text string }

// Name is what the file is called.
func (b *bundle) Name() string { return b.name }

// Write writes the ZIP file.
func (b *bundle) Write(w io.Writer) error {
	archive := zip.NewWriter(w)
	for _, f := range b.files {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: b.made})
		if err != nil {
			return fmt.Errorf("add %s to the bundle: %w", f.name, err)
		}
		if _, err := io.WriteString(entry, b.redact(f.text)); err != nil {
			return fmt.Errorf("write %s of the bundle: %w", f.name, err)
		}
	}
	return archive.Close()
}

// Close has nothing to do.
func (b *bundle) Close() error { return nil }

// add keeps a text; its secrets are taken out when it is written.
func (b *bundle) add(name, text string) { b.files = append(b.files, bundleFile{name, text}) }

// addJSON says in the place of the content why it is missing: a bundle is asked for when something is wrong.
func (b *bundle) addJSON(name string, content any, err error) {
	if err != nil {
		content = map[string]string{"missing": err.Error()}
	}
	data, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		data = []byte(err.Error())
	}
	b.add(name, string(data)+"\n")
}

func (s *Server) getSupportBundle(ctx context.Context, _ *none) (*bundle, error) {
	config, now := s.Control.Config(), s.Machine.System().Clock.Now
	b := &bundle{
		name: "tidegate-support-" + config.Name + "-" + now.Format("20060102-150405") + ".zip", made: now, redact: config.Redactor(),
	}
	b.add("README.txt", bundleAbout)
	if document, err := s.exportConfig(ctx, nil); err != nil {
		b.addJSON("config.yaml", nil, err)
	} else {
		b.add("config.yaml", string(document.data))
	}
	b.addJSON("status.json", s.status(), nil)
	b.addJSON("system.json", s.system(), nil)
	b.addJSON("values.json", s.Live.Snapshot(), nil)
	b.addJSON("sessions.json", s.Monitor.Sessions(gateway.SessionQuery{Sort: gateway.SortSessionsByQueue, Descending: true, Limit: bundleSessions}), nil)
	lost, err := s.Monitor.GivenUp(ctx)
	b.addJSON("given-up.json", lost, err)
	b.addJSON("backlogs.json", s.courses(config), nil)
	b.addJSON("certificates.json", s.Certificates.Certificates(), nil)
	b.add("metrics.txt", s.metricsText(ctx))
	b.add("log.jsonl", s.logText())
	return b, nil
}

// courses are the backlogs of all bridges by ID.
func (s *Server) courses(config gateway.Config) map[string]any {
	courses := map[string]any{}
	for _, bridge := range config.Bridges {
		course, err := s.Backlogs.Course(bridge.ID, time.Time{})
		if err != nil {
			courses[bridge.ID] = err.Error()
			continue
		}
		courses[bridge.ID] = course
	}
	return courses
}

func (s *Server) metricsText(ctx context.Context) string {
	if s.Metrics == nil {
		return ""
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, metricsPath, http.NoBody)
	if err != nil {
		return err.Error()
	}
	answer := textAnswer{header: http.Header{}}
	s.Metrics.ServeHTTP(&answer, request)
	return answer.String()
}

// textAnswer keeps the body of an answer.
type textAnswer struct {
	bytes.Buffer
	header http.Header
}

// Header is looked at by nobody.
func (a *textAnswer) Header() http.Header { return a.header }

// WriteHeader forgets the status: an error is a text as well.
func (a *textAnswer) WriteHeader(int) {}

func (s *Server) logText() string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for _, line := range s.Logs.Lines(gateway.LogQuery{}) {
		if err := encoder.Encode(line); err != nil {
			panic(err) // texts, a number and a time
		}
	}
	return text.String()
}
