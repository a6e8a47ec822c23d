package main_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

const clientPassword = "a long one for it"

// setMQTTUser adds an MQTT user, or changes the rules of one, whose connections stay.
func (a administrator) setMQTTUser(method, path, name string, rules ...gateway.Rule) {
	a.t.Helper()
	user := map[string]any{"user": gateway.MQTTUser{Name: name, Rights: gateway.MQTTRights{Rules: rules}}}
	if method == http.MethodPost {
		user["password"] = clientPassword
	}
	response, answer := a.do(method, path, user)
	if response.StatusCode != http.StatusOK {
		a.t.Fatalf("%s %s", response.Status, answer)
	}
}

func allow(action gateway.Action, filter string) gateway.Rule {
	return gateway.Rule{Action: action, Effect: gateway.Allow, Filter: filter}
}

// TestAClientCertificateIsAName: over a listener with TLS the common name counts, with the rules of that user.
func TestAClientCertificateIsAName(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	s := startService(t, dir)
	admin := setUpPage(t, s)
	admin.setMQTTUser("POST", "mqtt/users", "pump", allow(gateway.ActionBoth, "%u/#"))
	certificate, key := newSelfSigned(t, dir, "pump")
	stranger, strangersKey := newSelfSigned(t, dir, "stranger")
	_, ca := admin.do("GET", "certificate/ca", nil)
	own := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(own, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	status, answer := admin.listen(gateway.Listener{
		ID: "secure", Kind: gateway.ListenTLS, Address: "127.0.0.1:" + port, CertificateUser: true, ClientCertificates: gateway.CertificateRequired,
		ClientCA: mustReadFile(t, certificate) + mustReadFile(t, stranger),
	})
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	publishAs := func(certificate, key, topic string) (string, error) {
		return mosquitto(t, "mosquitto_pub", "--cafile", own, "--cert", certificate, "--key", key, "-h", "localhost", "-p", port, "-V", "5", "-q", "1", "-t", topic, "-m", "1")
	}
	if said, err := publishAs(certificate, key, "pump/speed"); err != nil || strings.Contains(said, "Not authorized") {
		t.Errorf("its own topic: %v %s", err, said)
	}
	if said, _ := publishAs(certificate, key, "other"); !strings.Contains(said, "Not authorized") {
		t.Errorf("another topic: %q", said)
	}
	if said, err := publishAs(stranger, strangersKey, "stranger/x"); err == nil {
		t.Errorf("a certificate without a user: %q", said)
	}
	if said, err := mosquitto(t, "mosquitto_pub", "--cafile", own, "-h", "localhost", "-p", port, "-t", "pump/x", "-m", "1"); err == nil {
		t.Errorf("without a certificate: %q", said)
	}
}

// TestAWillAndRetainedMessagesGoByTheRulesOfNow: what was allowed when a client connected counts no more.
func TestAWillAndRetainedMessagesGoByTheRulesOfNow(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	admin.setMQTTUser("POST", "mqtt/users", "pump", allow(gateway.ActionBoth, "#"))
	as := []string{"-p", s.port, "-u", "pump", "-P", clientPassword, "-V", "5"}
	if said, err := mosquitto(t, append([]string{"mosquitto_pub", "-t", "secret/a", "-m", "kept", "-r", "-q", "1"}, as...)...); err != nil {
		t.Fatalf("%v %s", err, said)
	}
	if said, err := mosquitto(t, append([]string{"mosquitto_sub", "-t", "secret/#", "-C", "1", "-W", "5"}, as...)...); err != nil || said != "kept\n" {
		t.Fatalf("before: %v %q", err, said)
	}
	heard := startListening(t, s, "-p", s.port, "-t", "secret/#", "-t", "open/#", "-R", "-i", "watch")
	dying := func(id, topic string) *exec.Cmd {
		command := exec.CommandContext(t.Context(), "mosquitto_sub", append([]string{"-t", "open/nothing", "-i", id, "--will-topic", topic, "--will-payload", id}, as...)...)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = command.Process.Kill() })
		return command
	}
	forbidden, allowed := dying("forbidden", "secret/will"), dying("allowed", "open/will")
	programtest.Eventually(t, 10*time.Second, "all are connected", func() bool { return s.listenerNamed(t, "local").Clients == 3 })
	admin.setMQTTUser("PUT", "mqtt/users/pump", "pump", allow(gateway.ActionBoth, "open/#"))
	if clients := s.listenerNamed(t, "local").Clients; clients != 3 {
		t.Fatalf("%d clients stayed", clients)
	}
	for _, command := range []*exec.Cmd{forbidden, allowed} {
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	heard.mustHear(t, "allowed")
	if said, _ := mosquitto(t, append([]string{"mosquitto_sub", "-t", "secret/#", "-C", "1", "-W", "2"}, as...)...); !strings.Contains(said, "denied") {
		t.Errorf("retained, after the change: %q", said)
	}
}
