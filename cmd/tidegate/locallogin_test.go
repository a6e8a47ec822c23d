package main_test

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// setLocalLogin changes the setting from whatever revision is in force.
func (a administrator) setLocalLogin(login gateway.LocalLogin) {
	a.t.Helper()
	var config gateway.Config
	_, text := a.do("GET", "config", nil)
	if err := json.Unmarshal(text, &config); err != nil {
		a.t.Fatal(err)
	}
	response, answer := a.do("PUT", "local-login", map[string]any{"revision": config.Revision, "localLogin": login})
	if response.StatusCode != http.StatusOK {
		a.t.Fatalf("%s %s", response.Status, answer)
	}
}

// listenerNamed finds one of the status.
func (s service) listenerNamed(t *testing.T, id string) gateway.ListenerStatus {
	t.Helper()
	for _, l := range s.status(t).Listeners {
		if l.ID == id {
			return l
		}
	}
	t.Fatalf("no listener %q", id)
	return gateway.ListenerStatus{}
}

func TestClientsOnTheMachineItselfCanBeAskedForAName(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	s := startService(t, dir)
	admin := setUpPage(t, s)
	socket := filepath.Join(dir, "run", "mqtt.sock")
	response, answer := admin.do("POST", "mqtt/users", map[string]any{
		"user": map[string]any{"name": "pump", "rights": map[string]any{"preset": "everything"}}, "password": "a long one for it",
	})
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", response.Status, answer)
	}
	nameless := exec.CommandContext(t.Context(), "mosquitto_sub", "-p", s.port, "-t", "x", "-i", "nameless", "-V", "5")
	named := exec.CommandContext(t.Context(), "mosquitto_sub", "-p", s.port, "-t", "x", "-i", "named", "-u", "pump", "-P", "a long one for it")
	local := exec.CommandContext(t.Context(), "mosquitto_sub", "--unix", socket, "-t", "x", "-i", "local")
	for _, client := range []*exec.Cmd{nameless, named, local} {
		if err := client.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Process.Kill(); _ = client.Wait() })
	}
	clients := func(tcp, socket int) func() bool {
		return func() bool {
			return s.listenerNamed(t, "local").Clients == tcp && s.listenerNamed(t, "socket").Clients == socket
		}
	}
	programtest.Eventually(t, 10*time.Second, "all are connected", clients(2, 1))
	if l := s.listenerNamed(t, "local"); !l.Anonymous || l.Exposed || l.Address != "127.0.0.1:"+s.port || l.State != gateway.StateUp {
		t.Errorf("%+v", l)
	}

	admin.setLocalLogin(gateway.LocalLogin{TCP: true})
	programtest.Eventually(t, 10*time.Second, "who has no name is sent away, and nobody else", clients(1, 1))
	admin.setLocalLogin(gateway.LocalLogin{TCP: true, Socket: true})
	programtest.Eventually(t, 10*time.Second, "over the socket too", clients(1, 0))
	refused := func() {
		t.Helper()
		for _, way := range [][]string{{"-p", s.port}, {"--unix", socket}} {
			if text, err := mosquitto(t, append([]string{"mosquitto_pub", "-t", "x", "-m", "1"}, way...)...); err == nil {
				t.Errorf("%v without a name: %s", way, text)
			}
			if text, err := mosquitto(t, append([]string{"mosquitto_pub", "-t", "x", "-m", "1", "-u", "pump", "-P", "a long one for it"}, way...)...); err != nil {
				t.Errorf("%v with a name: %v %s", way, err, text)
			}
		}
	}
	refused()
	if s.listenerNamed(t, "local").Anonymous || s.listenerNamed(t, "socket").Anonymous {
		t.Error("the status says that they are let in")
	}
	s.Interrupt(t)
	s = startService(t, dir)
	refused()
}
