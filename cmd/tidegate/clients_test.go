package main_test

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
)

// TestClientsAreEndedThroughTheAPI with a real client: its connection, then its session with the queue.
func TestClientsAreEndedThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reader := exec.CommandContext(ctx, "mosquitto_sub", "-h", "127.0.0.1", "-p", s.port, "-i", "reader", "-c", "-q", "1", "-t", "x", "-C", "100")
	if err := reader.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = reader.Wait() }()
	has := func(text string) func() bool {
		return func() bool {
			_, answer := admin.do("GET", "sessions", nil)
			return strings.Contains(string(answer), text)
		}
	}
	programtest.Eventually(t, 5*time.Second, "the client is there", has(`"id":"reader","connected":true`))
	for _, test := range []struct {
		path, id string
		status   int
	}{
		{"sessions/disconnect", "nobody", http.StatusNotFound},
		{"sessions/disconnect", "$drivers", http.StatusUnprocessableEntity},
		{"sessions/remove", "$drivers", http.StatusUnprocessableEntity},
		{"sessions/disconnect", "reader", http.StatusOK},
		{"sessions/remove", "reader", http.StatusOK},
		{"sessions/remove", "reader", http.StatusNotFound},
	} {
		response, answer := admin.do("POST", test.path, map[string]string{"id": test.id})
		if response.StatusCode/100 != test.status/100 || test.status/100 == 4 && response.StatusCode != test.status {
			t.Errorf("%s: %s %s", fmt.Sprint(test), response.Status, answer)
		}
		if test.id == "reader" {
			cancel() // it would come back
		}
	}
}
