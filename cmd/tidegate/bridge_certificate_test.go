package main_test

import (
	"encoding/json"
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

// TestTheCertificateOfABridgeIsReplacedBesideTheOldOne, by the sub-commands: a key is made on the device, its certificate is
// signed elsewhere, tested, and swapped in; then another one comes as PKCS#12.
func TestTheCertificateOfABridgeIsReplacedBesideTheOldOne(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	dir := t.TempDir()
	ca, caKey := newSelfSigned(t, dir, "ca")
	server, serverKey := newSelfSigned(t, dir, "server")
	cloud := startMosquitto(t, "user root", "certfile "+server, "keyfile "+serverKey, "cafile "+ca, "require_certificate true", "use_identity_as_username true")
	admin := setUpPage(t, s)
	_, answer := admin.do("GET", "config", nil)
	var config gateway.Config
	if err := json.Unmarshal(answer, &config); err != nil {
		t.Fatal(err)
	}
	response, answer := admin.do("POST", "bridges", map[string]any{"revision": config.Revision, "bridge": map[string]any{
		"id": "cloud", "name": "Cloud", "url": "mqtts://localhost:" + cloud, "clientId": "edge-1",
		"tls":    map[string]any{"ca": mustReadFile(t, server)},
		"routes": []map[string]any{{"direction": "out", "filter": "line/#", "qos": 1}},
	}})
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", response.Status, answer)
	}
	command := func(args ...string) (string, error) {
		all := append([]string{"bridge", "certificate"}, append(args, "--runtime", filepath.Join(s.dir, "run"))...)
		output, err := exec.CommandContext(t.Context(), program, all...).CombinedOutput()
		return string(output), err
	}
	must := func(args ...string) string {
		t.Helper()
		output, err := command(args...)
		if err != nil {
			t.Fatalf("%v: %v %s", args, err, output)
		}
		return output
	}
	up := func() bool {
		_, answer := admin.do("GET", "status", nil)
		var status gateway.Status
		return json.Unmarshal(answer, &status) == nil && status.Bridges[0].State == gateway.StateUp
	}
	if up() {
		t.Error("it is up without a certificate")
	}

	request, signed := filepath.Join(dir, "edge.csr"), filepath.Join(dir, "edge.pem")
	must("request", "cloud", "-o", request)
	if again := must("request", "cloud"); !strings.Contains(again, "BEGIN CERTIFICATE REQUEST") || strings.Contains(again, "PRIVATE") {
		t.Errorf("%s", again)
	}
	mustOpenSSL(t, "x509", "-req", "-in", request, "-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-days", "40", "-out", signed)
	if output := must("test", "cloud", "--cert", signed); !strings.Contains(output, "passed") || up() {
		t.Errorf("%s", output)
	}
	if output := must("replace", "cloud", "--cert", signed); !strings.Contains(output, "bridge cloud") || !strings.Contains(output, "CN=edge-1") {
		t.Errorf("%s", output)
	}
	programtest.Eventually(t, 20*time.Second, "it is up with its certificate", up)

	foreign, foreignKey := newSelfSigned(t, dir, "foreign")
	if output, err := command("test", "cloud", "--cert", foreign, "--key", foreignKey); err == nil || !up() {
		t.Errorf("a certificate that the cloud does not know: %s", output)
	}
	bundle, password := filepath.Join(dir, "ca.p12"), filepath.Join(dir, "password")
	mustOpenSSL(t, "pkcs12", "-export", "-in", ca, "-inkey", caKey, "-out", bundle, "-passout", "pass:secret")
	if err := os.WriteFile(password, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if output := must("replace", "cloud", "--pkcs12", bundle, "--password-file", password); !strings.Contains(output, "CN=ca") {
		t.Errorf("%s", output)
	}
	programtest.Eventually(t, 20*time.Second, "it is up with the other one", up)
	if output, err := command("replace", "nowhere", "--cert", ca, "--key", caKey); err == nil || !strings.Contains(output, "there is no bridge") {
		t.Errorf("%s", output)
	}
}
