package main_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/gateway"
)

// follow opens a stream of messages; the channel is closed at its end.
func (a administrator) follow(path string) <-chan gateway.PassedMessages {
	a.t.Helper()
	request, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, a.url+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, cookie := range a.cookies {
		request.AddCookie(cookie)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		a.t.Fatalf("%v %v", err, response)
	}
	a.t.Cleanup(func() { _ = response.Body.Close() })
	passed := make(chan gateway.PassedMessages, 100)
	go decodePassed(response.Body, passed)
	return passed
}

func decodePassed(body io.Reader, passed chan<- gateway.PassedMessages) {
	defer close(passed)
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var batch gateway.PassedMessages
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if is && json.Unmarshal([]byte(data), &batch) == nil {
			passed <- batch
		}
	}
}

// pass waits until so many messages have passed, shown or dropped, and gives those that were shown.
func pass(t *testing.T, stream <-chan gateway.PassedMessages, messages int) (shown []gateway.BrokerMessage) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for messages > 0 {
		select {
		case batch, more := <-stream:
			if !more || len(batch.Messages) > 20 {
				t.Fatalf("the stream goes on: %v, with %d messages at once", more, len(batch.Messages))
			}
			messages -= len(batch.Messages) + int(batch.Dropped)
			shown = append(shown, batch.Messages...)
		case <-deadline:
			t.Fatalf("%d messages are missing", messages)
		}
	}
	return shown
}

// TestMessagesThroughTheAPI: what a client retains is found a level at a time, what passes by is followed, and what the API
// publishes arrives; a retained one without payload removes what is retained.
func TestMessagesThroughTheAPI(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	stream := admin.follow("broker/messages/events?filter=plant/%23")
	if output, err := mosquitto(t, "mosquitto_pub", "-p", s.port, "-t", "plant/tank/level", "-m", "21.5", "-r", "-q", "1"); err != nil {
		t.Fatalf("%v %s", err, output)
	}
	if m := pass(t, stream, 1)[0]; m.Topic != "plant/tank/level" || string(m.Payload) != "21.5" || !m.Retain || m.QoS != 1 || time.Since(m.Time) > time.Minute {
		t.Errorf("%+v", m)
	}
	_, levels := admin.do("GET", "broker/topics?prefix=plant/tank/", nil)
	if want := `{"name":"level","below":0,"retained":true,"size":4,"preview":"21.5"}`; !strings.Contains(string(levels), want) {
		t.Errorf("%s", levels)
	}
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "broker/retained?topic=plant/tank/level", `null`, http.StatusOK},
		{"POST", "broker/publish", `{"topic":"plant/tank/level","qos":1,"retain":true}`, http.StatusNoContent},
		{"GET", "broker/retained?topic=plant/tank/level", `null`, http.StatusNotFound},
		{"POST", "broker/publish", `{"topic":"$SYS/x","payload":"eA==","qos":0,"retain":false}`, http.StatusUnprocessableEntity},
		{"POST", "broker/publish", `{"topic":"plant/#","payload":"eA==","qos":0,"retain":false}`, http.StatusUnprocessableEntity},
		{"GET", "broker/messages/events?filter=plant/%23/x", `null`, http.StatusUnprocessableEntity},
		{"GET", "broker/messages/events?filter=$share/g/plant", `null`, http.StatusUnprocessableEntity},
	} {
		response, answer := admin.do(test.method, test.path, json.RawMessage(test.body))
		if response.StatusCode != test.status {
			t.Errorf("%s %s %s: %s %s, want %d", test.method, test.path, test.body, response.Status, answer, test.status)
		}
	}
	if m := pass(t, stream, 1)[0]; len(m.Payload) != 0 || !m.Retain {
		t.Errorf("%+v", m)
	}
}

// TestAFloodIsShownInPart: the newest messages at a pace that a page bears, and the number of the others.
func TestAFloodIsShownInPart(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	stream := admin.follow("broker/messages/events")
	const flood = 5000
	client := exec.CommandContext(t.Context(), "mosquitto_pub", "-p", s.port, "-t", "flood", "-l", "-q", "1")
	client.Stdin = strings.NewReader(strings.Repeat("x\n", flood-1) + "last\n")
	if output, err := client.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, output)
	}
	shown := pass(t, stream, flood)
	if len(shown) == flood || string(shown[len(shown)-1].Payload) != "last" {
		t.Errorf("%d of %d, the last is %q", len(shown), flood, shown[len(shown)-1].Payload)
	}
	_, given := admin.do("GET", "broker/given-up", nil)
	if strings.TrimSpace(string(given)) != "[]" {
		t.Errorf("the broker lost something: %s", given)
	}
}
