package main_test

import (
	"bufio"
	"context"
	"crypto/tls"
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

// newSelfSigned makes name.pem and name.key for localhost; such a certificate is its own authority.
func newSelfSigned(t *testing.T, dir, name string) (certificate, key string) {
	t.Helper()
	certificate, key = filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key")
	mustOpenSSL(t, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
		"-days", "90", "-subj", "/CN="+name, "-addext", "subjectAltName=DNS:localhost")
	return certificate, key
}

func mustOpenSSL(t *testing.T, args ...string) {
	t.Helper()
	if output, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v %s", args, err, output)
	}
}

func mustReadFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// certificate calls a sub-command.
func (s service) certificate(t *testing.T, args ...string) (string, error) {
	t.Helper()
	command := append(append([]string{"certificate"}, args...), "--runtime", filepath.Join(s.dir, "run"))
	output, err := exec.CommandContext(t.Context(), program, command...).CombinedOutput()
	return string(output), err
}

func (s service) mustCertificate(t *testing.T, args ...string) string {
	t.Helper()
	output, err := s.certificate(t, args...)
	if err != nil {
		t.Fatalf("tidegate certificate %v: %v %s", args, err, output)
	}
	return output
}

// publish says whether somebody who trusts ca alone could publish over TLS.
func publish(t *testing.T, port, ca, message string) bool {
	t.Helper()
	_, err := mosquitto(t, "mosquitto_pub", "--cafile", ca, "-h", "localhost", "-p", port, "-t", "news", "-m", message, "-q", "1")
	return err == nil
}

// subscriber is a mosquitto_sub that goes on.
type subscriber struct{ lines *bufio.Scanner }

func startListening(t *testing.T, s service, args ...string) subscriber {
	t.Helper()
	command := exec.CommandContext(t.Context(), "mosquitto_sub", args...)
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	programtest.Eventually(t, 10*time.Second, "somebody listens", func() bool { return s.status(t).Broker.Subscriptions > 0 })
	return subscriber{bufio.NewScanner(output)}
}

func (l subscriber) mustHear(t *testing.T, want string) {
	t.Helper()
	if !l.lines.Scan() || l.lines.Text() != want {
		t.Fatalf("heard %q, %v; want %q", l.lines.Text(), l.lines.Err(), want)
	}
}

func TestAnUploadedCertificateFromItsUploadToItsRemoval(t *testing.T) {
	t.Parallel()
	dir := newPlace(t)
	s := startService(t, dir)
	admin := setUpPage(t, s)
	port := freePort(t)
	if status, answer := admin.listen(gateway.Listener{ID: "secure", Kind: gateway.ListenTLS, Address: "127.0.0.1:" + port, Anonymous: true}); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	_, ca := admin.do("GET", "certificate/ca", nil)
	own := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(own, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	first, firstKey := newSelfSigned(t, dir, "first")
	second, secondKey := newSelfSigned(t, dir, "second")

	response, answer := admin.do("POST", "certificates", map[string]any{"id": "plant", "certificate": mustReadFile(t, first), "key": mustReadFile(t, secondKey)})
	if response.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("a foreign key: %s %s", response.Status, answer)
	}
	response, answer = admin.do("POST", "certificates?confirm=now", map[string]any{"id": "plant", "certificate": mustReadFile(t, first), "key": mustReadFile(t, firstKey)})
	if response.StatusCode != http.StatusOK || strings.Contains(string(answer), "PRIVATE") {
		t.Fatalf("upload: %s %s", response.Status, answer)
	}
	old := startListening(t, s, "--cafile", first, "-h", "localhost", "-p", port, "-t", "news", "-i", "old", "-k", "5")

	// By PKCS#12 and the command line this time.
	file, password := filepath.Join(dir, "second.p12"), filepath.Join(dir, "pass")
	mustOpenSSL(t, "pkcs12", "-export", "-in", second, "-inkey", secondKey, "-out", file, "-passout", "pass:"+backupPassphrase)
	if output := s.mustCertificate(t, "replace", "plant", "--pkcs12", file, "--password-file", password); !strings.Contains(output, "CN=second") ||
		!strings.Contains(output, "secure") {
		t.Errorf("replaced: %s", output)
	}
	if !publish(t, port, second, "after the change") || publish(t, port, first, "with the old one") || publish(t, port, own, "with our own") {
		t.Error("not the new one is shown")
	}
	old.mustHear(t, "after the change")
	if page := shownAt(t, pageAddress(t, s)); page != "second" {
		t.Errorf("the page shows %q", page)
	}

	backup := filepath.Join(dir, "kept.tgbackup")
	mustTool(t, dir, "backup", "-o", backup)
	s.Interrupt(t)
	s = startService(t, dir)
	if !publish(t, port, second, "after a restart") {
		t.Error("the certificate is gone after a restart")
	}
	s.mustCertificate(t, "remove", "plant")
	if !publish(t, port, own, "back") || publish(t, port, second, "with the removed one") {
		t.Error("after the removal not the own one is shown")
	}
	if output, err := s.certificate(t, "remove", "plant"); err == nil || !strings.Contains(output, "there is no uploaded certificate") {
		t.Errorf("removed twice: %v %s", err, output)
	}
	s.Interrupt(t)
	mustTool(t, dir, "restore", backup, "--yes")
	s = startService(t, dir)
	if !publish(t, port, second, "after a restore") || !strings.Contains(s.mustCertificate(t, "list"), "uploaded plant") {
		t.Error("the certificate is not in the backup")
	}
}

// pageAddress is where the page is over HTTPS.
func pageAddress(t *testing.T, s service) string {
	t.Helper()
	for _, line := range s.Output() {
		if _, address, found := strings.Cut(line, "https://"); found {
			address, _, _ = strings.Cut(address, "/")
			return address
		}
	}
	t.Fatal("no link over HTTPS")
	return ""
}

// shownAt is the common name of the certificate for localhost.
func shownAt(t *testing.T, address string) string {
	t.Helper()
	dialer := tls.Dialer{Config: &tls.Config{ServerName: "localhost", InsecureSkipVerify: true}} //nolint:gosec // it is looked at
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName
}

func TestEveryoneWhoIsLoggedInSeesWhenCertificatesExpire(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	_, answer := setUpPage(t, s).do("GET", "certificates", nil)
	var list []gateway.Certificate
	if err := json.Unmarshal(answer, &list); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	if len(list) != 2 || list[0].Kind != gateway.CertificateOwn || list[0].DaysLeft != 823 || list[0].UsedBy[0] != gateway.PageListener ||
		list[1].Kind != gateway.CertificateCA || list[1].Subject != list[0].Issuer {
		t.Errorf("%+v", list)
	}
}
