package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/tidegate/programtest"
	"github.com/tidegate/tidegate/gateway"
)

// haproxyConfig sends what comes to one port on to another, with a PROXY header in the way of option.
const haproxyConfig = `
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen mqtt
  bind 127.0.0.1:%s
  server gateway 127.0.0.1:%s %s
`

// TestBehindHAProxyAClientKeepsItsAddress: versions 1 and 2 as a program that we did not write sends them, its health
// checks too.
func TestBehindHAProxyAClientKeepsItsAddress(t *testing.T) {
	t.Parallel()
	s := startService(t, newPlace(t))
	admin := setUpPage(t, s)
	for name, option := range map[string]string{"version 1": "send-proxy check", "version 2": "send-proxy-v2 check"} {
		t.Run(name, func(t *testing.T) {
			port, front, id := freePort(t), freePort(t), strings.ReplaceAll(name, " ", "")
			l := gateway.Listener{
				ID: id, Kind: gateway.ListenTCP, Address: "127.0.0.1:" + port, Anonymous: true,
				ProxyProtocol: true, TrustedProxies: []string{"127.0.0.1"},
			}
			if status, answer := admin.listen(l); status != http.StatusOK {
				t.Fatalf("%d %s", status, answer)
			}
			file := filepath.Join(s.dir, id+".cfg")
			if err := os.WriteFile(file, fmt.Appendf(nil, haproxyConfig, front, port, option), 0o600); err != nil {
				t.Fatal(err)
			}
			programtest.Start(t, nil, "/usr/sbin/haproxy", "-db", "-f", file)
			programtest.Eventually(t, 5*time.Second, "a message goes through", func() bool {
				_, err := mosquitto(t, "mosquitto_pub", "-p", front, "-t", "x", "-n")
				return err == nil
			})
			programtest.Start(t, nil, "mosquitto_sub", "-A", "127.0.0.9", "-p", front, "-t", "y", "-i", id)
			programtest.Eventually(t, 5*time.Second, "the client is there with its own address", func() bool {
				_, sessions := admin.do("GET", "sessions", nil)
				return strings.Contains(string(sessions), `"127.0.0.9"`) && strings.Contains(string(sessions), id)
			})
			if text, err := mosquitto(t, "mosquitto_pub", "-p", port, "-t", "x", "-n"); err == nil {
				t.Errorf("without a header, a client gets in: %s", text)
			}
		})
	}
}
