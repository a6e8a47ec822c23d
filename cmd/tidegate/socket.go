package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Sub-commands talk to a running gateway through a unix socket in the runtime directory; none writes a live database.
// Whoever may open the socket (the same user, or root) may do what it offers.

// socketName is the control socket of the service; the demo has its own, so that both can run on one machine.
func socketName(demo bool) string {
	if demo {
		return "demo.sock"
	}
	return "tidegate.sock"
}

// controlSocket serves the sub-commands of one running gateway.
type controlSocket struct {
	path     string
	listener net.Listener
	handler  *http.ServeMux
}

// openControlSocket listens in the runtime directory. When another gateway has the name, the process id makes it unique.
func openControlSocket(ctx context.Context, dir, name string) (*controlSocket, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the runtime directory: %w", err)
	}
	path := filepath.Join(dir, name)
	listener, err := listenUnix(ctx, path)
	if isTaken(err) {
		path = filepath.Join(dir, fmt.Sprintf("%d-%s", os.Getpid(), name))
		listener, err = listenUnix(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	return &controlSocket{path: path, listener: listener, handler: http.NewServeMux()}, nil
}

// maxRequest in bytes has room for a certificate with its chain and key.
const maxRequest = 1 << 18

// handle offers a command: its input and its answer are JSON.
func handle[In, Out any](s *controlSocket, command string, do func(context.Context, In) (Out, error)) {
	s.handler.HandleFunc("POST /"+command, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := json.NewDecoder(io.LimitReader(r.Body, maxRequest)).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		out, err := do(r.Context(), in)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		// A caller that went away does not need the answer.
		_ = json.NewEncoder(w).Encode(out)
	})
}

// Run serves until ctx ends and removes the socket.
func (s *controlSocket) Run(ctx context.Context) error {
	server := &http.Server{Handler: s.handler, ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		// Who asked for a restart gets the answer first.
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(s.listener)
	if !stop() {
		<-stopped
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the control socket: %w", err)
	}
	return nil
}

// callControl sends a command to the running gateway and waits at most 45 s for the answer.
func callControl[In, Out any](ctx context.Context, dir, name, command string, in In) (Out, error) {
	var out Out
	path := filepath.Join(dir, name)
	ctx, cancel := context.WithTimeout(ctx, 45*time.Second)
	defer cancel()
	client := controlClient(path)
	defer client.CloseIdleConnections()
	response, err := post(ctx, client, "http://tidegate/"+command, in)
	if err != nil {
		return out, fmt.Errorf("reach the running gateway through %s (is it running? --demo is for the demo, --runtime names another directory): %w", path, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
		return out, errors.Join(fmt.Errorf("the gateway refused: %s", text), err)
	}
	if err := json.NewDecoder(response.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("read the gateway's answer: %w", err)
	}
	return out, nil
}

// controlClient reaches whoever listens on a socket.
func controlClient(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, "unix", path)
	}}}
}

func post(ctx context.Context, client *http.Client, url string, in any) (*http.Response, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return client.Do(request)
}
