package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
	"github.com/tidegate/tidegate/web"
)

// event is one server-sent event.
type event struct{ name, data string }

// openStream starts a stream; the channel is closed at its end.
func openStream(t *testing.T, p *page, role gateway.Role) (*http.Response, <-chan event) {
	t.Helper()
	return openStreamAt(t, p, role, "/api/v1/events")
}

func openStreamAt(t *testing.T, p *page, role gateway.Role, path string) (*http.Response, <-chan event) {
	t.Helper()
	server := httptest.NewServer(p.server.Handler())
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() {
		cancel()
		server.Close()
	})
	return getAt(ctx, t, server.URL+path, role)
}

func get(ctx context.Context, t *testing.T, url string, role gateway.Role) (*http.Response, <-chan event) {
	t.Helper()
	return getAt(ctx, t, url+"/api/v1/events", role)
}

func getAt(ctx context.Context, t *testing.T, url string, role gateway.Role) (*http.Response, <-chan event) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if role != gateway.RoleNone {
		request.AddCookie(&http.Cookie{Name: "tidegate", Value: canaryToken + string(role)})
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer, events(answer.Body)
}

func events(body io.Reader) <-chan event {
	result := make(chan event, 100)
	go func() {
		defer close(result)
		var e event
		for lines := bufio.NewScanner(body); lines.Scan(); {
			switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e.name != "" {
					result <- e
				}
				e = event{}
			}
		}
	}()
	return result
}

// next waits for an event of a name.
func next(t *testing.T, stream <-chan event, name string) string {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for {
		select {
		case e, more := <-stream:
			if !more {
				t.Fatalf("the stream ended before an event %q", name)
			}
			if e.name == name {
				return e.data
			}
		case <-deadline:
			t.Fatalf("no event %q", name)
		}
	}
}

func wantEnd(t *testing.T, stream <-chan event) {
	t.Helper()
	deadline := time.After(3 * time.Second)
	for {
		select {
		case _, more := <-stream:
			if !more {
				return
			}
		case <-deadline:
			t.Fatal("the stream goes on")
		}
	}
}

func TestStreamHasSnapshotThenChanges(t *testing.T) {
	p := newPage()
	answer, stream := openStream(t, p, gateway.RoleViewer)
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("Content-Type %q: a browser refuses the stream", kind)
	}
	var snapshot, change []gateway.Reading
	if err := json.Unmarshal([]byte(next(t, stream, "values")), &snapshot); err != nil || len(snapshot) != 1 ||
		snapshot[0].Point.Point != "flow" {
		t.Fatalf("snapshot %v %v", snapshot, err)
	}
	p.put(reading("boiler", "pressure", 3))
	if err := json.Unmarshal([]byte(next(t, stream, "values")), &change); err != nil || len(change) != 1 ||
		change[0].Point.Point != "pressure" {
		t.Fatalf("change %v %v", change, err)
	}
	var status gateway.Status
	if err := json.Unmarshal([]byte(next(t, stream, "status")), &status); err != nil || status.Version != "test" {
		t.Fatalf("status %v %v", status, err)
	}
}

func TestStreamIsPaced(t *testing.T) {
	p := newPage()
	_, stream := openStream(t, p, gateway.RoleViewer)
	next(t, stream, "values")
	start, got := time.Now(), 0
	for changes := time.NewTicker(5 * time.Millisecond); got < 5; {
		select {
		case <-changes.C:
			p.put(reading("boiler", "flow", 1))
		case e := <-stream:
			if e.name == "values" {
				got++
			}
		}
	}
	// One event may come at once; the distance between the others is 200 ms.
	if took := time.Since(start); took < 600*time.Millisecond {
		t.Errorf("5 events in %v", took)
	}
}

func TestStreamEndsWithTheLogin(t *testing.T) {
	p := newPage()
	_, stream := openStream(t, p, gateway.RoleViewer)
	next(t, stream, "values")
	p.Logout(canaryToken + "viewer")
	wantEnd(t, stream)
}

func TestShutdownEndsStreamsAtOnce(t *testing.T) {
	p := newPage()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- p.server.Serve(ctx, listener) }()
	_, stream := get(t.Context(), t, "http://"+listener.Addr().String(), gateway.RoleViewer)
	next(t, stream, "values")
	start := time.Now()
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("the end took %v", took)
	}
	wantEnd(t, stream)
	var dialer net.Dialer
	if conn, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String()); err == nil {
		_ = conn.Close()
		t.Error("still listening")
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := newPage().server.Serve(t.Context(), listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	p := newPage(func(o *web.Options) { o.PublicView = true })
	server := httptest.NewServer(p.server.Handler())
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(func() {
		cancel()
		server.Close()
	})
	for range 100 {
		_, stream := get(ctx, t, server.URL, gateway.RoleNone)
		next(t, stream, "status")
	}
	answer, _ := get(ctx, t, server.URL, gateway.RoleNone)
	if answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("stream 101: %d", answer.StatusCode)
	}
}
